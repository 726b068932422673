import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { Command } from "./types";

/** A command waiting for its ack; `n` keeps the order. */
export interface Entry {
  id: string;
  attemptId: string;
  n: number;
  stampMs: number;
  command: Command;
}

/** A text that the server has not acknowledged; it outlives a reload between typing and saving. */
export interface Draft {
  attemptId: string;
  part: string;
  text: string;
  rev: number;
}

export interface OutboxStore {
  load(attemptId: string): Promise<Entry[]>;
  put(entry: Entry): Promise<void>;
  remove(entry: Entry): Promise<void>;
}

export interface DraftStore {
  load(attemptId: string): Promise<Draft[]>;
  put(draft: Draft): Promise<void>;
  /** Removes it unless something newer has been written since. */
  remove(draft: Draft): Promise<void>;
}

/** A second of sound that the server does not have yet. */
export interface SoundChunk {
  /** The recorder's own name on this machine. */
  recorder: string;
  n: number;
  ms: number;
  bytes: ArrayBuffer;
}

/** A recorder of this machine; it stays until the server has everything of it. */
export interface KeptRecorder {
  key: string;
  attemptId: string;
  callId: string;
  mediaType: string;
  beganMs: number;
  /** What the server gave it to upload under. */
  id?: string;
  token?: string;
  /** Chunks it made, and when it stopped; not there while it records, or after the page died. */
  chunks?: number;
  endedMs?: number;
  /** The server takes nothing more of it, and why. */
  aside?: string;
}

interface Schema extends DBSchema {
  outbox: { key: [string, number, string]; value: Entry; indexes: { attempt: string } };
  drafts: { key: [string, string]; value: Draft; indexes: { attempt: string } };
  sound: { key: [string, number]; value: SoundChunk };
  recorders: { key: string; value: KeptRecorder };
}

let opened: Promise<IDBPDatabase<Schema>> | undefined;

export async function database(): Promise<IDBPDatabase<Schema>> {
  opened ??= openDB<Schema>("ccss-seat", 2, {
    upgrade(db, before) {
      if (before < 2) {
        db.createObjectStore("sound", { keyPath: ["recorder", "n"] });
        db.createObjectStore("recorders", { keyPath: "key" });
      }
      if (before >= 1) return;
      db.createObjectStore("outbox", { keyPath: ["attemptId", "n", "id"] }).createIndex(
        "attempt",
        "attemptId",
      );
      db.createObjectStore("drafts", { keyPath: ["attemptId", "part"] }).createIndex("attempt", "attemptId");
    },
    // A newer page wants to change it: this one opens it anew when it needs it.
    blocking(_current, _wanted, event) {
      (event.target as IDBDatabase).close();
      opened = undefined;
    },
    terminated() {
      opened = undefined;
    },
  }).catch((error: unknown) => {
    // It may work the next time.
    opened = undefined;
    throw error;
  });
  return opened;
}

export const outboxStore: OutboxStore = {
  load: async (attemptId) => (await database()).getAllFromIndex("outbox", "attempt", attemptId),
  put: async (entry) => void (await (await database()).put("outbox", entry)),
  remove: async (entry) => (await database()).delete("outbox", [entry.attemptId, entry.n, entry.id]),
};

/** Clears the rest of an attempt that is over: the next one at this desk may be somebody else. */
export async function forgetAttempt(attemptId: string): Promise<void> {
  for (const draft of noted(attemptId)) unnote({ ...draft, rev: Infinity });
  const db = await database();
  // All keys that begin with the attempt: arrays sort after whatever else a key has.
  const all = IDBKeyRange.bound([attemptId], [attemptId, []]);
  await Promise.all([db.delete("outbox", all), db.delete("drafts", all)]);
}

const draftKey = (attemptId: string, part: string): string => `ccss.draft.${attemptId}/${part}`;

function note(draft: Draft): void {
  try {
    localStorage.setItem(draftKey(draft.attemptId, draft.part), JSON.stringify(draft));
  } catch {
    // Full or forbidden: the database has it too.
  }
}

function noted(attemptId: string): Draft[] {
  try {
    const prefix = draftKey(attemptId, "");
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(prefix));
    return keys.map((key) => JSON.parse(localStorage.getItem(key)!) as Draft);
  } catch {
    return [];
  }
}

function unnote(draft: Draft): void {
  try {
    const key = draftKey(draft.attemptId, draft.part);
    const kept = JSON.parse(localStorage.getItem(key) ?? "null") as Draft | null;
    if (kept && kept.rev <= draft.rev) localStorage.removeItem(key);
  } catch {
    // Stale drafts lose against the server's revision anyway.
  }
}

/**
 * Twice on purpose: a reload within a tenth of a second aborts a database transaction, but not a write to
 * localStorage; a browser that dies may lose the latest of localStorage, but not what the database committed.
 */
export const draftStore: DraftStore = {
  load: async (attemptId) => {
    const stored = await database()
      .then((db) => db.getAllFromIndex("drafts", "attempt", attemptId))
      .catch(() => []);
    const newest = new Map(stored.map((draft) => [draft.part, draft]));
    for (const draft of noted(attemptId))
      if (draft.rev >= (newest.get(draft.part)?.rev ?? 0)) newest.set(draft.part, draft);
    return [...newest.values()];
  },
  put: async (draft) => {
    note(draft);
    await (await database()).put("drafts", draft);
  },
  remove: async (draft) => {
    unnote(draft);
    const tx = (await database()).transaction("drafts", "readwrite");
    const kept = await tx.store.get([draft.attemptId, draft.part]);
    if (kept && kept.rev <= draft.rev) await tx.store.delete([draft.attemptId, draft.part]);
    await tx.done;
  },
};

/** How many recorders of this machine wait for the server; 0 where there is no database. */
export async function soundWaiting(): Promise<number> {
  return database()
    .then((db) => db.count("recorders"))
    .catch(() => 0);
}
