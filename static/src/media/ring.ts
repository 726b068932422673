import { outletOf } from "./devices";

/** 450 Hz for a second, then four of silence: the tone of the public network (GB/T 3380), made here. */
const TONE_HZ = 450;
const ON_S = 1;
const EVERY_S = 5;
const LEVEL = 0.12;
const AHEAD = 24;

/** Rings until it is told to stop, two minutes at most; then the band on the screen rings alone. */
export class Ring {
  private context: AudioContext | undefined;

  constructor(private readonly make: () => AudioContext = () => new AudioContext()) {}

  start(): void {
    if (this.context) return;
    try {
      const context = (this.context = this.make());
      void context.resume().catch(() => undefined);
      const tone = context.createOscillator();
      const level = context.createGain();
      tone.frequency.value = TONE_HZ;
      level.gain.value = 0;
      tone.connect(level).connect(outletOf(context));
      const begin = context.currentTime + 0.1;
      for (let n = 0; n < AHEAD; n += 1) {
        const at = begin + n * EVERY_S;
        level.gain.setValueAtTime(0, at);
        level.gain.linearRampToValueAtTime(LEVEL, at + 0.03);
        level.gain.setValueAtTime(LEVEL, at + ON_S - 0.03);
        level.gain.linearRampToValueAtTime(0, at + ON_S);
      }
      tone.start(begin);
      tone.stop(begin + AHEAD * EVERY_S);
    } catch {
      // Without sound the band on the screen rings alone.
    }
  }

  stop(): void {
    void this.context?.close().catch(() => undefined);
    this.context = undefined;
  }
}
