import { textOf } from "@/i18n";
import type { Marker, ModelAnswer } from "./api";

/** A take of a turn, or what the customer said in it; ms from the recording's begin. */
export interface Piece {
  fromMs: number;
  toMs: number;
  text: string;
  dim: boolean;
}

/** What a recording is read by: a turn with what was said, written and meant in it, or a line outside of turns. */
export interface Passage {
  key: string;
  ref: string;
  kind: "turn" | "line";
  /** Shown hint of a turn. */
  title: string;
  fromMs: number;
  toMs: number;
  lines: Piece[];
  takes: Piece[];
  /** The script as it was written. */
  written: string;
  reference: string;
}

const end = (marker: Marker, durationMs: number): number =>
  Math.max(marker.at_ms, marker.until_ms ?? durationMs);
const pieceOf = (marker: Marker, durationMs: number): Piece => ({
  fromMs: marker.at_ms,
  toMs: end(marker, durationMs),
  text: marker.text ?? "",
  dim: marker.superseded ?? false,
});

/** Turns in the order they were spoken, with their lines and takes; lines of a free talk stand by themselves. */
export function passagesOf(
  markers: readonly Marker[],
  models: readonly ModelAnswer[],
  durationMs: number,
): Passage[] {
  const turns = markers.filter((marker) => marker.kind === "turn");
  const meant = new Map(models.map((model) => [model.ref, model.text]));
  const passages = turns.map(
    (turn, index): Passage => ({
      key: `turn${index}`,
      ref: turn.ref,
      kind: "turn",
      title: textOf(turn.title),
      fromMs: turn.at_ms,
      toMs: end(turn, durationMs),
      lines: [],
      takes: [],
      written: turn.text ?? "",
      reference: meant.get(turn.ref) ?? "",
    }),
  );
  /** By its reference (a turn may be spoken again after it was done), else by its time. */
  const home = (marker: Marker): Passage | undefined => {
    const own = passages.filter((one) => one.ref !== "" && one.ref === marker.ref);
    return (
      own.find((one) => overlaps(one, marker, durationMs)) ??
      own[0] ??
      passages.find((one) => one.fromMs <= marker.at_ms && marker.at_ms < one.toMs)
    );
  };
  const loose: Passage[] = [];
  markers.forEach((marker, index) => {
    if (marker.kind !== "line" && marker.kind !== "take") return;
    const passage = home(marker);
    const piece = pieceOf(marker, durationMs);
    if (passage) passage[marker.kind === "line" ? "lines" : "takes"].push(piece);
    else if (marker.kind === "line")
      loose.push({
        key: `line${index}`,
        ref: marker.ref,
        kind: "line",
        title: piece.text || textOf(marker.title),
        fromMs: piece.fromMs,
        toMs: piece.toMs,
        lines: [piece],
        takes: [],
        written: "",
        reference: meant.get(marker.ref) ?? "",
      });
  });
  const all = [...passages, ...loose].sort((a, b) => a.fromMs - b.fromMs);
  // What answers a line belongs to it, up to the next one.
  all.forEach((passage, index) => {
    if (passage.kind === "line") passage.toMs = Math.max(passage.toMs, all[index + 1]?.fromMs ?? durationMs);
  });
  return all;
}

const overlaps = (passage: Passage, marker: Marker, durationMs: number): boolean =>
  marker.at_ms <= passage.toMs && end(marker, durationMs) >= passage.fromMs;

/** The part of a turn that counts: its last take that was not recorded anew, else all of it. */
export function spokenPart(passage: Passage): { fromMs: number; toMs: number } {
  const take = passage.takes.filter((one) => !one.dim).at(-1);
  return take ?? passage;
}

/** The passage that is heard at a moment: the last one that has begun. */
export function passageAt(passages: readonly Passage[], ms: number): number {
  let found = -1;
  passages.forEach((passage, index) => {
    if (passage.fromMs <= ms) found = index;
  });
  return found;
}

/** A line begun less than this ago is left backwards, not begun anew. */
const JUST_MS = 1_500;

/** Where ↑ and ↓ lead. */
export function neighbour(passages: readonly Passage[], ms: number, by: 1 | -1): Passage | undefined {
  const index = passageAt(passages, ms);
  if (by === 1) return passages[index + 1];
  const here = passages[index];
  if (!here) return undefined;
  return ms - here.fromMs < JUST_MS ? (passages[index - 1] ?? here) : here;
}

/** Reference texts of a part that none of its turns has: the parts of its script. */
export const otherModels = (
  models: readonly ModelAnswer[],
  passages: readonly Passage[],
  part: string,
): ModelAnswer[] =>
  models.filter(
    ({ ref, text }) => text && ref.startsWith(`${part}.`) && !passages.some((passage) => passage.ref === ref),
  );
