import { chosen, soundFrom } from "@/media/devices";
import { dbfs, FLOOR_DBFS } from "@/media/level";
import type { DeviceReport } from "./judge";

export { dbfs } from "@/media/level";

type Report = NonNullable<DeviceReport["microphone"]>;
export type Outcome = Report["outcome"];

const LOOK_MS = 100;
/** Speech into a headset comes at -35 to -15; a microphone that is switched off stays far below this. */
export const HEARD_DBFS = -50;

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
  /** What came back when something was recorded and played. */
  playback: Report["playback"] = null;
  private gone = false;

  constructor(private readonly onLevel: (level: number) => void) {}

  /** The device's own name, for the screen only: people name their headsets after themselves. */
  get label(): string {
    return this.stream?.getAudioTracks()[0]?.label ?? "";
  }

  /** Its device; "" where the browser doesn't say. */
  get device(): string {
    return this.stream?.getAudioTracks()[0]?.getSettings?.().deviceId ?? "";
  }

  /** What it hears, for as long as it is open. */
  get sound(): MediaStream | undefined {
    return this.stream;
  }

  async open(): Promise<Outcome | undefined> {
    if (!isSecureContext || !navigator.mediaDevices) return "insecure";
    try {
      // As in a call, and with the device that was chosen for it.
      this.stream = await soundFrom(chosen().input);
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
      playback: this.playback,
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
