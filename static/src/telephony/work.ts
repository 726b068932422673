import { partOf, type FieldRecord } from "@/exam/card";
import { lengthOf } from "@/exam/ime";
import type { LiveCall, SeatContent, SeatLive, SeatOutbound, SeatPart } from "./model";

export type Fields = Record<string, FieldRecord>;
export type PartStanding = "untouched" | "working" | "done";

/** A line of what is still to be done: a text of the part `telephony` with its values. */
export interface Missing {
  what: string;
  values: Record<string, string | number>;
}

export const MOST_TYPED = 2_000;

/** Names of the fields of a part, in the order of the screen. */
export function fieldsOf(part: SeatPart): string[] {
  switch (part.kind) {
    case "inbound":
      return part.turns.map(({ id }) => `turn:${id}`);
    case "outbound":
      return [
        ...Object.keys(part.script).map((slot) => `script:${slot}`),
        ...Array.from({ length: part.faq_most }, (_, n) => [`faq:${n + 1}:q`, `faq:${n + 1}:a`]).flat(),
      ];
    case "retell":
      return ["notes"];
    case "summary":
      return ["summary"];
  }
}

export const allFields = (content: SeatContent): string[] =>
  content.parts.flatMap((part) => fieldsOf(part).map((field) => partOf(part.id, field)));

const textIn = (fields: Fields, part: SeatPart, field: string): string =>
  fields[partOf(part.id, field)]?.text.trim() ?? "";

export const callOf = (live: SeatLive | undefined, part: string): LiveCall | undefined =>
  live?.calls?.find((call) => call.part === part);

/** The call that is up: there is one at a time. */
export const callUp = (live: SeatLive | undefined): LiveCall | undefined =>
  live?.calls?.find((call) => call.phase !== "ended");

export const scriptDone = (part: SeatOutbound, fields: Fields): number =>
  Object.keys(part.script).filter((slot) => textIn(fields, part, `script:${slot}`)).length;

const bare = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s\p{P}]/gu, "");

/** Questions with an answer that say something new; the numbers of those that repeat an earlier one. */
export function faqStanding(part: SeatOutbound, fields: Fields): { good: number; repeated: number[] } {
  const seen = new Set<string>();
  const repeated: number[] = [];
  let good = 0;
  for (let n = 1; n <= part.faq_most; n += 1) {
    const question = bare(textIn(fields, part, `faq:${n}:q`));
    if (!question) continue;
    if (seen.has(question)) repeated.push(n);
    else if (textIn(fields, part, `faq:${n}:a`)) good += 1;
    seen.add(question);
  }
  return { good, repeated };
}

/** How many rows of questions there are: as many as are asked for, or as far as somebody wrote, and one more. */
export function faqRows(part: SeatOutbound, fields: Fields): number {
  let last = 0;
  for (let n = 1; n <= part.faq_most; n += 1)
    if (textIn(fields, part, `faq:${n}:q`) || textIn(fields, part, `faq:${n}:a`)) last = n;
  return Math.min(part.faq_most, Math.max(part.faq_least, last + 1, 1));
}

/** What is left to do in a part; nothing once it is done. */
export function missingOf(part: SeatPart, fields: Fields, live: SeatLive | undefined): Missing[] {
  const call = callOf(live, part.id);
  const missing: Missing[] = [];
  const miss = (what: string, values: Missing["values"] = {}): void => void missing.push({ what, values });
  switch (part.kind) {
    case "inbound": {
      const unspoken = part.turns.length - (call?.turns_done?.length ?? 0);
      const unwritten = part.turns.filter(({ id }) => !textIn(fields, part, `turn:${id}`)).length;
      if (!call) miss("unopened");
      else if (call.phase === "ringing") miss("ringing");
      else if (unspoken > 0) miss("unspoken", { n: unspoken, total: part.turns.length });
      if (unwritten > 0) miss("unwritten", { n: unwritten, total: part.turns.length });
      break;
    }
    case "outbound": {
      const empty = Object.keys(part.script).length - scriptDone(part, fields);
      const { good } = faqStanding(part, fields);
      if (empty > 0) miss("script", { n: empty });
      if (good < part.faq_least) miss("faq", { n: good, least: part.faq_least });
      if (!call || call.phase === "dialling") miss("undialled");
      break;
    }
    case "retell":
      if (!call?.turns_done?.length) miss("unretold");
      break;
    case "summary": {
      const length = lengthOf(textIn(fields, part, "summary"));
      if (length === 0) miss("unwrittenSummary");
      else if (length > part.limit) miss("longSummary", { n: length, limit: part.limit });
    }
  }
  if (call && (call.phase === "talking" || call.phase === "held")) miss("callUp");
  return missing;
}

export function standingOf(part: SeatPart, fields: Fields, live: SeatLive | undefined): PartStanding {
  if (missingOf(part, fields, live).length === 0) return "done";
  const touched = callOf(live, part.id) || fieldsOf(part).some((field) => textIn(fields, part, field));
  return touched ? "working" : "untouched";
}

/** Ms before the end of the stage at which an outbound call must be dialled to have its whole time. */
export const DIAL_AHEAD_MS = 60_000;

/** The outbound part that has to be dialled now, lest its time run out. */
export function dialNow(
  content: SeatContent,
  live: SeatLive | undefined,
  leftMs: number,
): SeatOutbound | undefined {
  if (leftMs <= 0) return undefined;
  return content.parts.find(
    (part): part is SeatOutbound =>
      part.kind === "outbound" && !callOf(live, part.id) && leftMs <= part.call_ms + DIAL_AHEAD_MS,
  );
}
