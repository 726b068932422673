import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "@/api/http";
import type { TaskBrief, TaskView } from "@/server/bank/model";
import { DraftSaver, AGAIN_AFTER_MS, SAVE_AFTER_MS } from "@/server/bank/saver";
import {
  allTags,
  folderTree,
  inOrder,
  isWithin,
  matching,
  shifted,
  stateOf,
  tidyFolder,
} from "@/server/bank/tree";

const task = (over: Partial<TaskBrief>): TaskBrief =>
  ({
    task_id: "t",
    folder: "",
    title: { "zh-CN": "题", en: "" },
    tags: { standard: "", knowledge: [], difficulty: "middle" },
    faults: 0,
    versions: 0,
    changed: true,
    ...over,
  }) as TaskBrief;
const titled = (zh: string, folder = ""): TaskBrief => task({ title: { "zh-CN": zh, en: "" }, folder });

describe("folders", () => {
  it("make a tree with those above them, counted with all below", () => {
    const tasks = [
      task({ folder: "省赛/听打" }),
      task({ folder: "省赛/听打" }),
      task({ folder: "省赛" }),
      task({}),
    ];
    expect(folderTree(tasks, ["备用"])).toEqual([
      { path: "备用", name: "备用", depth: 0, count: 0 },
      { path: "省赛", name: "省赛", depth: 0, count: 3 },
      { path: "省赛/听打", name: "听打", depth: 1, count: 2 },
    ]);
  });

  it("stand below their parents, also where another's name begins alike", () => {
    const paths = folderTree([task({ folder: "a" }), task({ folder: "a b" }), task({ folder: "a/z" })]);
    expect(paths.map(({ path }) => path)).toEqual(["a", "a/z", "a b"]);
    expect(isWithin("a b", "a")).toBe(false);
    expect([isWithin("a/z", "a"), isWithin("a", "a"), isWithin("x", "")]).toEqual([true, true, true]);
  });

  it("are tidied as the server takes them", () => {
    expect(tidyFolder(" 省赛 ／ 听打// ")).toBe("省赛/听打");
  });
});

describe("the list", () => {
  it("says how far a task is", () => {
    const of = (faults: number, versions: number, changed: boolean) => stateOf({ faults, versions, changed });
    expect([of(3, 0, true), of(0, 0, true), of(0, 2, false), of(0, 2, true), of(1, 2, true)]).toEqual([
      "faulty",
      "ready",
      "version",
      "changed",
      "changed",
    ]);
  });

  it("finds by words, tag, level, state and folder together", () => {
    const tags = { standard: "规程", knowledge: ["邮编"], difficulty: "hard" as const };
    const tasks = [
      task({ task_id: "a", folder: "x/y", title: { "zh-CN": "第一题", en: "One" }, tags }),
      task({ task_id: "b", folder: "x" }),
    ];
    const found = (over: object): string[] =>
      matching(tasks, { folder: "", words: "", tag: "", level: "", state: "", ...over }).map(
        (one) => one.task_id,
      );
    expect(found({})).toEqual(["a", "b"]);
    expect(found({ words: "one 邮编" })).toEqual(["a"]);
    expect(found({ words: "one 电话" })).toEqual([]);
    expect(found({ tag: "规程", level: "hard", state: "ready", folder: "x" })).toEqual(["a"]);
    expect(found({ folder: "x/y/z" })).toEqual([]);
    expect(allTags(tasks)).toHaveLength(2);
  });

  it("is chosen whole by folder and title, nine before ten", () => {
    const all = [titled("第 10 条"), titled("第 9 条"), titled("一", "a")];
    expect(inOrder(all).map(({ title }) => title["zh-CN"])).toEqual(["第 9 条", "第 10 条", "一"]);
  });

  it("moves one entry, never out of the list", () => {
    expect(shifted(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
    expect(shifted(["a", "b"], 1, 1)).toEqual(["a", "b"]);
    expect(shifted(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  });
});

describe("saving a draft", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const refusal = (code: string, retry = false) =>
    new ApiProblem({ code, status: retry ? 0 : 409, retry, detail: "" });
  function bench() {
    let text = "";
    let revision = 1;
    const sent: [string, number][] = [];
    const failing: ApiProblem[] = [];
    const took = vi.fn();
    const answer = async (): Promise<TaskView> => {
      await Promise.resolve();
      const problem = failing.shift();
      if (problem) throw problem;
      revision += 1;
      return { revision } as TaskView;
    };
    const saver = new DraftSaver<string>(1, {
      take: () => text,
      send: (change, seen) => {
        sent.push([change, seen]);
        return answer();
      },
      took,
    });
    const type = (next: string): void => {
      text = next;
      saver.touch();
    };
    return { saver, type, sent, failing, took, answer };
  }
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it("waits for a moment after the last key and then goes on from the new revision", async () => {
    const { saver, type, sent } = bench();
    type("a");
    await pass(SAVE_AFTER_MS - 1);
    type("ab");
    await pass(SAVE_AFTER_MS - 1);
    expect(sent).toEqual([]);
    await pass(1);
    type("abc");
    await pass(SAVE_AFTER_MS);
    expect(sent).toEqual([
      ["ab", 1],
      ["abc", 2],
    ]);
    expect([saver.state.value, saver.dirty]).toEqual(["saved", false]);
  });

  it("keeps what is typed while it saves", async () => {
    const { saver, type, sent } = bench();
    type("a");
    const going = saver.flush();
    await Promise.resolve();
    type("ab");
    await going;
    expect(saver.dirty).toBe(true);
    await pass(SAVE_AFTER_MS);
    expect(sent.at(-1)).toEqual(["ab", 2]);
  });

  it("tries again when the server is away", async () => {
    const { saver, type, sent, failing } = bench();
    failing.push(refusal("offline", true));
    type("a");
    await pass(SAVE_AFTER_MS);
    expect(saver.state.value).toBe("offline");
    await pass(AGAIN_AFTER_MS);
    expect([saver.state.value, sent.length]).toEqual(["saved", 2]);
  });

  it("waits for the next key after a refusal", async () => {
    const { saver, type, sent, failing } = bench();
    failing.push(refusal("invalid"));
    type("a");
    await pass(60_000);
    expect([saver.state.value, sent.length]).toEqual(["refused", 1]);
    type("b");
    await pass(SAVE_AFTER_MS);
    expect(saver.state.value).toBe("saved");
  });

  it("never saves again once it was overtaken, and stays with what was typed", async () => {
    const { saver, type, sent, failing, took } = bench();
    failing.push(refusal("overtaken"));
    type("a");
    await pass(SAVE_AFTER_MS);
    type("ab");
    await pass(60_000);
    await saver.flush();
    expect([saver.state.value, saver.dirty, sent.length]).toEqual(["overtaken", true, 1]);
    expect(took).not.toHaveBeenCalled();
  });

  it("saves before an act, acts on that revision, and saves nothing meanwhile", async () => {
    const { saver, type, sent, answer } = bench();
    type("a");
    const seen: number[] = [];
    const act = saver.act(async (revision) => {
      seen.push(revision);
      type("ab");
      await new Promise((done) => setTimeout(done, 15_000));
      return answer();
    });
    await pass(14_000);
    expect([saver.busy.value, sent.length]).toEqual([true, 1]);
    await pass(1_000);
    await act;
    await pass(SAVE_AFTER_MS);
    expect(seen).toEqual([2]);
    expect(sent.at(-1)).toEqual(["ab", 3]);
  });

  it("does no act on a draft that can't be saved first", async () => {
    const { saver, type, failing } = bench();
    failing.push(refusal("invalid"));
    type("a");
    const work = vi.fn();
    await expect(saver.act(work)).rejects.toThrow("invalid");
    expect(work).not.toHaveBeenCalled();
  });

  it("sends nothing after the page was left", async () => {
    const { saver, type, sent } = bench();
    type("a");
    saver.close();
    await pass(60_000);
    expect(sent).toEqual([]);
  });
});
