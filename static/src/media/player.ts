import { computed, ref } from "vue";
import { blobUrl, forget } from "./files";

export type Act = "play" | "pause" | "seek" | "ended" | "failed";

export interface Policy {
  max_plays?: number | null;
  seek: "free" | "back" | "none";
  back_step_ms: number;
}

export interface Track {
  id: string;
  url: string;
  durationMs: number;
  positionMs: number;
  furthestMs: number;
  listenedMs: number;
}

export type OnAct = (track: Track, act: Act, positionMs: number, toMs: number | null) => void;

/** The recording's player: obeys the policy, tells every act. */
export class Player {
  readonly position = ref(0);
  readonly listened = ref(0);
  readonly furthest = ref(0);
  readonly playing = ref(false);
  readonly loading = ref(false);
  readonly failed = ref(false);
  readonly track = ref<Track>();

  readonly duration = computed(() => this.track.value?.durationMs ?? 0);
  /** Listening time left under the policy, ms; undefined without a limit. */
  readonly left = computed(() =>
    this.policy.max_plays
      ? Math.max(0, this.policy.max_plays * this.duration.value - this.listened.value)
      : undefined,
  );
  readonly used = computed(() => this.left.value !== undefined && this.left.value <= 0);

  private heardAt: number | undefined;
  /** Play was asked for before the recording had come. */
  private wanted = false;

  constructor(
    private readonly policy: Policy,
    private readonly onAct: OnAct,
    readonly element: HTMLAudioElement = new Audio(),
  ) {
    element.preload = "auto";
    const on = (name: string, handler: () => void): void => element.addEventListener(name, handler);
    on("loadedmetadata", () => this.arrived());
    on("canplay", () => (this.loading.value = false));
    on("waiting", () => this.count(false));
    on("playing", () => this.count(true));
    on("timeupdate", () => this.moved());
    on("ended", () => this.stopped("ended"));
    on("error", () => {
      if (element.getAttribute("src")) this.broke();
    });
  }

  load(track: Track): void {
    this.pause();
    this.wanted = false;
    this.track.value = track;
    this.position.value = track.positionMs;
    this.furthest.value = track.furthestMs;
    this.listened.value = track.listenedMs;
    this.fetch();
  }

  /** Loads the same recording again, after it was damaged or did not come. */
  retry(): void {
    if (this.track.value) forget(this.track.value.url);
    this.fetch();
  }

  toggle(): void {
    if (this.wanted) this.wanted = false;
    else if (this.playing.value) this.pause();
    else void this.play();
  }

  async play(): Promise<void> {
    const track = this.track.value;
    if (!track || this.failed.value || this.used.value || this.playing.value) return;
    if (!this.element.getAttribute("src")) {
      this.wanted = true;
      return;
    }
    if (this.position.value >= track.durationMs - 50 || this.element.ended) this.jump(0);
    this.playing.value = true;
    try {
      await this.element.play();
      if (this.playing.value && this.track.value === track) this.tell("play", this.now());
    } catch (error) {
      this.playing.value = false;
      // An interrupted start is the contestant's own pause, not damage.
      if (error instanceof DOMException && error.name === "AbortError") return;
      this.broke();
    }
  }

  pause(): void {
    if (!this.playing.value) return;
    this.element.pause();
    this.stopped("pause");
  }

  /** The server took no play: no sound, and nothing to tell. */
  refused(): void {
    this.element.pause();
    this.stopped();
  }

  back(): void {
    this.seek(this.now() - this.policy.back_step_ms);
  }

  canSeek(): boolean {
    return this.policy.seek !== "none" && !this.failed.value;
  }

  seek(toMs: number): void {
    if (!this.track.value || !this.canSeek()) return;
    const from = this.now();
    const limit = this.policy.seek === "back" ? Math.max(this.furthest.value, from) : this.duration.value;
    const to = Math.round(Math.min(Math.max(0, toMs), limit));
    if (to === from) return;
    this.jump(to);
    this.tell("seek", from, to);
  }

  dispose(): void {
    this.pause();
    this.track.value = undefined;
    this.element.removeAttribute("src");
    this.element.load();
  }

  private fetch(): void {
    const track = this.track.value;
    if (!track) return;
    this.failed.value = false;
    this.loading.value = true;
    this.element.removeAttribute("src");
    this.element.load();
    blobUrl(track.url).then(
      (url) => {
        if (this.track.value !== track) return;
        this.element.src = url;
        this.element.load();
        const now = this.wanted;
        this.wanted = false;
        if (now) void this.play();
      },
      () => {
        if (this.track.value === track) this.broke();
      },
    );
  }

  private arrived(): void {
    this.loading.value = false;
    if (this.position.value > 0) this.element.currentTime = this.position.value / 1000;
  }

  private now(): number {
    if (this.element.readyState === 0) return this.position.value;
    return Math.min(this.duration.value, Math.round(this.element.currentTime * 1000));
  }

  private jump(toMs: number): void {
    this.position.value = toMs;
    if (this.element.readyState > 0) this.element.currentTime = toMs / 1000;
  }

  private moved(): void {
    if (this.element.readyState === 0 || this.failed.value) return;
    this.position.value = this.now();
    this.furthest.value = Math.max(this.furthest.value, this.position.value);
    if (!this.playing.value) return;
    this.count(true);
    if (this.used.value) this.pause();
  }

  /** Adds the listening since the last look; `on` says whether sound goes on. */
  private count(on: boolean): void {
    const now = performance.now();
    if (this.heardAt !== undefined) this.listened.value += now - this.heardAt;
    this.heardAt = on && this.playing.value ? now : undefined;
  }

  private stopped(act?: "pause" | "ended"): void {
    if (!this.playing.value) return;
    this.count(false);
    this.playing.value = false;
    this.position.value = act === "ended" ? this.duration.value : this.now();
    this.furthest.value = Math.max(this.furthest.value, this.position.value);
    if (act) this.tell(act, this.position.value);
  }

  private broke(): void {
    if (!this.track.value || this.failed.value) return;
    this.count(false);
    this.playing.value = false;
    this.loading.value = false;
    this.failed.value = true;
    this.wanted = false;
    this.tell("failed", Math.round(this.position.value));
  }

  private tell(act: Act, positionMs: number, toMs: number | null = null): void {
    if (this.track.value) this.onAct(this.track.value, act, Math.max(0, Math.round(positionMs)), toMs);
  }
}
