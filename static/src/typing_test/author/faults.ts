import type { Fault } from "@/server/bank/model";
import type { DictationDraft } from "./model";

/** Where a fault belongs: an item, one of its fields, its recording, or (without an item) the task. */
export interface Place {
  item?: string;
  field?: string;
  /** The last name of the path, where it is more than the field itself. */
  part?: string;
}

const LEAVES = new Set(["text", "alternatives", "hint", "readings", "audio", "title"]);

/** The place that a path of the draft means. */
export function placeOf(path: string, draft: Pick<DictationDraft, "items">): Place {
  const names = path.split(".");
  if (names[0] !== "items" || names.length < 2) return { part: names[0] || undefined };
  const item = draft.items[Number(names[1])]?.id;
  if (!item) return {};
  if (names[2] === "answers" && names[3]) {
    const part = names.slice(4).find((name) => LEAVES.has(name));
    return { item, field: names[3], ...(part ? { part } : {}) };
  }
  return { item, ...(names[2] ? { part: names[2] } : {}) };
}

/** Faults of one place of an item; without a field those of the recording and of the item itself. */
export function faultsAt(
  found: readonly Fault[],
  draft: Pick<DictationDraft, "items">,
  item: string,
  field?: string,
): Fault[] {
  return found.filter((fault) => {
    const place = placeOf(fault.path, draft);
    return place.item === item && place.field === field;
  });
}

/** How many severe faults an item has. */
export const severeOf = (
  found: readonly Fault[],
  draft: Pick<DictationDraft, "items">,
  item: string,
): number => found.filter((fault) => fault.severe && placeOf(fault.path, draft).item === item).length;

/** The id of the control that a place is mended at. */
export function targetOf({ item, field, part }: Place): string {
  if (item && field) return `f-${item}-${field}-${part === "text" || !part ? "text" : part}`;
  if (item) return part === "audio" ? "recording" : "item-title";
  return "task-title";
}
