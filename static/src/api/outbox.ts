import { newId } from "./ids";
import type { Entry, OutboxStore } from "./store";
import type { Command, ProblemBody } from "./types";

const ANSWER_MS = 5_000;
const BACKOFF_MS = 1_000;
const BACKOFF_MAX_MS = 15_000;

export interface OutboxHooks {
  /** Puts the command on the wire; false when there is none. */
  transmit(entry: Entry): boolean;
  /** Whether the command may go now (a paused attempt takes none of a module). */
  sendable(entry: Entry): boolean;
  changed(): void;
  acked(entry: Entry, serverMs: number): void;
  dropped(entry: Entry, problem: ProblemBody): void;
  /** Storage on this machine failed: commands live in memory only. */
  unsafe?(): void;
}

/** Ordered queue of one attempt: one command under way, resent until it is acknowledged or refused for good. */
export class Outbox {
  private entries: Entry[] = [];
  private next = 1;
  private flying: Entry | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private open = false;
  /** The refusal that holds the queue up, to be shown. */
  blockedBy: ProblemBody | undefined;

  constructor(
    private readonly attemptId: string,
    private readonly store: OutboxStore,
    private readonly hooks: OutboxHooks,
  ) {}

  get size(): number {
    return this.entries.length;
  }

  get waiting(): readonly Entry[] {
    return this.entries;
  }

  /** What an earlier life of the page left behind, in its order. */
  async restore(): Promise<void> {
    const kept = await this.store.load(this.attemptId).catch(() => []);
    const known = new Set(this.entries.map((entry) => entry.id));
    const older = kept.filter((entry) => !known.has(entry.id)).sort((a, b) => a.n - b.n);
    this.entries = [...older, ...this.entries];
    this.next = Math.max(this.next, ...this.entries.map((entry) => entry.n + 1));
    this.hooks.changed();
  }

  /** Keeps the command and sends it as soon as its turn comes. */
  add(command: Command, stampMs: number): Entry {
    const entry: Entry = { id: newId(), attemptId: this.attemptId, n: this.next++, stampMs, command };
    this.entries.push(entry);
    this.hooks.changed();
    // Sending does not wait for the disk: what is acknowledged needs no copy here.
    this.store.put(entry).then(
      () => {
        if (!this.entries.includes(entry)) void this.store.remove(entry);
      },
      () => this.hooks.unsafe?.(),
    );
    this.pump();
    return entry;
  }

  /** The wire is up (after its welcome). */
  opened(): void {
    this.open = true;
    this.land();
    this.failures = 0;
    this.block(undefined);
    this.pump();
  }

  /** The wire is down; whatever is under way goes again later. */
  closed(): void {
    this.open = false;
    this.land();
    this.hooks.changed();
  }

  /** Sends the first command that may go, if none is under way. */
  pump(): void {
    if (!this.open || this.flying || this.timer !== undefined) return;
    const entry = this.entries.find((candidate) => this.hooks.sendable(candidate));
    if (!entry) return;
    if (!this.hooks.transmit(entry)) return;
    this.flying = entry;
    this.timer = setTimeout(() => this.retry(), ANSWER_MS);
  }

  ack(id: string, serverMs: number): void {
    const entry = this.take(id);
    if (!entry) return;
    this.failures = 0;
    this.blockedBy = undefined;
    this.hooks.acked(entry, serverMs);
    this.hooks.changed();
    this.pump();
  }

  refuse(id: string, problem: ProblemBody): void {
    if (problem.retry) {
      if (this.flying?.id !== id) return;
      this.land();
      this.blockedBy = problem;
      this.failures += 1;
      this.wait();
      this.hooks.changed();
      return;
    }
    const entry = this.take(id);
    if (!entry) return;
    this.failures = 0;
    this.blockedBy = undefined;
    this.hooks.dropped(entry, problem);
    this.hooks.changed();
    this.pump();
  }

  /** Refuses whatever is under way, where the server could not read which; false if nothing is. */
  refuseFlying(problem: ProblemBody): boolean {
    if (!this.flying) return false;
    this.refuse(this.flying.id, problem);
    return true;
  }

  /** Shows (or no longer shows) what holds the queue up. */
  block(problem: ProblemBody | undefined): void {
    this.blockedBy = problem;
    this.hooks.changed();
  }

  /** Takes back what no longer holds. */
  discard(which: (entry: Entry) => boolean): void {
    for (const entry of this.entries.filter(which)) this.take(entry.id);
    this.hooks.changed();
  }

  private take(id: string): Entry | undefined {
    const entry = this.entries.find((candidate) => candidate.id === id);
    if (this.flying?.id === id) this.land();
    if (!entry) return undefined;
    this.entries = this.entries.filter((candidate) => candidate !== entry);
    void this.store.remove(entry).catch(() => undefined);
    return entry;
  }

  private land(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.flying = undefined;
  }

  private retry(): void {
    this.land();
    this.pump();
  }

  private wait(): void {
    const ceiling = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** (this.failures - 1));
    this.timer = setTimeout(() => this.retry(), ceiling * (0.5 + Math.random() / 2));
  }
}
