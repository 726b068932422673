import type { ChangeTask } from "./model";

export type Body = Omit<ChangeTask, "seen">;

/** What was typed and is not acknowledged yet, with the revision that it was typed on. */
export interface Mirror {
  revision: number;
  body: Body;
}

const keyOf = (taskId: string): string => `ccss.bank.${taskId}`;

/** Keeps a copy in this browser; false where it keeps nothing. */
export function keepMirror(taskId: string, mirror: Mirror): boolean {
  try {
    localStorage.setItem(keyOf(taskId), JSON.stringify(mirror));
    return true;
  } catch {
    return false;
  }
}

export function mirrorOf(taskId: string): Mirror | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(taskId)) ?? "null") as Mirror | null;
    return kept?.body?.draft ? kept : undefined;
  } catch {
    return undefined;
  }
}

export function dropMirror(taskId: string): void {
  try {
    localStorage.removeItem(keyOf(taskId));
  } catch {
    // Nothing was kept then.
  }
}
