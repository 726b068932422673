import { describe, expect, it } from "vitest";
import type { FieldRecord } from "@/exam/card";
import { idFault, tidyId } from "@/telephony/idcard";
import type { LiveCall, SeatContent, SeatLive, SeatOutbound, SeatPart } from "@/telephony/model";
import {
  dialNow,
  faqRows,
  faqStanding,
  fieldsOf,
  missingOf,
  standingOf,
  type Fields,
} from "@/telephony/work";

const outbound = {
  kind: "outbound",
  id: "o",
  script: { opening: {}, ending: {} },
  faq_least: 2,
  faq_most: 4,
  call_ms: 600_000,
} as unknown as SeatOutbound;
const inbound = { kind: "inbound", id: "i", turns: [{ id: "t1" }, { id: "t2" }] } as unknown as SeatPart;
const summary = { kind: "summary", id: "s", limit: 4 } as unknown as SeatPart;
const retell = { kind: "retell", id: "r" } as unknown as SeatPart;

const texts = (all: Record<string, string>): Fields =>
  Object.fromEntries(Object.entries(all).map(([part, text]) => [part, { text } as FieldRecord]));
const withCall = (over: Partial<LiveCall>): SeatLive => ({ calls: [over] }) as unknown as SeatLive;
const missing = (part: SeatPart, fields: Fields, live?: SeatLive): string[] =>
  missingOf(part, fields, live).map(({ what }) => what);

describe("what is left to do", () => {
  it("of an inbound case: hearing it ring, every turn spoken and written, and hanging up", () => {
    expect(missing(inbound, {})).toEqual(["unopened", "unwritten"]);
    expect(missing(inbound, {}, withCall({ part: "i", phase: "ringing" }))).toEqual(["ringing", "unwritten"]);
    const written = texts({ "i/turn:t1": "a", "i/turn:t2": "b" });
    const one = withCall({ part: "i", phase: "talking", turns_done: ["t1"] });
    expect(missing(inbound, written, one)).toEqual(["unspoken", "callUp"]);
    const done = withCall({ part: "i", phase: "ended", turns_done: ["t1", "t2"] });
    expect([missing(inbound, written, done), standingOf(inbound, written, done)]).toEqual([[], "done"]);
    expect(standingOf(inbound, texts({ "i/turn:t1": "  " }), undefined)).toBe("untouched");
    expect(standingOf(inbound, texts({ "i/turn:t1": "a" }), undefined)).toBe("working");
  });

  it("of an outbound one: script, questions, and the call itself", () => {
    expect(missing(outbound, {})).toEqual(["script", "faq", "undialled"]);
    const fields = texts({
      "o/script:opening": "a",
      "o/script:ending": "b",
      "o/faq:1:q": "价格？",
      "o/faq:1:a": "720",
      "o/faq:2:q": "网速",
      "o/faq:2:a": "快",
    });
    expect(missing(outbound, fields, withCall({ part: "o", phase: "dialling" }))).toEqual(["undialled"]);
    expect(missing(outbound, fields, withCall({ part: "o", phase: "ended" }))).toEqual([]);
  });

  it("of a retelling and a summary", () => {
    expect(missing(retell, {}, withCall({ part: "r", phase: "ended", turns_done: [] }))).toEqual([
      "unretold",
    ]);
    expect(missing(retell, {}, withCall({ part: "r", phase: "ended", turns_done: ["retell"] }))).toEqual([]);
    expect(missing(summary, {})).toEqual(["unwrittenSummary"]);
    expect(missing(summary, texts({ "s/summary": "一二三四五" }))).toEqual(["longSummary"]);
    expect(missing(summary, texts({ "s/summary": "一二三四" }))).toEqual([]);
  });
});

describe("questions", () => {
  it("count with their answer only, and once, whatever signs and spaces they have", () => {
    const fields = texts({
      "o/faq:1:q": "多少 钱？",
      "o/faq:1:a": "720",
      "o/faq:2:q": "多少钱",
      "o/faq:2:a": "720",
      "o/faq:3:q": "网速？",
    });
    expect(faqStanding(outbound, fields)).toEqual({ good: 1, repeated: [2] });
  });

  it("have a row to spare until there may be no more", () => {
    expect(faqRows(outbound, {})).toBe(2);
    expect(faqRows(outbound, texts({ "o/faq:2:q": "a" }))).toBe(3);
    expect(faqRows(outbound, texts({ "o/faq:4:a": "a" }))).toBe(4);
    expect(fieldsOf(outbound).filter((field) => field.startsWith("faq:"))).toHaveLength(8);
  });
});

describe("the call for dialling", () => {
  const content = { parts: [inbound, outbound] } as unknown as SeatContent;
  it("comes a minute before the call would be cut short, until it is dialled", () => {
    expect(dialNow(content, undefined, 660_001)).toBeUndefined();
    expect(dialNow(content, undefined, 660_000)).toBe(outbound);
    expect(dialNow(content, withCall({ part: "o", phase: "ended" }), 600_000)).toBeUndefined();
    expect(dialNow(content, undefined, 0)).toBeUndefined();
  });
});

describe("an identity number", () => {
  it.each([
    ["990000199003150013", undefined],
    [" 990000 19900315 0013 ", undefined],
    ["９９００００199003150013", undefined],
    ["99000019900315001", "length"],
    ["99000019900315001A", "digits"],
    ["990000199002300013", "date"],
    ["990000199003150014", "check"],
  ])("%s", (typed, fault) => expect(idFault(typed)).toBe(fault));

  it("is sent as it is checked", () => expect(tidyId(" 1234-567x ")).toBe("1234567X"));
});
