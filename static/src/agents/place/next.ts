import type { PlaceView } from "@/api/types";

const OPEN: readonly (string | null)[] = ["armed", "running", "paused"];

/** The attempt that the contestant who sits here should be at; undefined while there is none. */
export function nextAttempt(view: PlaceView | undefined): string | undefined {
  if (!view?.mine || !view.attempt_id || !OPEN.includes(view.attempt_phase)) return undefined;
  return view.attempt_id;
}
