import { outletOf } from "@/media/devices";

export type Ear = "left" | "right";

const TONE_S = 0.35;
const GAP_S = 0.45;
const LEAD_S = 0.15;
/** Without a sound card some browsers neither play nor refuse. */
const SLACK_MS = 3_000;

/** Two to five tones, each in one ear, both ears among them: a dead ear gives a wrong number, and so does a guess. */
export function planTones(random: () => number = Math.random): Ear[] {
  const count = 2 + Math.floor(random() * 4);
  const ears = Array.from({ length: count }, (): Ear => (random() < 0.5 ? "left" : "right"));
  if (ears.every((ear) => ear === ears[0]))
    ears[Math.floor(random() * count)] = ears[0] === "left" ? "right" : "left";
  return ears;
}

/** Plays the tones; resolves when the last one has sounded. Rejects where there is no sound, also when nothing comes of it. */
export async function playTones(ears: readonly Ear[], make = () => new AudioContext()): Promise<void> {
  const context = make();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const ms = (LEAD_S + ears.length * (TONE_S + GAP_S)) * 1_000 + SLACK_MS;
    timer = setTimeout(() => reject(new Error("no sound in time")), ms);
  });
  try {
    await Promise.race([sound(context, ears), late]);
  } finally {
    clearTimeout(timer);
    void context.close();
  }
}

async function sound(context: AudioContext, ears: readonly Ear[]): Promise<void> {
  await context.resume();
  const outlet = outletOf(context);
  const begin = context.currentTime + LEAD_S;
  const ends = ears.map((ear, index) => {
    const at = begin + index * (TONE_S + GAP_S);
    const tone = new OscillatorNode(context, { frequency: ear === "left" ? 523 : 659 });
    const level = new GainNode(context, { gain: 0 });
    // Soft edges: a hard one is a click of its own, and would be counted.
    level.gain.setValueAtTime(0, at);
    level.gain.linearRampToValueAtTime(0.4, at + 0.03);
    level.gain.setValueAtTime(0.4, at + TONE_S - 0.05);
    level.gain.linearRampToValueAtTime(0, at + TONE_S);
    tone
      .connect(level)
      .connect(new StereoPannerNode(context, { pan: ear === "left" ? -1 : 1 }))
      .connect(outlet);
    const ended = new Promise<void>((resolve) => (tone.onended = () => resolve()));
    tone.start(at);
    tone.stop(at + TONE_S);
    return ended;
  });
  await Promise.all(ends);
}
