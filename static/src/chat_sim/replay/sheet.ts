import type { components } from "@/api/schema.gen";

// Other modules have shapes of the same names: the way through the module's own keeps them apart.
export type Sheet = components["schemas"]["ChatSimShapes"]["sheet"];
export type Conversation = Sheet["conversations"][number];
export type Message = Conversation["messages"][number];
export type Finding = Message["findings"][number];
export type Need = Conversation["needs"][number];
export type Round = Conversation["rounds"][number];
export type Order = Conversation["orders"][number];
export type Act = Sheet["acts"][number];
export type Indicator = Sheet["indicators"][number];
export type Measure = Conversation["measures"][number];

/** What a piece of a message is, by what was recognised in it. */
export type PieceKind = "right" | "wrong" | "courtesy" | "forbidden";

export interface Piece {
  text: string;
  kind: PieceKind | undefined;
  /** What was recognised there; several findings may share a piece. */
  findings: Finding[];
}

const COURTESY = "courtesy:";
/** What shows where several things were recognised in the same words. */
const DEPTH: readonly PieceKind[] = ["courtesy", "right", "wrong", "forbidden"];

export const courtesyOf = (finding: Finding): string | undefined =>
  finding.fact.startsWith(COURTESY) ? finding.fact.slice(COURTESY.length) : undefined;

export function kindOf(finding: Finding): PieceKind {
  if (courtesyOf(finding) !== undefined) return "courtesy";
  return finding.verdict;
}

interface Range {
  start: number;
  end: number;
  kind: PieceKind;
  finding?: Finding;
}

/** Where the forbidden words stand, in characters; one that was written in another way is not found here. */
function forbiddenRanges(letters: readonly string[], words: readonly string[]): Range[] {
  const ranges: Range[] = [];
  const lower = letters.map((letter) => letter.toLowerCase());
  for (const word of words) {
    const wanted = Array.from(word.toLowerCase());
    for (let start = 0; wanted.length && start + wanted.length <= lower.length; start++)
      if (wanted.every((letter, index) => lower[start + index] === letter))
        ranges.push({ start, end: start + wanted.length, kind: "forbidden" });
  }
  return ranges;
}

/** A message in pieces; spans count whole characters, as the server does: an emoji is one. */
export function piecesOf(message: Pick<Message, "text" | "findings" | "forbidden">): Piece[] {
  const letters = Array.from(message.text);
  const ranges: Range[] = [
    ...message.findings.map((finding) => ({
      start: Math.max(0, finding.start),
      end: Math.min(letters.length, finding.end),
      kind: kindOf(finding),
      finding,
    })),
    ...forbiddenRanges(letters, message.forbidden),
  ].filter((range) => range.end > range.start);
  const borders = new Set([0, letters.length]);
  for (const range of ranges) borders.add(range.start).add(range.end);
  const sorted = [...borders].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((from, index) => {
    const over = ranges.filter((range) => range.start <= from && range.end > from);
    const kinds = over.map((range) => range.kind).sort((a, b) => DEPTH.indexOf(b) - DEPTH.indexOf(a));
    return {
      text: letters.slice(from, sorted[index + 1]).join(""),
      kind: kinds[0],
      findings: over.flatMap((range) => range.finding ?? []),
    };
  });
}

/** Title of what was found; the id where the sheet names it nowhere. */
export function factTitle(needs: readonly Need[], finding: Finding): string {
  const need = needs.find((one) => one.id === finding.need);
  return need?.facts.find((fact) => fact.id === finding.fact)?.title ?? finding.fact;
}

export const needTitle = (needs: readonly Need[], id: string | null): string =>
  needs.find((need) => need.id === id)?.title ?? id ?? "";

/** Where a message stands in its conversation, from 1; 0 if it is not in it. */
export const placeOf = (conversation: Conversation, n: number): number =>
  conversation.messages.findIndex((message) => message.n === n) + 1;

export const repliedIn = (round: Round): number | undefined =>
  round.replied_ms === null ? undefined : round.replied_ms - round.from_ms;

/** How long a conversation lasted from its arrival, in ms; one still open ended with the work. */
export const endOf = (conversation: Conversation, sheet: Pick<Sheet, "net_ms">): number =>
  conversation.ended_ms ?? sheet.net_ms;

export const putNeeds = (conversation: Conversation): Need[] =>
  conversation.needs.filter((need) => need.asked_ms !== null);

/** The order that counts: the paid one, else the last. */
export const orderOf = (conversation: Conversation): Order | undefined =>
  conversation.orders.find((order) => order.status === "paid") ??
  conversation.orders[conversation.orders.length - 1];

/** Conversations that have this figure, in order of arrival. */
export function parts(sheet: Pick<Sheet, "conversations">, key: string): [Conversation, Measure][] {
  return sheet.conversations.flatMap((conversation): [Conversation, Measure][] => {
    const measure = conversation.measures.find((one) => one.key === key);
    return measure ? [[conversation, measure]] : [];
  });
}

/** Figures between 0 and 1 that people read in per cent. */
const RATES = /^(accuracy|response_rate|conversion)\./;
const plain = (n: number, digits: number): string => String(Number(n.toFixed(digits)));

/** A figure as people read it: milliseconds as seconds, rates in per cent, no idle zeros. */
export function figureOf(value: number | string | null, unit: string, formula: string): string {
  if (value === null) return "—";
  const number = Number(value);
  if (unit === "ms") return `${plain(number / 1000, 1)} s`;
  if (RATES.test(formula)) return `${plain(number * 100, 1)} %`;
  return `${plain(number, 2)} ${unit}`.trim();
}
