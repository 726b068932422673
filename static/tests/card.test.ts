import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Draft, DraftStore, Entry } from "@/api/store";
import { problem } from "./support";
import { Card } from "@/typing_test/card";
import type { SaveField, SeatContent, SeatState } from "@/typing_test/model";

const text = (zh: string) => ({ "zh-CN": zh, en: "" });
const content: SeatContent = {
  title: text("t"),
  instructions: text("i"),
  fields: ["name", "email"].map((key) => ({
    key,
    label: text(key),
    kind: "text" as const,
    max_length: 40,
    case_sensitive: true,
  })),
  items: [
    { id: "d1", title: text("1"), scored: true, audio_sha256: "0", media_type: "audio/ogg", duration_ms: 1 },
  ],
  player: { max_plays: null, seek: "free", back_step_ms: 3000 },
  paste_allowed: false,
};
const state = (name: string, rev: number): SeatState => ({
  texts: rev ? { d1: { name: { text: name, rev } } } : {},
  players: {},
  current: "d1",
});

function setUp(waiting: Entry[] = [], shown: Record<string, string> = {}) {
  const sent: { command: SaveField; stamp: number | undefined }[] = [];
  const drafts: Draft[] = [];
  const removed: Draft[] = [];
  const store: DraftStore = {
    load: () => Promise.resolve(drafts),
    put: (draft) => Promise.resolve(void drafts.push(draft)),
    remove: (draft) => Promise.resolve(void removed.push(draft)),
  };
  const card = new Card(content, {
    attemptId: "a1",
    send: (command, stamp) => sent.push({ command, stamp }),
    waiting: () => waiting,
    drafts: store,
    shown: (part) => shown[part],
    dirty: () => undefined,
  });
  return { card, sent, drafts, removed };
}

const entry = (text: string, rev: number): Entry => ({
  id: "x",
  attemptId: "a1",
  n: 1,
  stampMs: 0,
  command: {
    type: "typing_test.save_field",
    item: "d1",
    field: "name",
    text,
    rev,
    composing: false,
    largest_insert: 0,
  },
});
const PART = "d1/name";

describe("Card", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("saves at most 2 s after typing, also while composing, with rising revisions", () => {
    const { card, sent, drafts } = setUp();
    card.merge(state("", 0));
    card.input(PART, "w", true);
    vi.advanceTimersByTime(1_000);
    card.input(PART, "wa", true);
    vi.advanceTimersByTime(600);
    expect(sent.map(({ command }) => command)).toMatchObject([{ text: "wa", rev: 1, composing: true }]);
    card.composed(PART, "王", 1);
    vi.advanceTimersByTime(2_000);
    expect(sent.at(-1)!.command).toMatchObject({ text: "王", rev: 2, composing: false });
    expect(drafts.at(-1)).toMatchObject({ text: "王", rev: 2 });
  });

  it("is saved only after the ack", () => {
    const { card, removed } = setUp();
    card.merge(state("", 0));
    card.input(PART, "王", false);
    card.flush(PART);
    expect(card.fields[PART]!.acked).toBe("");
    card.acked(entry("王", 1));
    expect(card.fields[PART]!.acked).toBe("王");
    expect(removed).toHaveLength(1);
  });

  it("an ack of an older text does not mark the newer one", () => {
    const { card } = setUp();
    card.merge(state("", 0));
    card.input(PART, "王", false);
    card.flush(PART);
    card.input(PART, "王小", false);
    card.flush(PART);
    card.acked(entry("王", 1));
    expect(card.fields[PART]!.acked).not.toBe(card.fields[PART]!.text);
    card.acked(entry("王小", 2));
    expect(card.fields[PART]!.acked).toBe("王小");
  });

  it("takes the server's text at the welcome, without saving it back", () => {
    const { card, sent } = setUp();
    card.merge(state("王小明", 4));
    vi.advanceTimersByTime(5_000);
    card.flushAll();
    expect(card.fields[PART]).toMatchObject({ text: "王小明", acked: "王小明", rev: 4 });
    expect(sent).toHaveLength(0);
  });

  it("a draft newer than the server's revision wins and is saved; an older one does not", () => {
    const newer = setUp();
    newer.card.merge(state("王", 1), [{ attemptId: "a1", part: PART, text: "王小", rev: 2 }]);
    vi.advanceTimersByTime(2_000);
    expect(newer.sent.map(({ command }) => command)).toMatchObject([{ text: "王小", rev: 2 }]);
    const older = setUp();
    older.card.merge(state("王小明", 3), [{ attemptId: "a1", part: PART, text: "王小", rev: 2 }]);
    vi.advanceTimersByTime(2_000);
    expect(older.card.fields[PART]!.text).toBe("王小明");
    expect(older.sent).toHaveLength(0);
  });

  it("a save still in the queue counts as ours and is not made again", () => {
    const { card, sent } = setUp([entry("王小明", 3)]);
    card.merge(state("王", 1));
    vi.advanceTimersByTime(2_000);
    expect(card.fields[PART]).toMatchObject({ text: "王小明", rev: 3, acked: "王" });
    expect(sent).toHaveLength(0);
    card.input(PART, "王小明先生", false);
    card.flush(PART);
    expect(sent[0]!.command.rev).toBe(4);
  });

  it("another page's newer text replaces ours at a reconnect", () => {
    const { card } = setUp();
    card.merge(state("王", 1));
    card.merge(state("李", 5));
    expect(card.fields[PART]).toMatchObject({ text: "李", rev: 5 });
  });

  it("at the end reads the composition from the screen, and only there", () => {
    const { card, sent } = setUp([], { [PART]: "王小明", "d1/email": "not yet drawn" });
    card.merge(state("", 0));
    card.input(PART, "王", true);
    card.flushAll(999);
    expect(sent).toEqual([
      { command: expect.objectContaining({ text: "王小明", composing: true }), stamp: 999 },
    ]);
  });

  it("what a pause refused is saved once the stage runs again", () => {
    const { card, sent } = setUp();
    card.merge(state("", 0));
    card.input(PART, "王", false);
    card.flush(PART);
    card.dropped(entry("王", 1), problem("stage-paused", 409));
    vi.advanceTimersByTime(20_000);
    expect(sent).toHaveLength(1);
    card.again();
    vi.advanceTimersByTime(2_000);
    expect(sent.map(({ command }) => command.rev)).toEqual([1, 2]);
  });

  it("what a failing server refused is saved anew after a while, and what it can't read is not", () => {
    const { card, sent } = setUp();
    card.merge(state("", 0));
    card.input(PART, "王", false);
    card.flush(PART);
    card.dropped(entry("王", 1), problem("internal", 500));
    vi.advanceTimersByTime(4_000);
    expect(sent).toHaveLength(1);
    vi.advanceTimersByTime(1_500);
    expect(sent.map(({ command }) => [command.text, command.rev])).toEqual([
      ["王", 1],
      ["王", 2],
    ]);
    card.dropped(entry("王", 2), problem("malformed", 400));
    vi.advanceTimersByTime(20_000);
    expect(sent).toHaveLength(2);
  });

  it("notes the most characters that one input brought", () => {
    const { card, sent } = setUp();
    card.merge(state("", 0));
    card.input(PART, "a", false);
    card.input(PART, "abcdefghij", false);
    card.input(PART, "abcdefghijk", false);
    card.flush(PART);
    expect(sent[0]!.command.largest_insert).toBe(9);
  });
});

describe("draftStore", () => {
  it("has a draft at once, also when the database never gets to it", async () => {
    const { draftStore } = await import("@/api/store");
    const draft = { attemptId: "a9", part: PART, text: "王", rev: 3 };
    draftStore.put(draft).catch(() => undefined);
    expect(await draftStore.load("a9")).toEqual([draft]);
    draftStore.remove({ ...draft, rev: 2 }).catch(() => undefined);
    expect(await draftStore.load("a9")).toEqual([draft]);
    draftStore.remove(draft).catch(() => undefined);
    expect(await draftStore.load("a9")).toEqual([]);
  });

  it("forgets the drafts of a closed attempt, and of no other", async () => {
    const { draftStore, forgetAttempt } = await import("@/api/store");
    const mine = { attemptId: "a8", part: PART, text: "王", rev: 3 };
    const other = { ...mine, attemptId: "a80" };
    for (const draft of [mine, other]) draftStore.put(draft).catch(() => undefined);
    await forgetAttempt("a8").catch(() => undefined);
    expect(await draftStore.load("a8")).toEqual([]);
    expect(await draftStore.load("a80")).toEqual([other]);
  });
});
