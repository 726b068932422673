import { ref } from "vue";

const LOOK_MS = 100;
export const FLOOR_DBFS = -120;
/** Samples this loud are at the end of what the microphone can say. */
const CLIPPED = 0.985;
/** So many clipped samples of one look are no accident. */
const CLIPPED_SAMPLES = 3;
/** Of the latest looks: how many must clip until it is said, and none of them until it is taken back. */
const LOOKS = 30;
const GESTURES = ["pointerdown", "keydown"] as const;
const CLIPPED_LOOKS = 4;

/** Root mean square of samples (-1 to 1) in dB below full scale. */
export function dbfs(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  return rms > 0 ? Math.max(FLOOR_DBFS, Math.min(0, 20 * Math.log10(rms))) : FLOOR_DBFS;
}

/** Tells from look to look whether sound is cut off at its loudest. */
export class ClippingJudge {
  private looks: boolean[] = [];
  clipping = false;

  look(samples: Float32Array): boolean {
    let cut = 0;
    for (const sample of samples) if (Math.abs(sample) >= CLIPPED) cut += 1;
    this.looks = [...this.looks, cut >= CLIPPED_SAMPLES].slice(-LOOKS);
    const count = this.looks.filter(Boolean).length;
    if (count >= CLIPPED_LOOKS) this.clipping = true;
    else if (count === 0) this.clipping = false;
    return this.clipping;
  }
}

/** The level of a stream, looked at ten times a second; nothing of it is kept. */
export class LevelWatch {
  readonly level = ref(FLOOR_DBFS);
  readonly clipping = ref(false);
  private context: AudioContext | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  /** After a reload the browser may hold it back until somebody clicks or types. */
  private readonly wake = (): void => void this.context?.resume().catch(() => undefined);

  constructor(private readonly make: () => AudioContext = () => new AudioContext()) {}

  watch(stream: MediaStream): void {
    this.close();
    let context: AudioContext;
    try {
      context = this.context = this.make();
      this.wake();
    } catch {
      // No sound system: the meter stays dark, the call goes on.
      return;
    }
    for (const gesture of GESTURES) addEventListener(gesture, this.wake, true);
    const analyser = context.createAnalyser();
    analyser.fftSize = 4096;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const judge = new ClippingJudge();
    this.timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      this.level.value = dbfs(samples);
      this.clipping.value = judge.look(samples);
    }, LOOK_MS);
  }

  close(): void {
    clearInterval(this.timer);
    for (const gesture of GESTURES) removeEventListener(gesture, this.wake, true);
    void this.context?.close().catch(() => undefined);
    this.context = undefined;
    this.level.value = FLOOR_DBFS;
    this.clipping.value = false;
  }
}
