import { onScopeDispose, reactive } from "vue";
import { keyHelpShown } from "@/ui/keys/registry";

export type DictationAction = "play" | "back" | "previous" | "next" | "overview";
export type VoiceAction =
  | "answer"
  | "talk"
  | "again"
  | "replay"
  | "hold"
  | "mute"
  | "hangUp"
  | "knowledge"
  | "records"
  | "previous"
  | "next"
  | "overview";
export type Action = DictationAction | VoiceAction;

/** A key by its place on the board, so that an input method can't hide it; "Alt+PageUp", "F8". */
export type Chord = string;

const KEY = "ccss.keys";
export const DEFAULTS: Readonly<Record<Action, Chord>> = {
  play: "F8",
  back: "F9",
  previous: "Alt+PageUp",
  next: "Alt+PageDown",
  overview: "F4",
  answer: "F2",
  talk: "Alt+Digit1",
  again: "Alt+Digit2",
  replay: "Alt+Digit3",
  hold: "Alt+Digit4",
  mute: "Alt+Digit5",
  hangUp: "Alt+Digit9",
  knowledge: "Alt+KeyK",
  records: "Alt+KeyB",
};
export const ACTIONS = Object.keys(DEFAULTS) as Action[];
/** Only in a dictation; whatever else is not shared is of the phone. The two never stand on one page. */
const DICTATION = new Set<Action>(["play", "back"]);
const SHARED = new Set<Action>(["previous", "next", "overview"]);
const meet = (a: Action, b: Action): boolean =>
  SHARED.has(a) || SHARED.has(b) || DICTATION.has(a) === DICTATION.has(b);
const clash = (map: Record<Action, Chord>, action: Action, chord: Chord): boolean =>
  ACTIONS.some((other) => other !== action && map[other] === chord && meet(action, other));

type KeyLike = Pick<KeyboardEvent, "code" | "altKey" | "ctrlKey" | "shiftKey" | "metaKey">;

export function chordOf(event: KeyLike): Chord {
  const parts = [
    event.ctrlKey && "Ctrl",
    event.altKey && "Alt",
    event.shiftKey && "Shift",
    event.metaKey && "Meta",
  ];
  return [...parts.filter(Boolean), event.code].join("+");
}

/** Keys that browsers keep, or that type something. */
export function usable(chord: Chord): boolean {
  const key = chord.split("+").at(-1) ?? "";
  if (/^(Alt|Control|Shift|Meta)(Left|Right)$|^$|^(Escape|Tab|Enter|NumpadEnter)$/.test(key)) return false;
  if (/^F(1|3|5|6|7|10|11|12)$/.test(key)) return false;
  if (/^F\d+$/.test(key)) return !/Meta/.test(chord);
  return /^Alt\+(Digit\d|Key[A-Z]|PageUp|PageDown|Comma|Period|Slash|Arrow(Up|Down))$/.test(chord);
}

/** As people read it: Alt+1, F8, Alt+PageUp. */
export const shown = (chord: Chord): string => chord.replace(/Digit|Key/, "").replace(/Arrow/, "");

function restored(): Record<Action, Chord> {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Record<Action, Chord>>;
    const map = { ...DEFAULTS };
    for (const action of ACTIONS) {
      const chord = kept[action];
      if (chord && usable(chord)) map[action] = chord;
    }
    return ACTIONS.some((action) => clash(map, action, map[action])) ? { ...DEFAULTS } : map;
  } catch {
    return { ...DEFAULTS };
  }
}

export const keys = reactive<Record<Action, Chord>>(restored());

/** Binds a key; false when the browser keeps it or another action has it. */
export function bind(action: Action, chord: Chord): boolean {
  if (!usable(chord)) return false;
  if (clash(keys, action, chord)) return false;
  keys[action] = chord;
  store();
  return true;
}

export function resetKeys(): void {
  Object.assign(keys, DEFAULTS);
  store();
}

function store(): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(keys));
  } catch {
    // The choice then lasts until the page is left.
  }
}

/** Calls the handlers wherever the focus is, also inside fields and while an input method composes. */
export function useKeys(handlers: Partial<Record<Action, () => void>>, active: () => boolean): void {
  const listener = (event: KeyboardEvent): void => {
    if (keyHelpShown.value || !active()) return;
    const chord = chordOf(event);
    const action = ACTIONS.find((candidate) => handlers[candidate] && keys[candidate] === chord);
    const handler = action && handlers[action];
    if (!handler) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat || action === "back") handler();
  };
  addEventListener("keydown", listener, true);
  onScopeDispose(() => removeEventListener("keydown", listener, true));
}
