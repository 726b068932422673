import type { Entry, OutboxStore } from "@/api/store";
import type { ProblemBody } from "@/api/types";

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
