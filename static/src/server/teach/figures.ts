import type { AttemptBrief, ClassView, ContestView, LessonOffer, NewLesson, PaperView } from "./model";

/** How long a lesson is at school. */
export const LESSON_MINUTES = 40;
const MINUTE_MS = 60_000;
export const MOST_MINUTES = 240;

/** Share of the marks in per cent; null while there are none, or where nothing is scored. */
export function rate(round: Pick<AttemptBrief, "marks" | "max_marks">): number | null {
  if (round.marks === null || round.max_marks === null || Number(round.max_marks) <= 0) return null;
  return (Number(round.marks) / Number(round.max_marks)) * 100;
}

/** Rates of the newest rounds, the oldest of them first; rounds come newest first. */
export function trendOf(rounds: readonly AttemptBrief[], most: number): number[] {
  return rounds
    .map(rate)
    .filter((value) => value !== null)
    .slice(0, most)
    .reverse();
}

/** The class's lessons, newest first. */
export const lessonsOf = (contests: readonly ContestView[], classId: string): ContestView[] =>
  contests
    .filter((contest) => contest.kind === "lesson" && contest.class_id === classId)
    .sort((a, b) => b.created_ms - a.created_ms);

export const classOf = (classes: readonly ClassView[] | undefined, id: string): ClassView | undefined =>
  classes?.find((one) => one.class_id === id);

/** What the chosen parts take of the paper's time, as if all took the same; whole minutes, at least one. */
export function shareMinutes(offer: LessonOffer, chosen: number): number {
  if (!offer.parts.length || !chosen) return 0;
  return Math.max(1, Math.round((offer.duration_ms * chosen) / offer.parts.length / MINUTE_MS));
}

export const validMinutes = (minutes: number): boolean =>
  Number.isFinite(minutes) && minutes > 0 && minutes <= MOST_MINUTES;

/** The body of the order: nothing named for what is as the paper says. */
export function lessonBody(
  offer: LessonOffer,
  chosen: ReadonlySet<string>,
  minutes: number,
  title: string,
): NewLesson {
  const parts = offer.parts.map((part) => part.id).filter((id) => chosen.has(id));
  return {
    paper_id: offer.paper_id,
    parts: parts.length === offer.parts.length ? [] : parts,
    duration_ms: Math.round(minutes * MINUTE_MS),
    title: title.trim() || null,
  };
}

export type Visibility = "never" | "later" | "now";

export function visibilityOf(paper: Pick<PaperView, "visible_from_ms">, nowMs: number): Visibility {
  if (paper.visible_from_ms === null) return "never";
  return paper.visible_from_ms > nowMs ? "later" : "now";
}

const two = (value: number): string => String(value).padStart(2, "0");

/** The value of a datetime-local box, in the time zone of this machine. */
export function boxOf(utcMs: number): string {
  const at = new Date(utcMs);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

export function msOfBox(value: string): number | undefined {
  const ms = new Date(value).getTime();
  return value && !Number.isNaN(ms) ? ms : undefined;
}
