import type { InjectionKey, Ref } from "vue";
import type { TelephonyDraft } from "./model";

/** The recording whose panel is open. */
export const OPEN: InjectionKey<Ref<string>> = Symbol("open");

/** Where a path leads: a part (by index) and what is shown of it, or the desk, or the task. */
export interface Place {
  part?: number;
  desk?: boolean;
  turn?: number;
  persona?: boolean;
  /** The recording to be opened. */
  recording?: string;
}

export function placeOf(path: string, draft: TelephonyDraft): Place {
  const names = path.split(".");
  if (names[0] === "desk") return { desk: true };
  const index = Number(names[1]);
  const part = names[0] === "parts" ? draft.parts[index] : undefined;
  if (!part) return {};
  const place: Place = { part: index };
  if (names[2] === "turns") place.turn = Number(names[3]);
  if (names[2] === "persona") place.persona = true;
  if (names.at(-1) === "audio") place.recording = recordingAt(names, draft);
  return place;
}

function recordingAt(names: readonly string[], draft: TelephonyDraft): string | undefined {
  const part = draft.parts[Number(names[1])];
  if (!part) return undefined;
  // The id of a turn's recording is the turn's; every other line has its own.
  if (part.kind !== "outbound" && part.kind !== "retell" && part.kind !== "summary")
    return `${part.id}.${part.turns[Number(names[3])]?.id}`;
  let at: unknown = part;
  for (const name of names.slice(2, -1)) at = (at as Record<string, unknown> | undefined)?.[name];
  const id = (at as { id?: string } | undefined)?.id;
  return id ? `${part.id}.${id}` : undefined;
}
