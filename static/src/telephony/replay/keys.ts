import { neighbour, type Passage } from "./passages";
import { STEP_MS, type Sound } from "./sound";

/** Where keys are typed, or mean something of their own. */
const TYPING = "input, select, textarea, audio, [contenteditable], [role=tab]";
const PRESSED = "button, a, summary";

/** Space, arrows and digits at a recording; true if the key did something. */
export function soundKey(event: KeyboardEvent, sound: Sound, passages: readonly Passage[]): boolean {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return false;
  const target = event.target instanceof Element ? event.target : undefined;
  if (target?.closest(TYPING) || document.querySelector("dialog[open]")) return false;
  if (!sound.duration.value) return false;
  const jump = (passage: Passage | undefined): boolean => {
    if (passage) sound.seek(passage.fromMs);
    return true;
  };
  switch (event.key) {
    case " ":
      if (target?.closest(PRESSED)) return false;
      sound.toggle();
      return true;
    case "ArrowLeft":
      sound.step(-STEP_MS);
      return true;
    case "ArrowRight":
      sound.step(STEP_MS);
      return true;
    case "ArrowUp":
      return jump(neighbour(passages, sound.position.value, -1));
    case "ArrowDown":
      return jump(neighbour(passages, sound.position.value, 1));
    case "Home":
      sound.seek(0);
      return true;
  }
  if (/^[1-9]$/.test(event.key)) return jump(passages[Number(event.key) - 1]);
  return false;
}

/** Lines of the overview of keys. */
export const SOUND_KEYS = [
  { what: "keyHelp.replay.play", keys: ["Space"] },
  { what: "keyHelp.replay.step", keys: ["←", "→"] },
  { what: "keyHelp.replay.turn", keys: ["↑", "↓"] },
  { what: "keyHelp.replay.number", keys: ["1", "…", "9"] },
  { what: "keyHelp.replay.begin", keys: ["Home"] },
] as const;
