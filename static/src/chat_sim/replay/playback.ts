import { onScopeDispose, ref, type Ref } from "vue";

export const RATES = [1, 4, 16] as const;
export const STEP_MS = 5_000;

/** Stage time that runs as a recording does, at a chosen speed; nothing is heard. Times in ms. */
export class Playback {
  readonly position = ref(0);
  readonly playing = ref(false);
  readonly rate: Ref<number> = ref(4);

  private frame = 0;
  private last = 0;

  constructor(
    readonly durationMs: () => number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  toggle(): void {
    if (this.playing.value) this.pause();
    else this.play();
  }

  play(): void {
    if (!this.durationMs()) return;
    if (this.position.value >= this.durationMs()) this.position.value = 0;
    this.playing.value = true;
    this.last = this.now();
    this.frame = requestAnimationFrame(this.turn);
  }

  pause(): void {
    this.playing.value = false;
    cancelAnimationFrame(this.frame);
  }

  seek(toMs: number): void {
    this.position.value = Math.round(Math.min(Math.max(0, toMs), this.durationMs()));
  }

  step(byMs: number): void {
    this.seek(this.position.value + byMs);
  }

  setRate(rate: number): void {
    this.advance();
    this.rate.value = rate;
  }

  /** The next faster or slower speed; the last stays. */
  shift(by: 1 | -1): void {
    const next = RATES[RATES.indexOf(this.rate.value as (typeof RATES)[number]) + by];
    if (next !== undefined) this.setRate(next);
  }

  dispose(): void {
    this.pause();
  }

  private readonly turn = (): void => {
    if (!this.playing.value) return;
    this.advance();
    if (this.position.value >= this.durationMs()) this.pause();
    else this.frame = requestAnimationFrame(this.turn);
  };

  private advance(): void {
    if (!this.playing.value) return;
    const now = this.now();
    const went = (now - this.last) * this.rate.value;
    this.last = now;
    this.position.value = Math.min(this.durationMs(), this.position.value + went);
  }
}

/** A playback that ends with the component. */
export function usePlayback(durationMs: () => number): Playback {
  const playback = new Playback(durationMs);
  onScopeDispose(() => playback.dispose());
  return playback;
}
