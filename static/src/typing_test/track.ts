import type { Track } from "@/media/player";
import { partOf, type FieldRecord } from "./card";
import type { SeatContent, SeatItem, SeatState } from "./model";

/** The recording of an item, where the server (or the page, when it left it) knows it to stand. */
export function trackOf(item: SeatItem, state: SeatState, url: string): Track {
  const known = state.players[item.id];
  const position = known?.position_ms ?? 0;
  return {
    id: item.id,
    url,
    durationMs: item.duration_ms,
    positionMs: position >= item.duration_ms ? 0 : position,
    furthestMs: known?.furthest_ms ?? 0,
    listenedMs: known?.listened_ms ?? 0,
  };
}

export type ItemState = "unheard" | "working" | "filled";

export function stateOf(
  item: SeatItem,
  content: SeatContent,
  fields: Record<string, FieldRecord>,
  heard: boolean,
): ItemState {
  const texts = content.fields.map((field) => fields[partOf(item.id, field.key)]?.text.trim() ?? "");
  if (texts.every(Boolean)) return "filled";
  return heard || texts.some(Boolean) ? "working" : "unheard";
}

export interface Unfinished {
  item: SeatItem;
  fields: SeatContent["fields"];
}

/** Fields left empty, by item. */
export function unfinished(content: SeatContent, fields: Record<string, FieldRecord>): Unfinished[] {
  return content.items
    .map((item) => ({
      item,
      fields: content.fields.filter((field) => !fields[partOf(item.id, field.key)]?.text.trim()),
    }))
    .filter((entry) => entry.fields.length > 0);
}
