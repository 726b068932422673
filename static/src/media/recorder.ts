import { newId } from "@/api/ids";
import { BITS_PER_SECOND, CHUNK_MS, MEDIA_TYPE } from "./constraints";
import { aliveFor } from "./locks";
import type { Spool } from "./spool";

/** Half of what the server takes at once; a page that stood still for minutes may bring more in one go. */
export const MOST_BYTES = 256 * 1024;

export interface Recording {
  attemptId: string;
  callId: string;
  /** Server time, UTC epoch ms. */
  now(): number;
  /** Durations, ms. */
  monotonic?(): number;
}

/** The seat's own copy of what it says: one file in chunks of a second, from a call's begin to its end. */
export class SeatRecorder {
  readonly key = newId();
  private media: MediaRecorder | undefined;
  private begun = false;
  private count = 0;
  private at = 0;
  /** Chunks in their order: what comes next waits until the one before is stored. */
  private tail: Promise<void> = Promise.resolve();
  private stopped: Promise<void> | undefined;
  /** The browser has handed over the last it had; it may do so only after it calls itself inactive. */
  private drained: Promise<void> = Promise.resolve();
  private free: (() => void) | undefined;

  constructor(
    private readonly spool: Spool,
    private readonly of: Recording,
  ) {}

  /** Begins; false where this browser can't record (sound still goes over the line). */
  start(stream: MediaStream): boolean {
    if (typeof MediaRecorder === "undefined" || !MediaRecorder.isTypeSupported(MEDIA_TYPE)) return false;
    const options = { mimeType: MEDIA_TYPE, audioBitsPerSecond: BITS_PER_SECOND };
    try {
      const media = (this.media = new MediaRecorder(stream, options));
      media.ondataavailable = ({ data }) => this.came(data);
      this.drained = new Promise<void>((resolve) => {
        media.onstop = () => {
          resolve();
          void this.stop();
        };
      });
      media.start(CHUNK_MS);
    } catch {
      this.media = undefined;
      return false;
    }
    this.at = this.monotonic();
    this.begun = true;
    this.free = aliveFor(this.key);
    const { attemptId, callId } = this.of;
    const made = { key: this.key, attemptId, callId, mediaType: MEDIA_TYPE, beganMs: this.of.now() };
    this.tail = this.tail.then(() => this.spool.keep(made));
    return true;
  }

  /** Ends; resolves when the last chunk is stored and the uploader may finish. */
  stop(): Promise<void> {
    this.stopped ??= this.end();
    return this.stopped;
  }

  private async end(): Promise<void> {
    const { media } = this;
    if (!media || !this.begun) return;
    if (media.state !== "inactive") media.stop();
    await this.drained;
    const endedMs = this.of.now();
    await this.tail;
    await this.spool.keep({ key: this.key, chunks: this.count, endedMs });
    this.free?.();
  }

  private came(data: Blob): void {
    const now = this.monotonic();
    const ms = Math.max(0, Math.round(now - this.at));
    this.at = now;
    for (let from = 0; from < data.size; from += MOST_BYTES) {
      const piece = data.size > MOST_BYTES ? data.slice(from, from + MOST_BYTES) : data;
      this.keep(this.count++, from === 0 ? ms : 0, piece);
    }
  }

  private keep(n: number, ms: number, data: Blob): void {
    const bytes = data.arrayBuffer();
    // One that can't be read is a gap; those after it are kept all the same.
    this.tail = this.tail
      .then(async () => this.spool.add({ recorder: this.key, n, ms, bytes: await bytes }))
      .catch(() => undefined);
  }

  private monotonic(): number {
    return this.of.monotonic?.() ?? performance.now();
  }
}
