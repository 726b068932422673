import type { Change } from "@/server/bank/modules";
import type { DictationDraft, DraftAnswer, DraftItem } from "./model";

export const MOST_ITEMS = 50;

const blankAnswer = (): DraftAnswer => ({ text: "", alternatives: [], hint: "", readings: {} });

/** An id that no item has. */
export function freshId(draft: Pick<DictationDraft, "items">): string {
  const taken = new Set(draft.items.map(({ id }) => id));
  let number = draft.items.length + 1;
  const id = (): string => `c${String(number).padStart(2, "0")}`;
  while (taken.has(id())) number += 1;
  return id();
}

/** Adds an empty item; undefined when there is room for no more. */
export function addItem(
  draft: DictationDraft,
  title: { "zh-CN": string; en: string },
): DraftItem | undefined {
  if (draft.items.length >= MOST_ITEMS) return undefined;
  const answers = Object.fromEntries(draft.fields.map(({ key }) => [key, blankAnswer()]));
  const item: DraftItem = {
    id: freshId(draft),
    title,
    scored: true,
    level: "middle",
    audio: null,
    answers,
    tags: [],
  };
  draft.items.push(item);
  return draft.items.at(-1);
}

/** Takes an item out, unless it is the only one. */
export function removeItem(draft: DictationDraft, index: number): void {
  if (draft.items.length > 1) draft.items.splice(index, 1);
}

export function moveItem(draft: DictationDraft, index: number, by: number): void {
  const to = index + by;
  if (to < 0 || to >= draft.items.length) return;
  draft.items.splice(to, 0, ...draft.items.splice(index, 1));
}

/** Whether anything stands in an item that would be overwritten. */
export const isWritten = (item: DraftItem): boolean =>
  Object.values(item.answers).some(({ text, hint }) => !!text || !!hint);

/** Recordings are the server's: whatever it says of them is taken over, texts stay as they are typed here. */
export function carryRecordings(here: DictationDraft, server: DictationDraft): void {
  for (const item of here.items) {
    const theirs = server.items.find(({ id }) => id === item.id);
    if (theirs) item.audio = theirs.audio;
  }
}

/** One item as the server has it, whole. */
export function takeItem(here: DictationDraft, server: DictationDraft, id: string): void {
  const theirs = server.items.find((item) => item.id === id);
  const index = here.items.findIndex((item) => item.id === id);
  if (theirs && index >= 0) here.items[index] = theirs;
}

const said = (answer: DraftAnswer | undefined): string =>
  answer
    ? [
        answer.text,
        answer.hint,
        ...(answer.alternatives ?? []),
        ...Object.entries(answer.readings ?? {}).flat(),
      ]
        .filter(Boolean)
        .join(" · ")
    : "";

/** What differs between a version and the draft, field by field. */
export function changes(version: DictationDraft, draft: DictationDraft): Change[] {
  const found: Change[] = [];
  const note = (item: string, field: string, before: string, after: string): void => {
    if (before !== after) found.push({ item, field, before, after });
  };
  note("", "title", version.title["zh-CN"], draft.title["zh-CN"]);
  note("", "instructions", version.instructions["zh-CN"], draft.instructions["zh-CN"]);
  note("", "minutes", `${version.duration_ms / 60_000}`, `${draft.duration_ms / 60_000}`);
  const ids = [...new Set([...version.items, ...draft.items].map(({ id }) => id))];
  for (const id of ids) {
    const [before, after] = [version, draft].map(({ items }) => items.find((item) => item.id === id));
    const name = (after ?? before)!.title["zh-CN"];
    for (const { key, label } of draft.fields)
      note(name, label["zh-CN"], said(before?.answers[key]), said(after?.answers[key]));
    note(name, "recording", before?.audio?.sha256.slice(0, 8) ?? "", after?.audio?.sha256.slice(0, 8) ?? "");
    note(name, "scored", before ? `${before.scored ?? true}` : "", after ? `${after.scored ?? true}` : "");
  }
  return found;
}

/** What is to be read out, in the order of the card. */
export const script = (
  draft: DictationDraft,
  item: DraftItem,
): { label: DictationDraft["title"]; text: string; hint: string }[] =>
  draft.fields.map(({ key, label }) => ({
    label,
    text: item.answers[key]?.text ?? "",
    hint: item.answers[key]?.hint ?? "",
  }));
