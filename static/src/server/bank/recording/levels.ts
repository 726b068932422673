import type { components } from "@/api/schema.gen";

export type RecordedAudio = components["schemas"]["DraftAudio"];

/** As the linter of drafts has it: quieter drowns in a classroom, and what was cut off can't be mended. */
const LEAST_RMS_DBFS = -38;
const LEAST_PEAK_DBFS = -24;
const MOST_CLIPPED = 20;

export type Verdict = "good" | "quiet" | "clipped" | "unmeasured";

/** A word for a recording's levels. */
export function verdictOf(sound: {
  rms_dbfs?: number;
  peak_dbfs?: number;
  clipped_samples?: number;
}): Verdict {
  const { rms_dbfs = 0, peak_dbfs = 0, clipped_samples = 0 } = sound;
  // What came with an old paper was never measured; no sound is at 0 dBFS throughout.
  if (rms_dbfs === 0 && peak_dbfs === 0) return "unmeasured";
  if (clipped_samples > MOST_CLIPPED) return "clipped";
  return rms_dbfs < LEAST_RMS_DBFS || peak_dbfs < LEAST_PEAK_DBFS ? "quiet" : "good";
}

/** Most bytes of a recording that is handed in. */
export const MOST_BYTES = 30_000_000;
