import type { Entry, KeptRecorder, OutboxStore, SoundChunk } from "@/api/store";
import type { ProblemBody } from "@/api/types";
import type { RecorderPatch, SpoolStore } from "@/media/spool";

export class MemoryStore implements OutboxStore {
  readonly kept = new Map<string, Entry>();
  fails = false;
  load(attemptId: string): Promise<Entry[]> {
    return Promise.resolve([...this.kept.values()].filter((entry) => entry.attemptId === attemptId));
  }
  put(entry: Entry): Promise<void> {
    if (this.fails) return Promise.reject(new Error("quota"));
    this.kept.set(entry.id, entry);
    return Promise.resolve();
  }
  remove(entry: Entry): Promise<void> {
    this.kept.delete(entry.id);
    return Promise.resolve();
  }
}

export const problem = (code: string, status: number, retry = false): ProblemBody => ({
  type: "",
  title: "",
  detail: "",
  request_id: "",
  status,
  code,
  retry,
  faults: [],
});

/** The house's database, as far as the spool can tell; it outlives a page. */
export class MemorySpool implements SpoolStore {
  readonly kept = new Map<string, KeptRecorder>();
  readonly sound = new Map<string, SoundChunk>();
  full = false;
  private readonly name = (key: string, n: number): string => `${key}/${n}`;
  recorders = () => Promise.resolve([...this.kept.values()]);
  patchRecorder(patch: RecorderPatch): Promise<void> {
    if (this.full) return Promise.reject(new Error("quota"));
    const whole = { ...this.kept.get(patch.key), ...patch } as KeptRecorder;
    if (whole.callId !== undefined) this.kept.set(patch.key, whole);
    return Promise.resolve();
  }
  removeRecorder = (key: string) => Promise.resolve(void this.kept.delete(key));
  chunks = (key: string) =>
    Promise.resolve(
      [...this.sound.values()].filter(({ recorder }) => recorder === key).map(({ n, ms }) => ({ n, ms })),
    );
  chunk = (key: string, n: number) => Promise.resolve(this.sound.get(this.name(key, n)));
  putChunk(chunk: SoundChunk): Promise<void> {
    if (this.full) return Promise.reject(new Error("quota"));
    this.sound.set(this.name(chunk.recorder, chunk.n), chunk);
    return Promise.resolve();
  }
  removeChunk = (key: string, n: number) => Promise.resolve(void this.sound.delete(this.name(key, n)));
}
