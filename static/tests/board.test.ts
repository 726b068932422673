import { mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { computed, nextTick, ref } from "vue";
import BoardCells from "@/agents/board/BoardCells.vue";
import { useShown } from "@/agents/board/hall";
import { BoardLink, type LinkState } from "@/agents/board/link";
import { useSelection } from "@/agents/board/selection";
import {
  ageMs,
  BoardStore,
  commonEnd,
  endUnseen,
  handsUp,
  isOld,
  leftMs,
  noFilter,
  passes,
  stateOf,
  troubled,
  type BoardFrame,
  type BoardRow,
} from "@/agents/board/store";
import { ago } from "@/agents/board/words";
import { i18n, loadMessages } from "@/i18n";

await loadMessages("board");

const row = (key: string, more: Partial<BoardRow> = {}): BoardRow => ({
  key,
  label: `A-${key}`,
  room: "A",
  spare: false,
  ticket_number: `10${key}`,
  name: null,
  attempt_id: `at-${key}`,
  stage_id: "s",
  phase: "running",
  delayed: false,
  close_cause: null,
  done: 1,
  total: 4,
  limit_ms: 600_000,
  stage_ms: 60_000,
  ends_ms: 1_000_000,
  saved_ms: 400_000,
  online: true,
  bound: true,
  seen_ms: 500_000,
  offset_ms: 0,
  rtt_ms: 3,
  queued: 0,
  end_seen: true,
  help_since_ms: null,
  help_by: null,
  unread: 0,
  device: "untested",
  device_faults: [],
  troubles: [],
  voice: null,
  unsent_ms: null,
  ...more,
});
const picture = (...rows: BoardRow[]): BoardFrame => ({
  type: "picture",
  at_ms: 500_000,
  revision: 7,
  stage_id: "s",
  cost_ms: 1,
  rows,
});
const changes = (...rows: BoardRow[]): BoardFrame => ({
  type: "changes",
  at_ms: 500_500,
  revision: 8,
  cost_ms: 1,
  rows,
});
const keysOf = (rows: readonly BoardRow[]): string[] => rows.map((one) => one.key);

describe("the board's store", () => {
  it("takes a picture and then only what changes", () => {
    const store = new BoardStore();
    store.take(picture(row("02"), row("01"), row("10")));
    expect(keysOf(store.rows.value)).toEqual(["01", "02", "10"]);
    const before = store.cells.value.get("01")!;
    const untouched = store.cells.value.get("02")!.row.value;

    store.take(changes(row("01", { done: 3 })));
    expect(store.cells.value.get("01")).toBe(before);
    expect(before.row.value.done).toBe(3);
    expect(store.cells.value.get("02")!.row.value).toBe(untouched);
    expect(store.rows.value[0]!.done).toBe(3);
    expect([store.atMs.value, store.revision.value]).toEqual([500_500, 8]);
  });

  it("leaves the rows alone when only the time goes on", () => {
    const store = new BoardStore();
    store.take(picture(row("01")));
    const rows = store.rows.value;
    store.take(changes());
    expect(store.rows.value).toBe(rows);
    expect(store.atMs.value).toBe(500_500);
  });

  it("adds rows that come later, and forgets those that a new picture has not", () => {
    const store = new BoardStore();
    store.take(picture(row("01"), row("03")));
    store.take(changes(row("02")));
    expect(keysOf(store.rows.value)).toEqual(["01", "02", "03"]);
    store.take(picture(row("02")));
    expect(keysOf(store.rows.value)).toEqual(["02"]);
    expect(store.cells.value.has("01")).toBe(false);
  });

  it("puts those without a place last", () => {
    const store = new BoardStore();
    store.take(picture(row("x", { room: "", label: "—" }), row("1", { room: "B", label: "B-2" }), row("2")));
    expect(keysOf(store.rows.value)).toEqual(["2", "1", "x"]);
  });
});

describe("what the board says", () => {
  it("is old after three seconds, or while nothing has come", () => {
    expect(isOld(ageMs(503_000, 500_000))).toBe(false);
    expect(isOld(ageMs(503_001, 500_000))).toBe(true);
    expect(isOld(ageMs(503_001, undefined))).toBe(true);
    expect(ageMs(499_000, 500_000)).toBe(0);
  });

  it("sorts troubles by the worst, then by who waits longest", () => {
    const rows = [
      row("clock", { troubles: ["clock"] }),
      row("late", { troubles: ["offline"], seen_ms: 400_000 }),
      row("later", { troubles: ["offline", "unsaved"], seen_ms: 450_000 }),
      row("fine"),
      row("help2", { troubles: ["help"], help_since_ms: 480_000 }),
      row("help1", { troubles: ["help", "offline"], help_since_ms: 470_000 }),
      row("never", { troubles: ["never_came"], seen_ms: null }),
    ];
    expect(keysOf(troubled(rows))).toEqual(["help1", "help2", "late", "later", "clock", "never"]);
    expect(keysOf(handsUp(rows))).toEqual(["help1", "help2"]);
  });

  it("lists who has not acknowledged a new end, also those who have not been heard of since", () => {
    const rows = [
      row("seen"),
      row("unseen", { end_seen: false }),
      row("closed", { phase: "closed", end_seen: false }),
      row("gone", { online: false, seen_ms: 300_000 }),
      row("elsewhere", { online: false, seen_ms: 300_000, room: "B" }),
    ];
    expect(keysOf(endUnseen(rows))).toEqual(["unseen"]);
    const changed = { atMs: 400_000, for: (one: BoardRow) => one.room === "A" };
    expect(keysOf(endUnseen(rows, changed))).toEqual(["unseen", "gone"]);
  });

  it("names states, also of places without an attempt", () => {
    const none = { attempt_id: null, phase: null, ticket_number: null } as const;
    expect(stateOf(row("1", { ...none, spare: true }))).toBe("spare");
    expect(stateOf(row("1", none))).toBe("free");
    expect(stateOf(row("1", { ...none, ticket_number: "7" }))).toBe("not_open");
    expect(stateOf(row("1", { phase: "armed", delayed: true }))).toBe("delayed");
    expect(stateOf(row("1", { phase: "running", delayed: true }))).toBe("running");
  });

  it("knows what is left, and the end that most have", () => {
    expect(leftMs(row("1"), 990_000)).toBe(10_000);
    expect(leftMs(row("1"), 1_990_000)).toBe(0);
    expect(leftMs(row("1", { phase: "paused", ends_ms: null }), 0)).toBe(540_000);
    expect(leftMs(row("1", { phase: "closed" }), 0)).toBeNull();
    expect(commonEnd([row("1"), row("2"), row("3", { ends_ms: 1_100_000 })])).toBe(1_000_000);
    expect(commonEnd([])).toBeUndefined();
  });

  it("filters by room, state, trouble and words", () => {
    const one = row("05", { name: "Li" });
    expect(passes(one, { ...noFilter(), room: "B" })).toBe(false);
    expect(passes(one, { ...noFilter(), state: "paused" })).toBe(false);
    expect(passes(one, { ...noFilter(), troubledOnly: true })).toBe(false);
    expect(passes(one, { ...noFilter(), device: "untested" })).toBe(true);
    expect(passes(one, { ...noFilter(), device: "faulty" })).toBe(false);
    for (const text of ["a-05", "1005", "li", " "]) expect(passes(one, { ...noFilter(), text })).toBe(true);
    expect(passes(one, { ...noFilter(), text: "zzz" })).toBe(false);
  });

  it("says ages in words that change seldom", () => {
    expect(ago(12_000)).toBe(ago(14_900));
    expect(ago(14_900)).not.toBe(ago(15_100));
  });
});

describe("the lists of the board", () => {
  it("stay the same object while the same places are shown", () => {
    const rows = ref<readonly BoardRow[]>([row("01"), row("02", { room: "B" })]);
    const { rooms, keys } = useShown(rows, ref(noFilter()));
    const before = rooms.value;
    rows.value = [row("01", { done: 4 }), row("02", { room: "B" })];
    expect(rooms.value).toBe(before);
    expect(keys.value).toEqual(["01", "02"]);
    rows.value = [row("01")];
    expect(rooms.value).toEqual([{ room: "A", keys: ["01"] }]);
  });

  it("choose by click, by reach and by keyboard", async () => {
    const store = new BoardStore();
    store.take(picture(row("01"), row("02"), row("03"), row("04")));
    const keys = ref(["01", "02", "03", "04"]);
    const selection = useSelection(computed(() => keys.value));
    const wrapper = mount(BoardCells, {
      props: {
        cells: store.cells.value,
        rooms: [{ room: "A", keys: keys.value }],
        selection,
        choosing: false,
      },
      global: { plugins: [i18n] },
      attachTo: document.body,
    });
    const cell = (key: string) => wrapper.get(`[data-key="${key}"]`);

    await cell("02").trigger("click");
    expect(wrapper.emitted("open")).toEqual([["02"]]);
    await cell("02").trigger("click", { ctrlKey: true });
    await cell("04").trigger("click", { shiftKey: true });
    expect([...selection.chosen.value]).toEqual(["02", "03", "04"]);
    expect(cell("03").attributes("aria-pressed")).toBe("true");

    selection.none();
    selection.go("01");
    await cell("01").trigger("keydown", { key: "ArrowRight", shiftKey: true });
    expect([...selection.chosen.value].sort()).toEqual(["01", "02"]);
    await cell("02").trigger("keydown", { key: " " });
    expect([...selection.chosen.value]).toEqual(["01"]);
    await cell("02").trigger("keydown", { key: "a", ctrlKey: true });
    expect(selection.chosen.value.size).toBe(4);
    expect(wrapper.findAll('[tabindex="0"]')).toHaveLength(1);

    store.take(changes(row("03", { troubles: ["offline"] })));
    await nextTick();
    expect(cell("03").classes()).toContain("danger");
    wrapper.unmount();
  });
});

class FakeSocket {
  static all: FakeSocket[] = [];
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number }) => void;
  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }
  close(): void {}
}

describe("the board's line", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("WebSocket", FakeSocket);
    FakeSocket.all = [];
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("says when it is cut, tries again, and takes silence for a cut", () => {
    const states: LinkState[] = [];
    const frames: BoardFrame[] = [];
    const link = new BoardLink(
      (frame) => frames.push(frame),
      (state) => states.push(state),
    );
    link.open("c1", "s1");
    expect(FakeSocket.all[0]!.url).toContain("/ws/board?contest=c1&stage=s1");
    FakeSocket.all[0]!.onmessage!({ data: JSON.stringify(picture(row("01"))) });
    expect(frames).toHaveLength(1);

    FakeSocket.all[0]!.onclose!({ code: 1006 });
    expect(states).toEqual(["connecting", "live", "cut"]);
    vi.advanceTimersByTime(400);
    expect(FakeSocket.all).toHaveLength(2);
    FakeSocket.all[1]!.onmessage!({ data: JSON.stringify(changes()) });
    vi.advanceTimersByTime(4_100);
    expect(states.slice(-2)).toEqual(["live", "cut"]);
    link.close();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all.length).toBeLessThanOrEqual(3);
  });

  it("tries no more once it has been refused", () => {
    const states: LinkState[] = [];
    new BoardLink(
      () => undefined,
      (state) => states.push(state),
    ).open("c1", undefined);
    FakeSocket.all[0]!.onclose!({ code: 4404 });
    vi.advanceTimersByTime(60_000);
    expect(states).toEqual(["connecting", "refused"]);
    expect(FakeSocket.all).toHaveLength(1);
  });
});
