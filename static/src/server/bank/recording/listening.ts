import { ref } from "vue";
import { blobUrl } from "@/media/files";

/** Share of a recording that must have sounded before it counts as heard to the end. */
export const HEARD_SHARE = 0.95;

/** How much of a recording has sounded, by its played ranges. */
export function playedShare(played: Pick<TimeRanges, "length" | "start" | "end">, duration: number): number {
  let seconds = 0;
  for (let index = 0; index < played.length; index += 1) seconds += played.end(index) - played.start(index);
  return duration > 0 ? seconds / duration : 0;
}

/** A player for whoever writes: seeks freely, and knows whether the recording was heard to its end. */
export class Listening {
  readonly playing = ref(false);
  readonly failed = ref(false);
  readonly positionMs = ref(0);
  private source = "";

  constructor(
    private readonly heard: () => void,
    private readonly element: HTMLAudioElement = new Audio(),
  ) {
    element.preload = "auto";
    element.addEventListener("timeupdate", () => (this.positionMs.value = element.currentTime * 1000));
    element.addEventListener("play", () => (this.playing.value = true));
    element.addEventListener("pause", () => (this.playing.value = false));
    element.addEventListener("ended", () => {
      this.playing.value = false;
      if (playedShare(element.played, element.duration) >= HEARD_SHARE) this.heard();
    });
    element.addEventListener("error", () => (this.failed.value = this.source !== ""));
  }

  /** Another recording: its address, or "" for none. */
  load(url: string): void {
    this.element.pause();
    this.source = url;
    this.positionMs.value = 0;
    this.failed.value = false;
    this.element.removeAttribute("src");
    if (!url) return;
    // What is in memory already has an address of its own.
    const coming = url.startsWith("blob:") ? Promise.resolve(url) : blobUrl(url);
    coming.then(
      (address) => {
        if (this.source === url) this.element.src = address;
      },
      () => (this.failed.value = this.source === url),
    );
  }

  toggle(): void {
    if (this.playing.value) this.element.pause();
    else void this.element.play().catch(() => undefined);
  }

  seek(ms: number): void {
    if (this.element.readyState > 0) this.element.currentTime = ms / 1000;
    this.positionMs.value = ms;
  }

  close(): void {
    this.load("");
    this.element.load();
  }
}
