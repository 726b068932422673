import { textOf } from "@/i18n";
import type { Marker, Stretch } from "./api";

/** What a band says; `gap`, `filled` and `differs` are of the recording, the others of the call. */
export type BandKind = Marker["kind"] | Stretch["kind"];
export type Row = "turns" | "agent" | "customer" | "both" | "acts";

/** A stretch of the waveform that is marked, ms from the recording's begin. */
export interface Band {
  key: string;
  kind: BandKind;
  row: Row;
  fromMs: number;
  toMs: number;
  title: string;
  /** Recorded anew later: there, but no longer meant. */
  dim: boolean;
}

const ROWS: Record<Marker["kind"], Row> = {
  turn: "turns",
  take: "agent",
  line: "customer",
  hold: "both",
  mute: "agent",
  look_up: "acts",
  act: "acts",
  trouble: "acts",
  pause: "both",
};
/** Behind comes first. */
const DEPTH: readonly BandKind[] = [
  "pause",
  "hold",
  "take",
  "line",
  "mute",
  "gap",
  "filled",
  "differs",
  "turn",
  "look_up",
  "act",
  "trouble",
];
const depth = (band: Band): number => (band.dim ? -1 : DEPTH.indexOf(band.kind));

/** Everything that is drawn over a waveform, from behind to the front; what has no end lasts to the end. */
export function bandsOf(
  markers: readonly Marker[],
  stretches: readonly Stretch[],
  durationMs: number,
): Band[] {
  const inside = (ms: number): number => Math.min(Math.max(0, ms), durationMs);
  const bands = markers.map(
    (marker, index): Band => ({
      key: `m${index}`,
      kind: marker.kind,
      row: ROWS[marker.kind],
      fromMs: inside(marker.at_ms),
      toMs: inside(Math.max(marker.at_ms, marker.until_ms ?? durationMs)),
      title: textOf(marker.title),
      dim: marker.superseded ?? false,
    }),
  );
  const marks = stretches.map(
    (stretch, index): Band => ({
      key: `s${index}`,
      kind: stretch.kind,
      row: "both",
      fromMs: inside(stretch.from_ms),
      toMs: inside(stretch.to_ms),
      title: "",
      dim: false,
    }),
  );
  return [...bands, ...marks].sort((a, b) => depth(a) - depth(b) || a.fromMs - b.fromMs);
}

/** The loudest of every column's share of the samples, 0 to 1; fewer columns than asked for where there is less. */
export function columnsOf(samples: readonly number[], columns: number): number[] {
  const count = Math.max(0, Math.min(Math.floor(columns), samples.length));
  return Array.from({ length: count }, (_, column) => {
    const from = Math.floor((column * samples.length) / count);
    const to = Math.max(from + 1, Math.floor(((column + 1) * samples.length) / count));
    let loudest = 0;
    for (let index = from; index < to; index += 1) loudest = Math.max(loudest, samples[index]!);
    return Math.min(1, loudest / 100);
  });
}

/** A lane's waveform as an SVG path of upright strokes around `middle`; silence stays a thin line. */
export function wavePath(
  samples: readonly number[],
  stepMs: number,
  durationMs: number,
  width: number,
  middle: number,
  half: number,
): string {
  if (durationMs <= 0 || width <= 0 || !samples.length) return "";
  const covered = Math.min(1, (samples.length * stepMs) / durationMs) * width;
  const columns = columnsOf(samples, covered);
  const step = covered / columns.length;
  return columns
    .map((loud, index) => {
      const height = Math.max(0.5, loud * half);
      return `M${((index + 0.5) * step).toFixed(1)} ${(middle - height).toFixed(1)}v${(2 * height).toFixed(1)}`;
    })
    .join("");
}

const STEPS_MS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600].map((seconds) => seconds * 1000);

/** Moments of the time axis: round ones, at least `apartPx` from one another. */
export function ticksOf(durationMs: number, width: number, apartPx = 70): number[] {
  if (durationMs <= 0 || width <= 0) return [];
  const least = (apartPx / width) * durationMs;
  const step = STEPS_MS.find((one) => one >= least) ?? Math.ceil(least / 600_000) * 600_000;
  return Array.from({ length: Math.floor(durationMs / step) + 1 }, (_, index) => index * step);
}
