import { flushPromises, mount } from "@vue/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import OrderDialog from "@/agents/board/OrderDialog.vue";
import {
  draftOf,
  endChangeOf,
  fits,
  lacks,
  mayReachNone,
  Ordering,
  requestOf,
  stageToShow,
  type Act,
  type Desk,
} from "@/agents/board/orders";
import type { BoardRow } from "@/agents/board/store";
import { problemFrom } from "@/api/problem";
import type { StageView } from "@/api/types";
import { i18n, loadMessages } from "@/i18n";
import { actWords, detailWords } from "@/server/console/acts";
import type { OrderRequest, OrderView } from "@/server/console/api";
import { fromField, toField } from "@/server/console/local";
import { sorted, turned, type Column } from "@/ui/table";
import { problem } from "./support";

await loadMessages("board", "console");

const text = (zh: string) => ({ "zh-CN": zh, en: "" });
const stage = (more: Partial<StageView> = {}): StageView => ({
  stage_id: "s1",
  position: 0,
  module: "typing_test",
  module_title: text("m"),
  title: text("one"),
  paper_id: "p",
  phase: "running",
  planned_ms: null,
  duration_ms: 600_000,
  starts_ms: null,
  armed_ms: 1,
  started_ms: 2,
  closed_ms: null,
  ...more,
});
const order = (request: Partial<OrderRequest>, more: Partial<OrderView> = {}): OrderView => ({
  order_id: "o1",
  seen: 7,
  warnings: [],
  contest_id: "c1",
  stage_id: "s1",
  stage_title: text("one"),
  request: { act: "grant", rooms: [], keys: [], at_ms: null, ms: 60_000, reason: "r", seen: 1, ...request },
  status: "done",
  affected: 3,
  proposed_by: "x",
  proposed_by_me: true,
  proposed_ms: 1,
  confirmed_by: null,
  settled_ms: 100,
  ...more,
});
const at = (phase: BoardRow["phase"], ticket_number: string | null = "7"): BoardRow =>
  ({ phase, ticket_number, room: "A", key: "k" }) as BoardRow;
const overtaken = problemFrom(problem("overtaken", 409), 409);

describe("orders", () => {
  it("fit the phase of the stage", () => {
    const fitting = (phase: StageView["phase"], rows: BoardRow[]): Act[] =>
      (["arm", "start", "unschedule", "pause", "resume", "grant", "hand_in", "close"] as Act[]).filter(
        (act) => fits(act, { phase }, rows),
      );
    expect(fitting("not_open", [])).toEqual(["arm"]);
    expect(fitting("armed", [at("armed")])).toEqual(["start", "close"]);
    expect(fitting("scheduled", [at("armed")])).toEqual(["start", "unschedule"]);
    expect(fitting("running", [at("running")])).toEqual(["pause", "grant", "hand_in", "close"]);
    expect(fitting("running", [at("paused")])).toEqual(["resume", "grant", "hand_in", "close"]);
    expect(fitting("closed", [at("closed")])).toEqual([]);
    // Late ones, in a stage that runs.
    expect(fits("arm", { phase: "running" }, [at(null)])).toBe(true);
    expect(fits("arm", { phase: "running" }, [at(null, null)])).toBe(false);
    expect(fits("start", { phase: "running" }, [at("armed")])).toBe(true);
  });

  it("ask for what they lack", () => {
    const draft = draftOf("grant", []);
    expect(draft.scope).toBe("all");
    expect(lacks(draft)).toBe("reason");
    expect(lacks({ ...draft, reason: " " })).toBe("reason");
    expect(lacks({ ...draft, minutes: 0 })).toBe("minutes");
    expect(lacks({ ...draft, scope: "rooms" })).toBe("rooms");
    expect(lacks({ ...draft, reason: "power" })).toBeUndefined();
    expect(lacks(draftOf("pause", ["k"]))).toBeUndefined();
  });

  it("are for what is selected, unless they are for the whole stage", () => {
    expect(draftOf("pause", ["k"]).scope).toBe("keys");
    expect(draftOf("close", ["k"]).scope).toBe("all");
    expect(mayReachNone(draftOf("close", []))).toBe(true);
    expect(mayReachNone(draftOf("hand_in", []))).toBe(false);
  });

  it("go out with their scope, time and the revision seen", () => {
    const draft = { ...draftOf("grant", ["k"]), minutes: 1.5, reason: " power " };
    expect(requestOf(draft, 9, null)).toEqual({
      act: "grant",
      rooms: [],
      keys: ["k"],
      at_ms: null,
      ms: 90_000,
      reason: "power",
      seen: 9,
    });
    const start = draftOf("start", [], { planned_ms: 5_000 });
    expect(requestOf(start, 9, 5_000)).toMatchObject({ at_ms: 5_000, ms: null });
    expect(draftOf("start", [], { planned_ms: 5_000 }, 6_000).planned).toBe(false);
    expect(requestOf({ ...start, planned: false }, 9, 5_000).at_ms).toBeNull();
  });

  it("remember the last change of ends, and for whom it was", () => {
    const orders = [
      order({}, { settled_ms: 50 }),
      order({ rooms: ["A"] }, { settled_ms: 90 }),
      order({ act: "pause" }, { settled_ms: 99 }),
      order({}, { settled_ms: null, status: "pending" }),
      order({}, { settled_ms: 99, stage_id: "s2" }),
    ];
    const change = endChangeOf(orders, "s1")!;
    expect(change.atMs).toBe(90);
    expect(change.for({ room: "A", key: "k" } as BoardRow)).toBe(true);
    expect(change.for({ room: "B", key: "k" } as BoardRow)).toBe(false);
    expect(endChangeOf([], "s1")).toBeUndefined();
  });

  it("show the stage at work, else the next, else the last", () => {
    const closed = stage({ stage_id: "a", phase: "closed" });
    const next = stage({ stage_id: "b", phase: "not_open" });
    const running = stage({ stage_id: "c" });
    expect(stageToShow({ stages: [closed, next, running] })?.stage_id).toBe("c");
    expect(stageToShow({ stages: [closed, next] })?.stage_id).toBe("b");
    expect(stageToShow({ stages: [closed] })?.stage_id).toBe("a");
    expect(stageToShow({ stages: [] })).toBeUndefined();
  });
});

function deskOf(): { desk: Desk; revision: number } & { given: OrderRequest[]; previewed: OrderRequest[] } {
  const state: ReturnType<typeof deskOf> = {
    revision: 5,
    given: [] as OrderRequest[],
    previewed: [] as OrderRequest[],
    desk: {
      revision: () => state.revision,
      preview: vi.fn(async (request: OrderRequest) => {
        state.previewed.push(request);
        return { affected: 3, needs_confirmation: false, warnings: [] };
      }),
      give: vi.fn(async (request: OrderRequest) => {
        state.given.push(request);
        return order(request);
      }),
      renew: vi.fn(async () => state.revision),
    },
  };
  return state;
}

describe("ordering", () => {
  it("orders on the picture that was previewed, not on a later one", async () => {
    const state = deskOf();
    const ordering = new Ordering(state.desk, null);
    await expect(ordering.give(draftOf("pause", []))).rejects.toThrow();
    await ordering.preview(draftOf("pause", []));
    state.revision = 6;
    await ordering.give(draftOf("pause", []));
    expect(state.given[0]!.seen).toBe(5);
  });

  it("does nothing when it was overtaken, and wants a new preview", async () => {
    const state = deskOf();
    const ordering = new Ordering(state.desk, null);
    await ordering.preview(draftOf("pause", []));
    vi.mocked(state.desk.give).mockRejectedValueOnce(overtaken);
    expect(await ordering.give(draftOf("pause", []))).toBe("overtaken");
    expect(state.desk.renew).toHaveBeenCalledOnce();
    expect(ordering.ready).toBe(false);
  });

  it("drops the answer to an older question", async () => {
    const state = deskOf();
    const ordering = new Ordering(state.desk, null);
    const [first, second] = await Promise.all([
      ordering.preview(draftOf("pause", ["a"])),
      ordering.preview(draftOf("pause", ["a", "b"])),
    ]);
    expect(first).toBeUndefined();
    expect(second?.affected).toBe(3);
  });
});

describe("the order dialog", () => {
  beforeEach(() => {
    HTMLDialogElement.prototype.showModal ??= () => undefined;
  });

  function open(act: Act, more: Partial<StageView> = {}) {
    const state = deskOf();
    const wrapper = mount(OrderDialog, {
      props: {
        act,
        stage: stage(more),
        rooms: ["A", "B"],
        selected: [],
        names: [],
        desk: state.desk,
        now: 0,
      },
      global: { plugins: [i18n] },
      attachTo: document.body,
    });
    const go = () => wrapper.findAll("button.btn").at(-1)!;
    return { state, wrapper, go };
  }

  it("shows whom it reaches, and waits for the reason", async () => {
    const { state, wrapper, go } = open("grant");
    await flushPromises();
    expect(wrapper.text()).toContain(i18n.global.t("board.affected", { n: 3 }));
    expect(go().attributes("disabled")).toBeDefined();
    await wrapper.get("input[maxlength='500']").setValue("power");
    await go().trigger("click");
    await flushPromises();
    expect(state.given[0]).toMatchObject({ act: "grant", ms: 300_000, reason: "power", seen: 5 });
    expect(wrapper.emitted("given")).toHaveLength(1);
    wrapper.unmount();
  });

  it("says that it was overtaken and previews anew before it may be given again", async () => {
    const { state, wrapper, go } = open("hand_in");
    await flushPromises();
    vi.mocked(state.desk.give).mockRejectedValueOnce(overtaken);
    state.revision = 8;
    await go().trigger("click");
    await flushPromises();
    expect(wrapper.text()).toContain(i18n.global.t("board.overtaken"));
    expect(wrapper.emitted("given")).toBeUndefined();
    expect(state.previewed.map((request) => request.seen)).toEqual([5, 8]);
    await go().trigger("click");
    await flushPromises();
    expect(state.given[0]!.seen).toBe(8);
    wrapper.unmount();
  });

  it("can't be given when it would reach nobody", async () => {
    const { state, wrapper, go } = open("pause");
    vi.mocked(state.desk.preview).mockResolvedValue({ affected: 0, needs_confirmation: false, warnings: [] });
    await wrapper.findAll("input[type='radio']")[1]!.setValue(true);
    expect(go().attributes("disabled")).toBeDefined();
    await wrapper.findAll("input[type='checkbox']")[0]!.setValue(true);
    await new Promise((done) => setTimeout(done, 300));
    await flushPromises();
    expect(wrapper.text()).toContain(i18n.global.t("board.affected", { n: 0 }));
    expect(go().attributes("disabled")).toBeDefined();
    wrapper.unmount();
  });
});

describe("tables and fields", () => {
  it("sort numbers as numbers, and what is missing last", () => {
    const columns: Column<{ a: string | null }>[] = [{ key: "a", title: "", value: (one) => one.a }];
    const rows = [{ a: "A-10" }, { a: null }, { a: "A-2" }];
    expect(sorted(rows, columns, { key: "a", down: false }).map((one) => one.a)).toEqual([
      "A-2",
      "A-10",
      null,
    ]);
    expect(sorted(rows, columns, { key: "a", down: true }).map((one) => one.a)).toEqual([
      "A-10",
      "A-2",
      null,
    ]);
    expect(turned("a", { key: "a", down: false })).toEqual({ key: "a", down: true });
    expect(turned("b", { key: "a", down: false })).toEqual({ key: "b", down: false });
  });

  it("turn local time into server time and back", () => {
    const ms = new Date(2026, 10, 22, 9, 5).getTime();
    expect(toField(ms)).toBe("2026-11-22T09:05");
    expect(fromField(toField(ms))).toBe(ms);
    expect(fromField("")).toBeNull();
  });

  it("say acts in words, and leave ids out", () => {
    expect(actWords("stage.grant")).not.toBe("stage.grant");
    expect(actWords("some.thing")).toBe("some.thing");
    const words = detailWords({
      reason: "power",
      ms: 60_000,
      stage: "01J0000000000000000000000A",
      rooms: [],
    });
    expect(words).toContain("power");
    expect(words).not.toContain("01J0");
  });
});
