import type { WorkView } from "./model";

/** What the figures are made of; marks travel as decimal strings. */
export type Work = Pick<
  WorkView,
  | "work_code"
  | "name"
  | "number"
  | "phase"
  | "net_ms"
  | "progress"
  | "late_count"
  | "marks"
  | "max_marks"
  | "failed"
  | "close_cause"
>;

export interface Summary {
  works: number;
  /** Works with marks: all figures below are of these. */
  scored: number;
  /** Not closed: nothing has been handed in or collected. */
  open: number;
  failed: number;
  mean: number | null;
  median: number | null;
  best: number | null;
  max: number | null;
}

export interface Bin {
  from: number;
  to: number;
  count: number;
}

export interface Ranked<W extends Work = WorkView> {
  work: W;
  /** Null without marks. */
  rank: number | null;
}

/** Marks in hundredths: sums and borders of bins stay exact. */
const CENT = 100;
const cents = (value: number | string): number => Math.round(Number(value) * CENT);

export const isScored = (work: Work): boolean =>
  work.marks !== null && work.max_marks !== null && Number(work.max_marks) > 0;

export const marksOf = (works: readonly Work[]): number[] =>
  works.filter(isScored).map((work) => cents(work.marks!) / CENT);

export function maxOf(works: readonly Work[]): number | null {
  const all = works.filter(isScored).map((work) => Number(work.max_marks));
  return all.length ? Math.max(...all) : null;
}

export function mean(values: readonly number[]): number | null {
  if (!values.length) return null;
  return values.reduce((sum, value) => sum + cents(value), 0) / (CENT * values.length);
}

export function median(values: readonly number[]): number | null {
  if (!values.length) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle]!;
  return sorted.length % 2 ? upper : (cents(sorted[middle - 1]!) + cents(upper)) / (2 * CENT);
}

export function summarise(works: readonly Work[]): Summary {
  const marks = marksOf(works);
  return {
    works: works.length,
    scored: marks.length,
    open: works.filter((work) => work.phase !== "closed").length,
    failed: works.filter((work) => work.failed).length,
    mean: mean(marks),
    median: median(marks),
    best: marks.length ? Math.max(...marks) : null,
    max: maxOf(works),
  };
}

/** How many marks fall into each of `count` equal parts of 0..max; a border belongs to the part above it. */
export function histogram(marks: readonly number[], max: number, count = 10): Bin[] {
  const border = (index: number): number => Math.round((max * CENT * index) / count) / CENT;
  const bins = Array.from({ length: count }, (_, index) => ({
    from: border(index),
    to: border(index + 1),
    count: 0,
  }));
  for (const value of marks) {
    const part = Math.floor((cents(value) * count) / cents(max));
    bins[Math.min(count - 1, Math.max(0, part))]!.count += 1;
  }
  return bins;
}

/**
 * Best first. Of equal marks the shorter net time stands first: in that order the server sends them, also where it
 * keeps the times to itself. Only works that are known to be equal in both share a rank.
 */
export function ranked<W extends Work>(works: readonly W[]): Ranked<W>[] {
  const scored = works
    .filter(isScored)
    .map((work) => ({ work, marks: cents(work.marks!) }))
    .sort((a, b) => b.marks - a.marks);
  const rows: Ranked<W>[] = [];
  let rank = 0;
  scored.forEach(({ work, marks }, index) => {
    const before = scored[index - 1];
    const equal = before?.marks === marks && work.net_ms !== null && before.work.net_ms === work.net_ms;
    if (!equal) rank = index + 1;
    rows.push({ work, rank });
  });
  return [...rows, ...works.filter((work) => !isScored(work)).map((work) => ({ work, rank: null }))];
}

/** Works whose code, number or name holds the word. */
export function found<R extends { work: Work }>(rows: readonly R[], word: string): R[] {
  const text = word.trim().toLowerCase();
  if (!text) return [...rows];
  return rows.filter(({ work }) =>
    [work.work_code, work.number, work.name].some((part) => part?.toLowerCase().includes(text)),
  );
}

/** Whether anything is still to come: a work under way, or a closed one that waits for its marks. */
export const unsettled = (works: readonly Work[]): boolean =>
  works.some(
    (work) =>
      work.phase !== "closed" || (work.marks === null && !work.failed && work.close_cause !== "absent"),
  );

/** A figure with at most two decimals, without idle zeros. */
export const figure = (value: number | null): string =>
  value === null ? "—" : String(Math.round(value * CENT) / CENT);
