import type { Canned } from "./model";

/** The command that opens the list stands before the caret: "/" and the beginning of what is looked for. */
const ASKED = /(?:^|\s)[/\uff0f]([^\s/\uff0f]*)$/;

export interface Asked {
  /** Where the slash stands, in UTF-16 units. */
  from: number;
  query: string;
}

export function askedAt(text: string, caret: number): Asked | undefined {
  const found = ASKED.exec(text.slice(0, caret));
  if (!found) return undefined;
  const query = found[1] ?? "";
  return { from: caret - query.length - 1, query };
}

const bare = (text: string): string => text.normalize("NFKC").toLowerCase();

/** Phrases whose group or words have what is looked for, in their order. */
export function filtered(phrases: readonly Canned[], query: string): Canned[] {
  const wanted = bare(query);
  return phrases.filter(({ group, text }) => bare(group).includes(wanted) || bare(text).includes(wanted));
}

/** The text with a phrase in place of what asked for it, and where the caret stands then. */
export function inserted(
  text: string,
  from: number,
  to: number,
  phrase: string,
): { text: string; caret: number } {
  return { text: text.slice(0, from) + phrase + text.slice(to), caret: from + phrase.length };
}
