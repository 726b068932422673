/** Longest time between typing and handing the text to the queue; with the ack it stays under 2 s. */
export const AUTOSAVE_MS = 1_500;

/** Saves a touched part at most AUTOSAVE_MS after the first touch; further touches never push it back. */
export class Autosave {
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly save: (part: string) => void,
    private readonly delayMs = AUTOSAVE_MS,
  ) {}

  get pending(): number {
    return this.timers.size;
  }

  touch(part: string, delayMs = this.delayMs): void {
    if (this.timers.has(part)) return;
    this.timers.set(
      part,
      setTimeout(() => this.flush(part), delayMs),
    );
  }

  /** Saves now whatever waits: one part, or all. */
  flush(part?: string): void {
    for (const key of part === undefined ? [...this.timers.keys()] : [part]) {
      if (!this.timers.has(key)) continue;
      clearTimeout(this.timers.get(key));
      this.timers.delete(key);
      this.save(key);
    }
  }

  cancel(): void {
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
  }
}
