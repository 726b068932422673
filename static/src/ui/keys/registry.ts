import { onScopeDispose, ref, shallowReactive } from "vue";
import type { Action } from "@/exam/keys";
import { loadMessages } from "@/i18n";

/** One line of the overview: keys as people read them, or an action whose key the person may change. */
export interface KeyLine {
  /** Text of the part `keys` that says what it does. */
  what: string;
  keys?: readonly string[];
  action?: Action;
}

export interface Screen {
  title: string;
  lines: readonly KeyLine[];
}

export const screens: Screen[] = shallowReactive([]);
/** Whether the overview was asked for. */
export const keyHelpOpen = ref(false);
/** Whether it stands on the page: it may take a moment, or can't be fetched at all. */
export const keyHelpShown = ref(false);

/** The overview with its texts; fetched ahead where the server may be away later. */
export async function fetchKeyHelp(): Promise<typeof import("./KeyHelp.vue")> {
  const [help] = await Promise.all([import("./KeyHelp.vue"), loadMessages("keys")]);
  return help;
}

/** Lists the keys of a screen in the overview for as long as the screen is there. */
export function useKeyHelp(title: string, lines: readonly KeyLine[]): void {
  const screen = { title, lines };
  screens.push(screen);
  onScopeDispose(() => void screens.splice(screens.indexOf(screen), 1));
}

const UNTYPED = /^(checkbox|radio|button|submit|reset|range|file|color|image)$/;

function types(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return !UNTYPED.test(target.type);
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLElement && target.isContentEditable);
}

/** Whether a key asks for the overview: F1 everywhere, a question mark where it would not be typed. */
export function asksForHelp(event: KeyboardEvent): boolean {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return false;
  return event.key === "F1" || (/^[?\uff1f]$/.test(event.key) && !types(event.target));
}

export function startKeyHelp(): void {
  addEventListener("keydown", (event) => {
    if (!asksForHelp(event)) return;
    event.preventDefault();
    keyHelpOpen.value = true;
  });
}
