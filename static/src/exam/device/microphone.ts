import type { DeviceReport } from "./judge";

type Report = NonNullable<DeviceReport["microphone"]>;
export type Outcome = Report["outcome"];

const LOOK_MS = 100;
const FLOOR_DBFS = -120;
/** Speech into a headset comes at -35 to -15; a microphone that is switched off stays far below this. */
export const HEARD_DBFS = -50;

/** Root mean square of samples (-1 to 1) in dB below full scale. */
export function dbfs(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const rms = Math.sqrt(sum / Math.max(1, samples.length));
  return rms > 0 ? Math.max(FLOOR_DBFS, Math.min(0, 20 * Math.log10(rms))) : FLOOR_DBFS;
}

/** Why a microphone did not open. */
export function refusalOf(error: unknown): Outcome {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "absent";
  return "failed";
}

/** Opens the microphone and tells its level; what was heard never leaves this object. */
export class Meter {
  private stream: MediaStream | undefined;
  private context: AudioContext | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private peak = FLOOR_DBFS;
  private gone = false;

  constructor(private readonly onLevel: (level: number) => void) {}

  /** The device's own name, for the screen only: people name their headsets after themselves. */
  get label(): string {
    return this.stream?.getAudioTracks()[0]?.label ?? "";
  }

  async open(): Promise<Outcome | undefined> {
    if (!isSecureContext || !navigator.mediaDevices) return "insecure";
    try {
      const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: plain });
      if (this.gone) return this.close();
      this.context = new AudioContext();
      await this.context.resume();
      const analyser = new AnalyserNode(this.context, { fftSize: 4096 });
      this.context.createMediaStreamSource(this.stream).connect(analyser);
      const samples = new Float32Array(analyser.fftSize);
      this.timer = setInterval(() => {
        analyser.getFloatTimeDomainData(samples);
        const level = dbfs(samples);
        this.peak = Math.max(this.peak, level);
        this.onLevel(level);
      }, LOOK_MS);
      return undefined;
    } catch (error) {
      this.close();
      return refusalOf(error);
    }
  }

  get report(): Report {
    return {
      outcome: this.peak > HEARD_DBFS ? "ok" : "silent",
      peak_dbfs: Math.round(this.peak * 10) / 10,
    };
  }

  close(): undefined {
    this.gone = true;
    clearInterval(this.timer);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    void this.context?.close();
    this.context = undefined;
    return undefined;
  }
}
