import { mount } from "@vue/test-utils";
import { beforeAll, describe, expect, it } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";
import { i18n, loadMessages } from "@/i18n";
import KeyTable from "@/server/results/KeyTable.vue";
import ProjectorView from "@/server/results/ProjectorView.vue";
import WorksTable from "@/server/results/WorksTable.vue";
import {
  answersOf,
  bodyOf,
  changesOf,
  difference,
  doneChanges,
  foundLines,
} from "@/server/results/corrections";
import type { StageResults, WorkView } from "@/server/results/model";
import {
  figure,
  found,
  histogram,
  mean,
  median,
  ranked,
  summarise,
  unsettled,
} from "@/server/results/statistics";
import Histogram from "@/ui/Histogram.vue";

const work = (over: Partial<WorkView> = {}): WorkView => ({
  work_code: "A1",
  name: null,
  number: null,
  attempt_id: null,
  phase: "closed",
  close_cause: "handed_in",
  net_ms: null,
  progress: { done: 1, total: 2 },
  late_count: 0,
  marks: "5.00",
  max_marks: "10.00",
  revision: 1,
  failed: false,
  ...over,
});

const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: "/:rest(.*)*", component: { template: "<i/>" } }],
});
const global = { plugins: [i18n, router] };

beforeAll(async () => loadMessages("pages", "results"));

describe("figures of a stage", () => {
  it("are of works with marks only", () => {
    const works = [
      work({ marks: "9.5" }),
      work({ marks: "4.25" }),
      work({ marks: null, phase: "running", close_cause: null }),
      work({ marks: null, failed: true }),
      work({ marks: "0", max_marks: "0" }),
    ];
    expect(summarise(works)).toEqual({
      works: 5,
      scored: 2,
      open: 1,
      failed: 1,
      mean: 6.875,
      median: 6.875,
      best: 9.5,
      max: 10,
    });
  });

  it("say nothing where there is nothing", () => {
    expect(summarise([])).toMatchObject({ works: 0, mean: null, median: null, best: null, max: null });
    expect(figure(null)).toBe("—");
  });

  it("are exact in decimals", () => {
    expect(mean([0.1, 0.2, 0.3])).toBe(0.2);
    expect(median([3, 1, 2])).toBe(2);
    expect(median([1, 2])).toBe(1.5);
    expect(figure(2 / 3)).toBe("0.67");
    expect(figure(80)).toBe("80");
  });

  it("know whether anything is still to come", () => {
    expect(unsettled([work(), work({ marks: null, failed: true })])).toBe(false);
    expect(unsettled([work({ marks: null })])).toBe(true);
    expect(unsettled([work({ phase: "paused" })])).toBe(true);
  });
});

describe("histogram", () => {
  it("puts a border into the part above it, and full marks into the last", () => {
    const bins = histogram([0, 0.99, 1, 9.99, 10], 10);
    expect(bins.map((bin) => bin.count)).toEqual([2, 1, 0, 0, 0, 0, 0, 0, 0, 2]);
    expect(bins[0]).toEqual({ from: 0, to: 1, count: 2 });
  });

  it("does not trip over binary fractions", () => {
    // 0.3 / 1 * 10 is 2.9999… in floating point.
    expect(histogram([0.3], 1).findIndex((bin) => bin.count)).toBe(3);
    expect(histogram([17.5], 25).map((bin) => bin.to)).toEqual([
      2.5, 5, 7.5, 10, 12.5, 15, 17.5, 20, 22.5, 25,
    ]);
  });

  it("can be read without being seen", () => {
    const bins = histogram([1, 2, 2], 10);
    const shown = mount(Histogram, { props: { bins, label: "L", rangeTitle: "R", countTitle: "C" } });
    expect(shown.findAll("tbody tr").map((row) => row.text())[2]).toBe("2–32");
    expect(shown.find("svg").attributes("aria-hidden")).toBe("true");
    expect(shown.find("caption").text()).toBe("L");
  });
});

describe("ranks", () => {
  it("follow the server's order among equal marks, which it made of times it may not tell", () => {
    const works = [work({ work_code: "B" }), work({ work_code: "A" }), work({ work_code: "C", marks: "9" })];
    expect(ranked(works).map((row) => [row.work.work_code, row.rank])).toEqual([
      ["C", 1],
      ["B", 2],
      ["A", 3],
    ]);
  });

  it("are shared by works equal in marks and time; works without marks have none", () => {
    const works = [
      work({ marks: null, work_code: "none" }),
      work({ net_ms: 60_000 }),
      work({ net_ms: 60_000 }),
      work({ net_ms: 61_000 }),
      work({ marks: "1" }),
    ];
    expect(ranked(works).map((row) => row.rank)).toEqual([1, 1, 3, 4, null]);
  });

  it("stay as they are when somebody searches", () => {
    const rows = ranked([work({ marks: "9" }), work({ work_code: "X7", name: "王小明", number: "0012" })]);
    expect(found(rows, " 小明 ").map((row) => row.rank)).toEqual([2]);
    expect(found(rows, "x7").map((row) => row.rank)).toEqual([2]);
    expect(found(rows, "012").map((row) => row.rank)).toEqual([2]);
    expect(found(rows, "")).toHaveLength(2);
  });
});

describe("the table", () => {
  const render = (works: WorkView[], blind: boolean) =>
    mount(WorksTable, { props: { rows: ranked(works), blind, to: (code) => `/w/${code}` }, global });

  it("shows no name, number, time or way to the author in a blind contest", () => {
    const text = render([work({ name: "王小明", number: "0012", net_ms: 61_000 })], true);
    expect(text.text()).not.toMatch(/王小明|0012|1:01|01:01/);
    expect(text.text()).toContain("A1");
    expect(text.findAll("tbody a").map((link) => link.attributes("href"))).toEqual(["/w/A1"]);
  });

  it("flags works that can't be scored, and opens none that nobody has begun", () => {
    const table = render(
      [work({ marks: null, failed: true }), work({ work_code: "N", phase: "armed" })],
      true,
    );
    expect(table.find(".tag.danger").exists()).toBe(true);
    expect(table.findAll("tbody a")).toHaveLength(1);
  });

  it("leads to the events of a lesson's work", () => {
    const table = render([work({ name: "王小明", number: "1", attempt_id: "01A" })], false);
    expect(table.findAll("tbody a").map((link) => link.attributes("href"))).toEqual([
      "/result/01A?tab=events",
      "/w/A1",
    ]);
  });
});

describe("projector", () => {
  const text = { "zh-CN": "x", en: "" };
  const results = (blind: boolean): StageResults => ({
    contest_id: "c",
    contest_title: text,
    stage_id: "s",
    stage_title: text,
    module: "typing_test",
    blind,
    works: [work({ name: "王小明", number: "0012" })],
  });
  const show = (blind: boolean) =>
    mount(ProjectorView, { props: { results: results(blind), title: "t", subtitle: "s" }, global });

  it("keeps names to itself until the trainer ticks them", async () => {
    const wall = show(false);
    expect(wall.text()).not.toContain("王小明");
    await wall.find("input[type=checkbox]").setValue(true);
    expect(wall.text()).toContain("王小明");
  });

  it("offers none in a blind contest", () => {
    expect(show(true).find("input[type=checkbox]").exists()).toBe(false);
  });
});

describe("corrections of a key", () => {
  const title = { "zh-CN": "第 1 条 姓名", en: "" };
  const lines = [
    { path: "d1/name", title, accepted: ["黄如新"] },
    { path: "d2/name", title: { "zh-CN": "第 2 条 姓名", en: "" }, accepted: ["李四", "李肆"] },
  ];

  it("read one answer a line", () => {
    expect(answersOf(" 黄如新 \r\n\n黄茹新\n黄如新")).toEqual(["黄如新", "黄茹新"]);
    expect(answersOf(" \n")).toEqual([]);
  });

  it("hold only what differs, in the key's order", () => {
    const drafts = { "d2/name": "李肆\n李四", "d1/name": "黄如新\n", gone: "x" };
    const changes = changesOf(lines, drafts);
    expect(changes.map((change) => change.path)).toEqual(["d2/name"]);
    expect(changes[0]).toMatchObject({ newAnswer: true, added: [], removed: [], empty: false });
    expect(bodyOf(changes)).toEqual({ "d2/name": ["李肆", "李四"] });
  });

  it("name what came and went, and see an emptied line", () => {
    const [change] = changesOf(lines, { "d1/name": "黄茹新" });
    expect(change).toMatchObject({
      before: ["黄如新"],
      added: ["黄茹新"],
      removed: ["黄如新"],
      newAnswer: true,
    });
    expect(changesOf(lines, { "d1/name": "" })[0]!.empty).toBe(true);
  });

  it("tell of an earlier one by its own lines", () => {
    const after = [{ ...lines[0]!, accepted: ["黄如新", "黄茹新"] }];
    expect(doneChanges(after, lines)[0]).toMatchObject({ added: ["黄茹新"], newAnswer: false });
  });

  it("are found by task and by answer", () => {
    const find = (word: string) => foundLines(lines, word, (line) => line.title["zh-CN"]).length;
    expect([find("第 2"), find("黄如"), find("D1/"), find("nobody"), find(" ")]).toEqual([1, 1, 1, 0, 2]);
  });

  it("show by how much marks changed", () => {
    expect([difference("9.40", "10.00"), difference("10", "9.7"), difference("5", "5.00")]).toEqual([
      "+0.6",
      "−0.3",
      "0",
    ]);
  });

  it("begin in a box with the answers that hold, and can be undone", async () => {
    const table = mount(KeyTable, {
      props: {
        lines,
        changed: new Set<string>(),
        drafts: {},
        "onUpdate:drafts": (drafts: Record<string, string>) => table.setProps({ drafts }),
      },
      global,
    });
    await table.findAll("button")[1]!.trigger("click");
    expect(table.find("textarea").element.value).toBe("李四\n李肆");
    await table.find("textarea").setValue("李四");
    expect(table.props("drafts")).toEqual({ "d2/name": "李四" });
    await table.findAll("button")[1]!.trigger("click");
    expect(table.props("drafts")).toEqual({});
  });
});
