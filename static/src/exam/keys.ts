import { onScopeDispose, reactive } from "vue";
import { keyHelpShown } from "@/ui/keys/registry";

export type Action = "play" | "back" | "previous" | "next" | "overview";

/** A key by its place on the board, so that an input method can't hide it; "Alt+PageUp", "F8". */
export type Chord = string;

const KEY = "ccss.keys";
export const DEFAULTS: Readonly<Record<Action, Chord>> = {
  play: "F8",
  back: "F9",
  previous: "Alt+PageUp",
  next: "Alt+PageDown",
  overview: "F4",
};
export const ACTIONS = Object.keys(DEFAULTS) as Action[];

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
    return new Set(Object.values(map)).size === ACTIONS.length ? map : { ...DEFAULTS };
  } catch {
    return { ...DEFAULTS };
  }
}

export const keys = reactive<Record<Action, Chord>>(restored());

/** Binds a key; false when the browser keeps it or another action has it. */
export function bind(action: Action, chord: Chord): boolean {
  if (!usable(chord)) return false;
  if (ACTIONS.some((other) => other !== action && keys[other] === chord)) return false;
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
    const action = ACTIONS.find((candidate) => keys[candidate] === chord);
    const handler = action && handlers[action];
    if (!handler) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat || action === "back") handler();
  };
  addEventListener("keydown", listener, true);
  onScopeDispose(() => removeEventListener("keydown", listener, true));
}
