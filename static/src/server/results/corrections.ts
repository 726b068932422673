import type { KeyLineView } from "./model";

export type Line = Pick<KeyLineView, "path" | "title" | "accepted">;

export interface Change {
  path: string;
  title: KeyLineView["title"];
  before: string[];
  after: string[];
  /** The first answer is another one: what stands on the score sheet changes. */
  newAnswer: boolean;
  added: string[];
  removed: string[];
  /** Nothing is accepted any more: can't be sent. */
  empty: boolean;
}

export const textOfLine = (line: Pick<Line, "accepted">): string => line.accepted.join("\n");

/** One answer a line; blanks around it, empty lines and repetitions do not count. */
export function answersOf(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return [...new Set(lines.filter(Boolean))];
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index]);

function changeOf(line: Line, before: readonly string[], after: readonly string[]): Change {
  return {
    path: line.path,
    title: line.title,
    before: [...before],
    after: [...after],
    newAnswer: before[0] !== after[0],
    added: after.filter((value) => !before.includes(value)),
    removed: before.filter((value) => !after.includes(value)),
    empty: after.length === 0,
  };
}

/** Lines whose draft says something else than the key, in the key's order. */
export function changesOf(lines: readonly Line[], drafts: Readonly<Record<string, string>>): Change[] {
  return lines.flatMap((line) => {
    const draft = drafts[line.path];
    if (draft === undefined) return [];
    const after = answersOf(draft);
    return same(line.accepted, after) ? [] : [changeOf(line, line.accepted, after)];
  });
}

/** What a correction did, line by line. */
export function doneChanges(key: readonly Line[], before: readonly Line[]): Change[] {
  const old = new Map(before.map((line) => [line.path, line.accepted]));
  return key.map((line) => changeOf(line, old.get(line.path) ?? [], line.accepted));
}

export const bodyOf = (changes: readonly Change[]): Record<string, string[]> =>
  Object.fromEntries(changes.map((change) => [change.path, change.after]));

/** Lines whose title, path or answers hold the word. */
export function foundLines<L extends Line>(
  lines: readonly L[],
  word: string,
  titleOf: (line: L) => string,
): L[] {
  const text = word.trim().toLowerCase();
  if (!text) return [...lines];
  return lines.filter((line) =>
    [titleOf(line), line.path, ...line.accepted].some((part) => part.toLowerCase().includes(text)),
  );
}

/** How far marks went up or down, with its sign; from nothing there is no way. */
export function difference(old: number | string | null, now: number | string): string {
  if (old === null) return "—";
  const cents = Math.round(Number(now) * 100) - Math.round(Number(old) * 100);
  return cents > 0 ? `+${cents / 100}` : cents < 0 ? `−${-cents / 100}` : "0";
}
