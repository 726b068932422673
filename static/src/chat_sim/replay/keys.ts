import { STEP_MS, type Playback } from "./playback";

/** Where keys are typed, or mean something of their own. */
const TYPING = "input, select, textarea, audio, [contenteditable]";
const PRESSED = "button, a, summary";

export interface Steps {
  message(by: 1 | -1): void;
  conversation(by: 1 | -1): void;
}

/** Keys of the replay of a desk; true if the key did something. */
export function replayKey(event: KeyboardEvent, playback: Playback, steps: Steps): boolean {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return false;
  const target = event.target instanceof Element ? event.target : undefined;
  if (target?.closest(TYPING) || document.querySelector("dialog[open]")) return false;
  const tab = target?.closest("[role=tab]");
  // Left and right turn the tabs; the space bar has nothing to press on the one that is open.
  if (tab && (event.key === "ArrowLeft" || event.key === "ArrowRight")) return false;
  switch (event.key) {
    case " ":
      if (target?.closest(PRESSED) && tab?.getAttribute("aria-selected") !== "true") return false;
      playback.toggle();
      return true;
    case "ArrowLeft":
      playback.step(-STEP_MS);
      return true;
    case "ArrowRight":
      playback.step(STEP_MS);
      return true;
    case "ArrowUp":
      steps.message(-1);
      return true;
    case "ArrowDown":
      steps.message(1);
      return true;
    case "PageUp":
    case "[":
      steps.conversation(-1);
      return true;
    case "PageDown":
    case "]":
      steps.conversation(1);
      return true;
    case ",":
      playback.shift(-1);
      return true;
    case ".":
      playback.shift(1);
      return true;
    case "Home":
      playback.seek(0);
      return true;
    case "End":
      playback.seek(playback.durationMs());
      return true;
  }
  return false;
}

/** Lines of the overview of keys. */
export const REPLAY_KEYS = [
  { what: "chatReplay.keys.play", keys: ["Space"] },
  { what: "chatReplay.keys.step", keys: ["←", "→"] },
  { what: "chatReplay.keys.message", keys: ["↑", "↓"] },
  { what: "chatReplay.keys.conversation", keys: ["[", "]"] },
  { what: "chatReplay.keys.rate", keys: [",", "."] },
  { what: "chatReplay.keys.ends", keys: ["Home", "End"] },
] as const;
