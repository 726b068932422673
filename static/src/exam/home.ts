import type { AttemptView } from "@/api/types";

const KEY = "ccss.place";

/** Whether this machine stands at a place: a desk that has no attempt yet must know where to send people. */
export function rememberPlace(bound: boolean): void {
  try {
    if (bound) localStorage.setItem(KEY, "1");
    else localStorage.removeItem(KEY);
  } catch {
    // The link then leads to the first page.
  }
}

function atPlace(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

/** Where a desk leads that can't go on: entrants of a contest log in at their place. */
export function wayOut(kind: AttemptView["contest_kind"] | undefined, loggedOut: boolean): string {
  if (kind === "contest" || (kind === undefined && atPlace())) return "/place";
  return loggedOut ? "/" : "/practice";
}
