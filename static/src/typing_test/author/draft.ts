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

export const PLAYER = (): DictationDraft["player"] => ({ seek: "free", back_step_ms: 3000, max_plays: null });
export const COUNTING = (): DictationDraft["counting"] => ({
  version: "lcs-1",
  keep: "@._-+#&/",
  rounding: "percent",
  max_marks: 10,
  surplus_deduction: "none",
});

/** Of a whole task, by the names of their words (`author.diff`). */
function rulesOf(draft: DictationDraft): Record<string, string> {
  const player = { ...PLAYER(), ...draft.player };
  const counting = { ...COUNTING(), ...draft.counting };
  return {
    title: draft.title["zh-CN"],
    titleEn: draft.title.en ?? "",
    instructions: draft.instructions["zh-CN"],
    instructionsEn: draft.instructions.en ?? "",
    minutes: `${draft.duration_ms / 60_000}`,
    plays: `${player.max_plays ?? ""}`,
    seek: player.seek,
    back: `${player.back_step_ms / 1_000}`,
    marks: `${counting.max_marks}`,
    rounding: counting.rounding,
    surplus: counting.surplus_deduction,
    keep: counting.keep,
    counting: counting.version,
    paste: `${draft.paste_allowed ?? false}`,
  };
}

/** Of one item, besides its answers. */
function partsOf(item: DraftItem | undefined): Record<string, string> {
  return {
    itemTitle: item?.title["zh-CN"] ?? "",
    itemTitleEn: item?.title.en ?? "",
    recording: item?.audio?.sha256.slice(0, 8) ?? "",
    scored: item ? `${item.scored ?? true}` : "",
    level: item ? (item.level ?? "middle") : "",
    tags: (item?.tags ?? []).join(" · "),
  };
}

/** Names of `author.diff`; whatever else differs is a field of the card. */
export const FIELDS: ReadonlySet<string> = new Set([
  "title",
  "titleEn",
  "instructions",
  "instructionsEn",
  "minutes",
  "plays",
  "seek",
  "back",
  "marks",
  "rounding",
  "surplus",
  "keep",
  "counting",
  "paste",
  "order",
  "itemTitle",
  "itemTitleEn",
  "recording",
  "scored",
  "level",
  "tags",
]);

/** What differs between a version and the draft, field by field. */
export function changes(version: DictationDraft, draft: DictationDraft): Change[] {
  const found: Change[] = [];
  const note = (item: string, field: string, before: string, after: string): void => {
    if (before !== after) found.push({ item, field, before, after });
  };
  const now = rulesOf(draft);
  for (const [field, before] of Object.entries(rulesOf(version))) note("", field, before, now[field]!);
  const order = (one: DictationDraft, other: DictationDraft): string =>
    one.items
      .filter(({ id }) => other.items.some((item) => item.id === id))
      .map(({ id }) => id)
      .join(" · ");
  note("", "order", order(version, draft), order(draft, version));
  const ids = [...new Set([...version.items, ...draft.items].map(({ id }) => id))];
  for (const id of ids) {
    const [before, after] = [version, draft].map(({ items }) => items.find((item) => item.id === id));
    const name = (after ?? before)!.title["zh-CN"];
    for (const { key, label } of draft.fields)
      note(name, label["zh-CN"], said(before?.answers[key]), said(after?.answers[key]));
    const parts = partsOf(after);
    for (const [field, was] of Object.entries(partsOf(before))) note(name, field, was, parts[field]!);
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
