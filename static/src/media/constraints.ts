/**
 * What every microphone is asked for, the same for all. No echo cancelling (headsets are worn, and it swallows speech
 * while the customer speaks), no noise suppression (it takes the quiet ends of words along), no gain control (it
 * pumps up the hall between words, and makes a careful distance to the microphone worthless).
 */
export const SOUND = {
  channelCount: 1,
  sampleRate: 48_000,
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
} as const satisfies MediaTrackConstraints;

/** What is recorded at the seat, and how. */
export const MEDIA_TYPE = "audio/webm;codecs=opus";
export const BITS_PER_SECOND = 48_000;
export const CHUNK_MS = 1_000;

/** Constraints for a microphone: the chosen one if it is there, else any. */
export const soundOf = (device: string): MediaTrackConstraints =>
  device ? { ...SOUND, deviceId: { exact: device } } : { ...SOUND };
