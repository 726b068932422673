import { afterEach, describe, expect, it, vi } from "vitest";
import type { Draft, DraftStore, Entry } from "@/api/store";
import { ReplyCard } from "@/chat_sim/card";
import { OrderForms, plus, quantityOf } from "@/chat_sim/forms";
import { byConversation, merged } from "@/chat_sim/messages";
import type { ChatMessage, LiveConversation, OrderForm } from "@/chat_sim/model";
import { askedAt, filtered, inserted } from "@/chat_sim/phrases";
import { shows, slots, unanswered, waitOf, widened, without, type Screen } from "@/chat_sim/screen";
import { arrived, floorAt, settled, unsentOf } from "@/chat_sim/unsent";
import { money } from "@/chat_sim/words";
import { problem } from "./support";

const message = (n: number, by: "agent" | "customer" = "customer", conversation = "c1"): ChatMessage =>
  ({
    n,
    conversation,
    by,
    at_ms: n * 1_000,
    text: `m${n}`,
    product: null,
    order: null,
    picture: null,
  }) as never;
const entry = (n: number, type: string, more: object = {}): Entry => ({
  id: `e${n}`,
  attemptId: "a",
  n,
  stampMs: n,
  command: { type: `chat_sim.${type}`, conversation: "c1", ...more },
});
const conversation = (id: string, more: Partial<LiveConversation> = {}): LiveConversation =>
  ({ id, phase: "open", accepted_ms: null, ended_ms: null, waiting_since_ms: null, ...more }) as never;

describe("messages", () => {
  const known = [message(1), message(2, "agent")];
  it("takes what is new of the newest, once", () => {
    const next = merged(known, [message(2, "agent"), message(3), message(4)], 4);
    expect(next.gap).toBe(false);
    expect(next.messages.map(({ n }) => n)).toEqual([1, 2, 3, 4]);
    expect(merged(next.messages, [message(3), message(4)], 4).messages).toBe(next.messages);
  });
  it("says so when something between is missing, and keeps what it has", () => {
    const next = merged(known, [message(4), message(5)], 5);
    expect(next.gap).toBe(true);
    expect(next.messages).toBe(known);
    expect(merged(known, [], 3).gap).toBe(true);
    expect(merged([], [], 0).gap).toBe(false);
  });
  it("an older word than what is known changes nothing", () => {
    expect(merged(known, [message(1)], 1)).toEqual({ messages: known, gap: false });
  });
  it("stand in their conversations", () => {
    const sorted = byConversation([message(1), message(2, "agent", "c2"), message(3)]);
    expect(sorted.get("c1")!.map(({ n }) => n)).toEqual([1, 3]);
    expect(sorted.get("c2")).toHaveLength(1);
  });
});

describe("messages on their way", () => {
  const send = (n: number, floor: number, id = "c1") =>
    unsentOf(entry(n, "send", { text: `t${n}`, conversation: id }), floor);
  it("arrive in order, each with one message of ours, whatever it says", () => {
    const unsent = [send(1, 2), send(2, 2)];
    const before = [message(1), message(2, "agent")];
    expect([...arrived(unsent, before).keys()]).toEqual([]);
    expect([...arrived(unsent, [...before, message(3)]).keys()]).toEqual([]);
    expect([...arrived(unsent, [...before, message(3, "agent")])]).toEqual([["e1", 3]]);
    expect([...arrived(unsent, [...before, message(3, "agent"), message(4, "agent")])]).toEqual([
      ["e1", 3],
      ["e2", 4],
    ]);
  });
  it("one that stands there already takes no later one's place", () => {
    const unsent = [send(1, 2), send(2, 3)];
    expect([...arrived(unsent, [message(3, "agent")]).keys()]).toEqual(["e1"]);
  });
  it("one that was sent before the last one could be seen there is not taken for it", () => {
    const unsent = [{ ...send(1, 2), acked: true }, send(2, 2), send(3, 2, "c2")];
    const known = [message(3, "agent")];
    const rest = settled(unsent, arrived(unsent, known));
    expect(rest.map(({ id, floor }) => [id, floor])).toEqual([
      ["e2", 3],
      ["e3", 2],
    ]);
    expect(arrived(rest, known).size).toBe(0);
    expect([...arrived(rest, [...known, message(4, "agent")])]).toEqual([["e2", 4]]);
  });
  it("of another conversation are none of ours", () => {
    expect(arrived([send(1, 0, "c2")], [message(1, "agent", "c1")]).size).toBe(0);
  });
  it("left by an earlier life of the page are found by their time", () => {
    const there = [message(1, "agent"), message(2), message(3, "agent")];
    expect(floorAt(there, 2_500)).toBe(2);
    const left = unsentOf(entry(9, "send", { text: "t" }), floorAt(there, 2_500));
    expect([...arrived([left], there).keys()]).toEqual(["e9"]);
    expect(floorAt(there, 9_000)).toBe(3);
  });
});

describe("the reply box", () => {
  function desk(waiting: Entry[] = []) {
    const drafts = new Map<string, Draft>();
    const store: DraftStore = {
      load: () => Promise.resolve([...drafts.values()]),
      put: (draft) => Promise.resolve(void drafts.set(draft.part, draft)),
      remove: (draft) => {
        if ((drafts.get(draft.part)?.rev ?? Infinity) <= draft.rev) drafts.delete(draft.part);
        return Promise.resolve();
      },
    };
    const sent: Record<string, unknown>[] = [];
    const card = new ReplyCard(2, {
      attemptId: "a",
      send: (command) => void sent.push({ ...command }),
      waiting: () => waiting,
      drafts: store,
      shown: () => undefined,
      dirty: () => undefined,
    });
    return { card, drafts, sent };
  }
  afterEach(() => vi.useRealTimers());

  it("is empty once its text is in the queue; the draft stays until the server has it", () => {
    vi.useFakeTimers();
    const { card, drafts, sent } = desk();
    card.take({});
    card.input("c1/reply", "hello", false);
    vi.advanceTimersByTime(2_000);
    expect(sent).toMatchObject([{ item: "c1", field: "reply", text: "hello", rev: 1 }]);
    card.input("c1/reply", "hello you", false);
    expect(card.leave("c1/reply")).toBe(2);
    expect(card.fields["c1/reply"]!.text).toBe("");
    expect(drafts.get("c1/reply")).toMatchObject({ text: "hello you", rev: 2 });
    vi.advanceTimersByTime(5_000);
    card.flushAll();
    expect(sent).toHaveLength(1);
    card.input("c1/reply", "next", false);
    vi.advanceTimersByTime(2_000);
    expect(sent.at(-1)).toMatchObject({ text: "next", rev: 3 });
  });

  it("a reload finds no text twice: what waits in the queue has left the box", () => {
    const waiting = [entry(1, "send", { text: "hello", rev: 2 })];
    const { card } = desk(waiting);
    const draft = { attemptId: "a", part: "c1/reply", text: "hello", rev: 2 };
    card.take({ c1: { reply: { text: "hel", rev: 1 } } }, [draft]);
    expect(card.fields["c1/reply"]!.text).toBe("");
    // Typed since: newer than what left.
    card.take({ c1: { reply: { text: "hel", rev: 1 } } }, [{ ...draft, text: "and", rev: 3 }]);
    expect(card.fields["c1/reply"]!.text).toBe("and");
  });

  it("a reload before the queue was stored finds the text in the box", () => {
    const { card } = desk();
    const draft = { attemptId: "a", part: "c1/reply", text: "hello", rev: 2 };
    card.take({ c1: { reply: { text: "hel", rev: 1 } } }, [draft]);
    expect(card.fields["c1/reply"]!.text).toBe("hello");
    // The server has the message: its empty box is as new as the draft.
    const other = desk();
    other.card.take({ c1: { reply: { text: "", rev: 2 } } }, [draft]);
    expect(other.card.fields["c1/reply"]!.text).toBe("");
  });

  it("a refused text stands in the box again, before what was typed since, and is saved anew", () => {
    vi.useFakeTimers();
    const { card, sent } = desk();
    card.take({});
    card.input("c1/reply", "first", false);
    const rev = card.leave("c1/reply");
    card.input("c1/reply", "second", false);
    card.dropped(entry(1, "send", { text: "first", rev }), problem("chat-too-fast", 409));
    card.comesBack("c1/reply", "first");
    expect(card.fields["c1/reply"]!.text).toBe("first\nsecond");
    vi.advanceTimersByTime(2_000);
    expect(sent.at(-1)).toMatchObject({ text: "first\nsecond", rev: rev + 1, largest_insert: 6 });
    card.input("c2/reply", "", false);
    card.comesBack("c2/reply", "alone");
    expect(card.fields["c2/reply"]!.text).toBe("alone");
  });
});

describe("phrases", () => {
  const phrases = [
    { id: "p1", group: "Greeting", text: "Welcome to the shop" },
    { id: "p2", group: "Wait", text: "One moment please" },
  ];
  it("are asked for by a slash at the beginning of a word, in either width", () => {
    expect(askedAt("/", 1)).toEqual({ from: 0, query: "" });
    expect(askedAt("well /one more", 9)).toEqual({ from: 5, query: "one" });
    expect(askedAt("\uff0fwel", 4)).toEqual({ from: 0, query: "wel" });
    expect(askedAt("3/4", 3)).toBeUndefined();
    expect(askedAt("/one two", 8)).toBeUndefined();
  });
  it("are found by group or words", () => {
    expect(filtered(phrases, "GREET").map(({ id }) => id)).toEqual(["p1"]);
    expect(filtered(phrases, "moment").map(({ id }) => id)).toEqual(["p2"]);
    expect(filtered(phrases, "")).toHaveLength(2);
  });
  it("take the place of what asked for them", () => {
    expect(inserted("a /we z", 2, 5, "Welcome")).toEqual({ text: "a Welcome z", caret: 9 });
  });
});

describe("the screen", () => {
  const one: Screen = { columns: 1, shown: ["c1"], active: "c1" };
  it("shows a conversation in a free column, or in place of the active one", () => {
    expect(shows(one, "c2")).toEqual({ columns: 1, shown: ["c2"], active: "c2" });
    const two = shows({ ...one, columns: 2 }, "c2");
    expect(two).toEqual({ columns: 2, shown: ["c1", "c2"], active: "c2" });
    expect(shows(two, "c1")).toEqual({ ...two, active: "c1" });
    expect(shows(two, "c3").shown).toEqual(["c1", "c3"]);
  });
  it("fills new columns with who waits, and keeps the active one when there are fewer", () => {
    expect(widened(one, 2, ["c1", "c3", "c2"]).shown).toEqual(["c1", "c3"]);
    const three: Screen = { columns: 3, shown: ["c1", "c3", "c2"], active: "c2" };
    expect(widened(three, 1, [])).toEqual({ columns: 1, shown: ["c2"], active: "c2" });
  });
  it("goes on to the next when one is done with", () => {
    expect(without(one, "c1", "c4")).toEqual({ columns: 1, shown: ["c4"], active: "c4" });
    expect(without({ columns: 2, shown: ["c1", "c2"], active: "c1" }, "c1")).toEqual({
      columns: 2,
      shown: ["c2"],
      active: "c2",
    });
    expect(without(one, "c1").active).toBe("");
  });
  it("numbers stay as long as their conversations, and are used again", () => {
    const found = slots([
      conversation("c1", { accepted_ms: 10, ended_ms: 50 }),
      conversation("c2", { accepted_ms: 20 }),
      conversation("c3", { accepted_ms: 60 }),
      conversation("c4"),
    ]);
    expect([...found]).toEqual([
      ["c1", 1],
      ["c2", 2],
      ["c3", 1],
    ]);
  });
  it("waits grow pressing at 30, 60 and 180 seconds", () => {
    expect([0, 29_999, 30_000, 60_000, 179_999, 180_000].map(waitOf)).toEqual([
      "calm",
      "calm",
      "soon",
      "slow",
      "slow",
      "late",
    ]);
  });
  it("whoever waits longest comes first; who is answered or gone waits no more", () => {
    const all = [
      conversation("c1", { waiting_since_ms: 20 }),
      conversation("c2"),
      conversation("c3", { waiting_since_ms: 10 }),
      conversation("c4", { waiting_since_ms: 5, phase: "ended" }),
    ];
    expect(unanswered(all).map(({ id }) => id)).toEqual(["c3", "c1"]);
  });
});

describe("the order form", () => {
  const form = (more: Partial<OrderForm>): OrderForm =>
    ({ lines: [], coupon: "", rev: 0, quote: null, fault: null, ...more }) as never;
  function forms(kept: { form: OrderForm }) {
    const sent: unknown[] = [];
    return {
      sent,
      forms: new OrderForms(
        (id, draft) => void sent.push({ id, ...draft }),
        () => kept.form,
      ),
    };
  }
  it("shows what was changed here until the server says what it comes to", () => {
    const kept = { form: form({ rev: 3 }) };
    const { forms: all, sent } = forms(kept);
    all.add("c1", "s1");
    expect(sent).toEqual([{ id: "c1", lines: [{ sku: "s1", quantity: 1 }], coupon: "", rev: 4 }]);
    expect(all.of("c1")).toMatchObject({ counting: true, rev: 4 });
    all.add("c1", "s1");
    expect(all.of("c1").lines).toEqual([{ sku: "s1", quantity: 2 }]);
    kept.form = form({ rev: 4, lines: [{ sku: "s1", quantity: 1 }] });
    expect(all.of("c1")).toMatchObject({ counting: true, rev: 5 });
    kept.form = form({ rev: 5, lines: [{ sku: "s1", quantity: 2 }], quote: { total: "7" } as never });
    expect(all.of("c1")).toMatchObject({ counting: false, quote: { total: "7" } });
  });
  it("is empty once the order is sent, and outlives a reload until then", () => {
    const kept = { form: form({ rev: 1 }) };
    const { forms: all } = forms(kept);
    all.restore([
      entry(1, "set_order", { lines: [{ sku: "s1", quantity: 1 }], coupon: "A", rev: 2 }),
      entry(2, "set_order", { lines: [{ sku: "s2", quantity: 3 }], coupon: "", rev: 3 }),
    ]);
    expect(all.of("c1")).toMatchObject({ lines: [{ sku: "s2", quantity: 3 }], rev: 3, counting: true });
    kept.form = form({ rev: 3 });
    expect(all.of("c1")).toMatchObject({ lines: [], counting: false });
  });
  it("stands as the server has it after a refusal, and goes anew where the stage only stood still", () => {
    const kept = { form: form({ rev: 1 }) };
    const { forms: all, sent } = forms(kept);
    const change = { conversation: "c1", lines: [], rev: 2 } as never;
    all.add("c1", "s1");
    all.dropped(change, true);
    expect(all.of("c1")).toMatchObject({ rev: 2, counting: true });
    all.again();
    all.again();
    expect(sent).toHaveLength(2);
    expect(sent[1]).toEqual(sent[0]);
    all.add("c1", "s1");
    all.dropped(change, false);
    expect(all.of("c1")).toMatchObject({ rev: 3, lines: [{ sku: "s1", quantity: 2 }] });
    all.dropped({ conversation: "c1", lines: [], rev: 3 } as never, false);
    expect(all.of("c1")).toMatchObject({ rev: 1, lines: [], counting: false });
  });
  it("counts pieces, and takes full-width digits", () => {
    expect(plus([{ sku: "a", quantity: 1 }], "b")).toEqual([
      { sku: "a", quantity: 1 },
      { sku: "b", quantity: 1 },
    ]);
    expect(["2", "\uff11\uff12", " 3 ", "-1", "", "x", "1.5"].map(quantityOf)).toEqual([
      2,
      12,
      3,
      -1,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe("money", () => {
  it("has no empty cents, and a minus people can see", () => {
    expect(["569.00", "569", "86.5", "-50.00", "0"].map(money)).toEqual([
      "\u00a5569",
      "\u00a5569",
      "\u00a586.50",
      "\u2212\u00a550",
      "\u00a50",
    ]);
  });
});
