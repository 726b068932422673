/** A mono WAV file (16 bit) that sounds a little like speech: bursts of a tone with short gaps. */
export function wav(seconds: number, rate = 48_000): Buffer {
  const samples = Math.round(seconds * rate);
  const data = Buffer.alloc(44 + samples * 2);
  data.write("RIFF", 0, "ascii");
  data.writeUInt32LE(36 + samples * 2, 4);
  data.write("WAVEfmt ", 8, "ascii");
  data.writeUInt32LE(16, 16);
  data.writeUInt16LE(1, 20);
  data.writeUInt16LE(1, 22);
  data.writeUInt32LE(rate, 24);
  data.writeUInt32LE(rate * 2, 28);
  data.writeUInt16LE(2, 32);
  data.writeUInt16LE(16, 34);
  data.write("data", 36, "ascii");
  data.writeUInt32LE(samples * 2, 40);
  for (let index = 0; index < samples; index += 1) {
    const at = index / rate;
    const voiced = at % 0.4 < 0.3;
    const tone = Math.sin(2 * Math.PI * 180 * at) + 0.5 * Math.sin(2 * Math.PI * 720 * at);
    data.writeInt16LE(Math.round(voiced ? tone * 7_000 : 0), 44 + index * 2);
  }
  return data;
}

/** The same with a pause at its end: a browser that plays it in a loop takes turns with whoever listens. */
export function turn(spokenSeconds: number, silentSeconds: number, rate = 48_000): Buffer {
  const sound = Buffer.concat([wav(spokenSeconds, rate), Buffer.alloc(Math.round(silentSeconds * rate) * 2)]);
  sound.writeUInt32LE(sound.length - 8, 4);
  sound.writeUInt32LE(sound.length - 44, 40);
  return sound;
}

/** Every so often somebody draws breath, for longer than a word's end is waited for. */
const BREATH_EVERY_S = 3;
const BREATH_S = 0.8;

/** A tone in syllables of changing length and loudness, no two seconds alike: what was heard tells which second. */
export function speech(seconds: number, hz: number, seed: number, rate = 48_000): Buffer {
  const sound = wav(seconds, rate);
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  let ends = 0;
  let loud = 0;
  let voiced = false;
  for (let index = 0; index < seconds * rate; index += 1) {
    if (index >= ends) {
      voiced = !voiced;
      ends = index + Math.round(rate * (voiced ? 0.12 + 0.25 * random() : 0.05 + 0.15 * random()));
      loud = voiced ? 3_000 + 7_000 * random() : 0;
    }
    const at = index / rate;
    const tone = Math.sin(2 * Math.PI * hz * at) + 0.4 * Math.sin(8 * Math.PI * hz * at);
    const breath = at % BREATH_EVERY_S > BREATH_EVERY_S - BREATH_S;
    sound.writeInt16LE(breath ? 0 : Math.round(tone * loud), 44 + index * 2);
  }
  return sound;
}
