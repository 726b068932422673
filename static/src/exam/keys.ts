import { onScopeDispose, reactive } from "vue";
import { keyHelpShown } from "@/ui/keys/registry";

type SharedAction = "previous" | "next" | "overview";
export type DictationAction = SharedAction | "play" | "back";
export type VoiceAction =
  | SharedAction
  | "answer"
  | "talk"
  | "again"
  | "replay"
  | "hold"
  | "mute"
  | "hangUp"
  | "knowledge"
  | "records";
export type ChatAction =
  | SharedAction
  | "accept"
  | "waiting"
  | "layout"
  | "phrases"
  | "goods"
  | "articles"
  | "prices"
  | "order"
  | "customer"
  | "terms"
  | "card"
  | "sendOrder"
  | "endChat";
export type Action = DictationAction | VoiceAction | ChatAction;

/** A key by its place on the board, so that an input method can't hide it; "Alt+PageUp", "F8". */
export type Chord = string;
export type Keys<Name extends Action> = Readonly<Record<Name, Chord>>;

const KEY = "ccss.keys";
const SHARED: Keys<SharedAction> = { previous: "Alt+PageUp", next: "Alt+PageDown", overview: "F4" };
/** The actions of each kind of page; two never stand on one screen. */
const pages: Action[][] = [];
const defaults = {} as Record<Action, Chord>;
export const keys = reactive({} as Record<Action, Chord>);

const clash = (action: Action, chord: Chord): boolean =>
  pages.some(
    (page) => page.includes(action) && page.some((other) => other !== action && keys[other] === chord),
  );

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

/** As people read it: Alt+1, F8, Alt+PageUp, Alt+/. */
export const shown = (chord: Chord): string =>
  chord
    .replace(/Digit|Key|Arrow/, "")
    .replace("Slash", "/")
    .replace("Comma", ",")
    .replace("Period", ".");

function kept(): Partial<Record<Action, Chord>> {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Record<Action, Chord>>;
  } catch {
    return {};
  }
}

/** Brings the keys of a kind of page, or what the person has made of them; its own come with its chunk. */
export function offerKeys<Name extends Action>(own: Keys<Name>): Keys<Name | SharedAction> {
  const all = { ...SHARED, ...own } as Keys<Name | SharedAction>;
  const page = Object.keys(all) as Action[];
  const chosen = Object.entries(kept()).filter(
    ([action, chord]) => page.includes(action as Action) && usable(chord),
  );
  pages.push(page);
  Object.assign(defaults, all);
  Object.assign(keys, all, Object.fromEntries(chosen));
  if (page.some((action) => clash(action, keys[action]))) Object.assign(keys, all);
  return all;
}

/** Of the dictation, which is a part of the first load. */
export const DEFAULTS = offerKeys({ play: "F8", back: "F9" });

/** Binds a key; false when the browser keeps it or another action has it. */
export function bind(action: Action, chord: Chord): boolean {
  if (!usable(chord) || clash(action, chord)) return false;
  keys[action] = chord;
  store({ ...kept(), ...keys });
  return true;
}

export function resetKeys(): void {
  Object.assign(keys, defaults);
  store({});
}

function store(map: Partial<Record<Action, Chord>>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(map));
  } catch {
    // The choice then lasts until the page is left.
  }
}

/** Calls the handlers wherever the focus is, also inside fields and while an input method composes. */
export function useKeys(handlers: Partial<Record<Action, () => void>>, active: () => boolean): void {
  const listener = (event: KeyboardEvent): void => {
    if (keyHelpShown.value || !active()) return;
    const chord = chordOf(event);
    const action = (Object.keys(handlers) as Action[]).find((candidate) => keys[candidate] === chord);
    const handler = action && handlers[action];
    if (!handler) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat || action === "back") handler();
  };
  addEventListener("keydown", listener, true);
  onScopeDispose(() => removeEventListener("keydown", listener, true));
}
