import { database, type KeptRecorder, type SoundChunk } from "@/api/store";
import { unsent } from "./unsent";

/** A change of a recorder; the recorder and the uploader each know a part of it. */
export type RecorderPatch = Pick<KeptRecorder, "key"> & Partial<KeptRecorder>;

const isWhole = (patch: RecorderPatch): patch is KeptRecorder =>
  patch.callId !== undefined && patch.attemptId !== undefined && patch.beganMs !== undefined;

/** Where the sound of this machine waits: the house's database, or a test's own. */
export interface SpoolStore {
  recorders(): Promise<KeptRecorder[]>;
  /** Adds to what is known of a recorder; a patch of one that is not there does nothing. */
  patchRecorder(patch: RecorderPatch): Promise<void>;
  removeRecorder(key: string): Promise<void>;
  /** Number and length (ms) of every chunk that is kept. */
  chunks(key: string): Promise<{ n: number; ms: number }[]>;
  chunk(key: string, n: number): Promise<SoundChunk | undefined>;
  putChunk(chunk: SoundChunk): Promise<void>;
  removeChunk(key: string, n: number): Promise<void>;
}

const chunksOf = (key: string): IDBKeyRange => IDBKeyRange.bound([key], [key, []]);

export const seatSpool: SpoolStore = {
  recorders: async () => (await database()).getAll("recorders"),
  patchRecorder: async (patch) => {
    const tx = (await database()).transaction("recorders", "readwrite");
    const known = await tx.store.get(patch.key);
    const whole = { ...known, ...patch };
    if (isWhole(whole)) await tx.store.put(whole);
    await tx.done;
  },
  removeRecorder: async (key) => (await database()).delete("recorders", key),
  chunks: async (key) => {
    const found: { n: number; ms: number }[] = [];
    let cursor = await (await database()).transaction("sound").store.openCursor(chunksOf(key));
    while (cursor) {
      found.push({ n: cursor.value.n, ms: cursor.value.ms });
      cursor = await cursor.continue();
    }
    return found;
  },
  chunk: async (key, n) => (await database()).get("sound", [key, n]),
  putChunk: async (chunk) => void (await (await database()).put("sound", chunk)),
  removeChunk: async (key, n) => (await database()).delete("sound", [key, n]),
};

/**
 * Sound that the server does not have yet, by recorder. What the machine can't store is kept in memory: it is
 * uploaded all the same, and lost only if the page dies first.
 */
export class Spool {
  private readonly memory = new Map<string, KeptRecorder>();
  private readonly loose = new Map<string, Map<number, SoundChunk>>();
  private readonly lengths = new Map<string, Map<number, number>>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly store: SpoolStore = seatSpool) {}

  /** Tells whenever something came to be uploaded. */
  onMore(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async recorders(): Promise<KeptRecorder[]> {
    const stored = await this.store.recorders().catch(() => []);
    const all = new Map(stored.map((recorder) => [recorder.key, recorder]));
    for (const [key, recorder] of this.memory) all.set(key, { ...all.get(key), ...recorder });
    return [...all.values()].sort((a, b) => a.beganMs - b.beganMs);
  }

  /** A new recorder, or what has become known of one. */
  async keep(patch: RecorderPatch): Promise<void> {
    const loose = this.memory.get(patch.key);
    if (loose) this.memory.set(patch.key, { ...loose, ...patch });
    await this.store.patchRecorder(patch).catch(() => this.remember(patch));
    if (!this.lengths.has(patch.key)) this.lengths.set(patch.key, new Map());
    this.more();
  }

  async add(chunk: SoundChunk): Promise<void> {
    await this.store.putChunk(chunk).catch(() => {
      const loose = this.loose.get(chunk.recorder) ?? new Map<number, SoundChunk>();
      this.loose.set(chunk.recorder, loose.set(chunk.n, chunk));
      return this.remember({ key: chunk.recorder });
    });
    const lengths = this.lengths.get(chunk.recorder) ?? new Map<number, number>();
    this.lengths.set(chunk.recorder, lengths.set(chunk.n, chunk.ms));
    this.more();
  }

  /** Numbers of the chunks that wait, in order. */
  async waiting(key: string): Promise<number[]> {
    const stored = await this.store.chunks(key).catch(() => []);
    const lengths = new Map(stored.map(({ n, ms }) => [n, ms]));
    for (const [n, { ms }] of this.loose.get(key) ?? []) lengths.set(n, ms);
    this.lengths.set(key, lengths);
    return [...lengths.keys()].sort((a, b) => a - b);
  }

  /** Whether only this page has something of a recorder. */
  isLoose(key: string): boolean {
    return this.memory.has(key) || (this.loose.get(key)?.size ?? 0) > 0;
  }

  /** Whether the machine has not stored even that there is a recorder. */
  async isOnlyHere(key: string): Promise<boolean> {
    const stored = await this.store.recorders().catch(() => []);
    return !stored.some((recorder) => recorder.key === key);
  }

  /** How much of a recorder waits, ms; as far as this page has looked. */
  length(key: string): number {
    let sum = 0;
    for (const ms of this.lengths.get(key)?.values() ?? []) sum += ms;
    return sum;
  }

  async chunk(key: string, n: number): Promise<SoundChunk | undefined> {
    return this.loose.get(key)?.get(n) ?? (await this.store.chunk(key, n));
  }

  async remove(key: string, n: number): Promise<void> {
    this.loose.get(key)?.delete(n);
    this.lengths.get(key)?.delete(n);
    await this.store.removeChunk(key, n).catch(() => undefined);
  }

  async forget(key: string): Promise<void> {
    this.memory.delete(key);
    this.loose.delete(key);
    this.lengths.delete(key);
    await this.store.removeRecorder(key).catch(() => undefined);
  }

  /** What the machine can't store of a recorder, with all that it had stored before. */
  private async remember(patch: RecorderPatch): Promise<void> {
    unsent.unsafe = true;
    const stored = await this.store.recorders().catch(() => []);
    const known = this.memory.get(patch.key) ?? stored.find(({ key }) => key === patch.key);
    const whole = { ...known, ...patch };
    if (isWhole(whole)) this.memory.set(patch.key, whole);
  }

  private more(): void {
    for (const listener of this.listeners) listener();
  }
}

/** The spool of this machine; recorders and the uploader share it. */
export const spool = new Spool();
