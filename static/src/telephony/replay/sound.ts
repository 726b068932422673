import { onScopeDispose, ref } from "vue";

export const RATES = [0.75, 1, 1.25, 1.5] as const;
export const STEP_MS = 5_000;

/** The sound of a recording: an audio element that fetches what it plays by byte ranges. Times in ms. */
export class Sound {
  readonly position = ref(0);
  readonly duration = ref(0);
  readonly playing = ref(false);
  readonly waiting = ref(false);
  readonly failed = ref(false);
  readonly rate = ref(1);
  readonly volume = ref(1);

  private until: number | undefined;
  private reached: (() => void) | undefined;
  private frame = 0;
  private url = "";

  constructor(readonly element: HTMLAudioElement = new Audio()) {
    element.preload = "metadata";
    const on = (name: string, handler: () => void): void => element.addEventListener(name, handler);
    on("loadedmetadata", () => this.place());
    on("timeupdate", () => this.look());
    on("playing", () => (this.waiting.value = false));
    on("waiting", () => (this.waiting.value = this.playing.value));
    on("pause", () => this.halted());
    on("ended", () => {
      this.position.value = this.duration.value;
      this.halted();
      this.arrive();
    });
    on("error", () => {
      if (element.getAttribute("src")) this.broke();
    });
  }

  load(url: string, durationMs: number): void {
    this.pause();
    this.url = url;
    this.position.value = 0;
    this.duration.value = durationMs;
    this.retry();
  }

  /** Nothing to play. */
  unload(): void {
    this.pause();
    this.url = "";
    this.duration.value = this.position.value = 0;
    this.failed.value = false;
    this.element.removeAttribute("src");
    this.element.load();
  }

  retry(): void {
    this.failed.value = false;
    this.element.src = this.url;
    this.element.load();
    this.setRate(this.rate.value);
  }

  toggle(): void {
    if (this.playing.value) this.pause();
    else void this.play();
  }

  async play(): Promise<void> {
    if (!this.url || this.failed.value) return;
    if (this.position.value >= this.duration.value - 50) this.seek(0);
    this.playing.value = true;
    this.waiting.value = this.element.readyState < 3;
    this.watch();
    try {
      await this.element.play();
    } catch (error) {
      // A start that was interrupted by a pause is nobody's fault.
      if (error instanceof DOMException && error.name === "AbortError") return;
      this.broke();
    }
  }

  pause(): void {
    this.until = this.reached = undefined;
    this.element.pause();
    this.halted();
  }

  /** Leaves a stretch that was played by itself: the hearer has gone elsewhere. */
  seek(toMs: number): void {
    this.until = this.reached = undefined;
    this.move(toMs);
  }

  step(byMs: number): void {
    this.seek(this.position.value + byMs);
  }

  /** Plays from there to there and stops; `then` is called when it got to the end by itself. */
  playStretch(fromMs: number, toMs: number, then?: () => void): void {
    this.move(fromMs);
    this.until = Math.min(toMs, this.duration.value);
    this.reached = then;
    void this.play();
  }

  setRate(rate: number): void {
    this.rate.value = rate;
    this.element.defaultPlaybackRate = this.element.playbackRate = rate;
  }

  setVolume(volume: number): void {
    this.volume.value = this.element.volume = Math.min(1, Math.max(0, volume));
  }

  dispose(): void {
    this.unload();
  }

  private move(toMs: number): void {
    const to = Math.round(Math.min(Math.max(0, toMs), this.duration.value));
    this.position.value = to;
    this.place();
  }

  private place(): void {
    if (this.element.readyState > 0) this.element.currentTime = this.position.value / 1000;
  }

  private look(): void {
    if (this.element.readyState === 0 || this.element.seeking) return;
    const now = Math.min(this.duration.value, Math.round(this.element.currentTime * 1000));
    this.position.value = now;
    if (this.until !== undefined && now >= this.until) this.arrive();
  }

  /** At the end of a stretch. */
  private arrive(): void {
    const then = this.reached;
    this.pause();
    then?.();
  }

  private watch(): void {
    cancelAnimationFrame(this.frame);
    const next = (): void => {
      if (!this.playing.value) return;
      this.look();
      this.frame = requestAnimationFrame(next);
    };
    this.frame = requestAnimationFrame(next);
  }

  private halted(): void {
    this.playing.value = this.waiting.value = false;
    cancelAnimationFrame(this.frame);
  }

  private broke(): void {
    this.element.pause();
    this.halted();
    this.failed.value = true;
  }
}

/** A sound that ends with the component. */
export function useSound(): Sound {
  const sound = new Sound();
  onScopeDispose(() => sound.dispose());
  return sound;
}
