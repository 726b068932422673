import type { WorkBrief } from "./api";

export type Seen = Record<string, number>;

const KEY = "ccss.grading.seen";
/** Beyond so many works the oldest are forgotten: they then show as never opened. */
const KEPT = 5_000;

/** Which revision of each work was last opened in this browser. */
export function seenRevisions(): Seen {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Seen;
  } catch {
    return {};
  }
}

export function remember(workCode: string, revision: number): void {
  const { [workCode]: _, ...others } = seenRevisions();
  const entries = [...Object.entries(others), [workCode, revision] as const].slice(-KEPT);
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(entries)));
  } catch {
    // Every change then shows as new.
  }
}

export type Standing = "new" | "changed" | "seen";

export function standing(work: Pick<WorkBrief, "work_code" | "revision">, seen: Seen): Standing {
  const last = seen[work.work_code];
  return last === undefined ? "new" : last < work.revision ? "changed" : "seen";
}

export interface Filter {
  word: string;
  stage: string;
  only: "" | "new" | "changed" | "failed";
}

export function chosen(works: readonly WorkBrief[], filter: Filter, seen: Seen): WorkBrief[] {
  const word = filter.word.trim().toUpperCase();
  return works.filter(
    (work) =>
      work.work_code.includes(word) &&
      (!filter.stage || work.stage_code === filter.stage) &&
      (!filter.only || (filter.only === "failed" ? work.failed : standing(work, seen) === filter.only)),
  );
}

/** The works before and after one, in the order of the list. */
export function neighbours(
  works: readonly Pick<WorkBrief, "work_code">[],
  code: string,
): { before?: string; after?: string; number: number } {
  const index = works.findIndex((work) => work.work_code === code);
  return {
    before: index > 0 ? works[index - 1]!.work_code : undefined,
    after: index >= 0 ? works[index + 1]?.work_code : undefined,
    number: index + 1,
  };
}

export function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kilo = bytes / 1024;
  return kilo < 1024 ? `${kilo.toFixed(1)} KB` : `${(kilo / 1024).toFixed(1)} MB`;
}
