import { ref, shallowRef } from "vue";
import { dbfs, refusalOf, type Outcome } from "@/exam/device/microphone";

export type RecorderState = "closed" | "opening" | "ready" | "counting" | "recording" | "paused" | "done";

export const COUNT_FROM = 3;
export const MOST_MS = 10 * 60_000;
export const FLOOR_DBFS = -80;
const LOOK_MS = 100;
const KINDS = ["audio/webm;codecs=opus", "audio/webm", "audio/mp4"];

/** What the browser gives; a test brings its own. */
export interface Studio {
  readonly secure: boolean;
  open(deviceId: string): Promise<MediaStream>;
  devices(): Promise<MediaDeviceInfo[]>;
  record(stream: MediaStream): MediaRecorder;
  /** A function that tells the level (dBFS) of this moment, and one that ends it. */
  listen(stream: MediaStream): { level: () => number; close: () => void };
}

export const browserStudio: Studio = {
  get secure() {
    return isSecureContext && !!navigator.mediaDevices && typeof MediaRecorder !== "undefined";
  },
  open: (deviceId) =>
    navigator.mediaDevices.getUserMedia({
      audio: {
        ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
        channelCount: 1,
        echoCancellation: false,
        noiseSuppression: false,
        autoGainControl: false,
      },
    }),
  devices: async () =>
    (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "audioinput"),
  record: (stream) => {
    const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
    return new MediaRecorder(stream, { audioBitsPerSecond: 96_000, ...(mimeType ? { mimeType } : {}) });
  },
  listen: (stream) => {
    const context = new AudioContext();
    void context.resume();
    const analyser = new AnalyserNode(context, { fftSize: 4096 });
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    return {
      level: () => {
        analyser.getFloatTimeDomainData(samples);
        return dbfs(samples);
      },
      close: () => void context.close(),
    };
  },
};

/** One take after the other with the microphone of this machine; times in ms without the pauses. */
export class Recorder {
  readonly state = ref<RecorderState>("closed");
  readonly refused = ref<Outcome>();
  readonly devices = shallowRef<readonly { id: string; label: string }[]>([]);
  readonly device = ref("");
  readonly level = ref(FLOOR_DBFS);
  readonly count = ref(0);
  readonly recordedMs = ref(0);
  readonly take = shallowRef<Blob>();

  private stream: MediaStream | undefined;
  private ears: { level: () => number; close: () => void } | undefined;
  private machine: MediaRecorder | undefined;
  private pieces: Blob[] = [];
  private look: ReturnType<typeof setInterval> | undefined;
  private counting: ReturnType<typeof setInterval> | undefined;
  private gone = false;

  constructor(private readonly studio: Studio = browserStudio) {}

  /** Asks for the microphone; `refused` tells why there is none. */
  async open(deviceId = ""): Promise<void> {
    this.release();
    this.refused.value = undefined;
    if (!this.studio.secure) {
      this.refused.value = "insecure";
      return;
    }
    this.state.value = "opening";
    try {
      this.stream = await this.studio.open(deviceId);
      const found = await this.studio.devices();
      if (this.gone) return this.release();
      this.devices.value = found.map(({ deviceId: id, label }) => ({ id, label }));
      this.device.value = this.stream.getAudioTracks()[0]?.getSettings().deviceId ?? deviceId;
      this.ears = this.studio.listen(this.stream);
      this.look = setInterval(() => this.tick(), LOOK_MS);
      this.state.value = this.take.value ? "done" : "ready";
    } catch (error) {
      this.release();
      this.state.value = "closed";
      this.refused.value = refusalOf(error);
    }
  }

  /** 3, 2, 1, then it records. */
  start(): void {
    if (this.state.value !== "ready" && this.state.value !== "done") return;
    this.take.value = undefined;
    this.recordedMs.value = 0;
    this.count.value = COUNT_FROM;
    this.state.value = "counting";
    this.counting = setInterval(() => {
      this.count.value -= 1;
      if (this.count.value === 0) this.begin();
    }, 1_000);
  }

  pause(): void {
    if (this.state.value !== "recording") return;
    this.machine?.pause();
    this.state.value = "paused";
  }

  resume(): void {
    if (this.state.value !== "paused") return;
    this.machine?.resume();
    this.state.value = "recording";
  }

  /** Ends the count-down or the take. */
  stop(): void {
    clearInterval(this.counting);
    if (this.state.value === "counting") this.state.value = "ready";
    else if (this.state.value === "recording" || this.state.value === "paused") this.machine?.stop();
  }

  /** Drops the take. */
  discard(): void {
    if (this.state.value !== "done") return;
    this.take.value = undefined;
    this.recordedMs.value = 0;
    this.state.value = "ready";
  }

  close(): void {
    this.gone = true;
    this.release();
    this.state.value = "closed";
  }

  private begin(): void {
    clearInterval(this.counting);
    if (!this.stream) return;
    const machine = this.studio.record(this.stream);
    this.machine = machine;
    this.pieces = [];
    machine.ondataavailable = ({ data }) => {
      if (data.size > 0) this.pieces.push(data);
    };
    machine.onstop = () => this.finished(machine);
    machine.onerror = () => this.stop();
    machine.start(250);
    this.state.value = "recording";
  }

  private finished(machine: MediaRecorder): void {
    if (this.gone || machine !== this.machine) return;
    this.take.value = new Blob(this.pieces, { type: machine.mimeType });
    this.state.value = "done";
  }

  private tick(): void {
    this.level.value = Math.max(FLOOR_DBFS, this.ears?.level() ?? FLOOR_DBFS);
    if (this.state.value !== "recording") return;
    this.recordedMs.value += LOOK_MS;
    if (this.recordedMs.value >= MOST_MS) this.stop();
  }

  private release(): void {
    clearInterval(this.look);
    clearInterval(this.counting);
    if (this.machine && this.machine.state !== "inactive") {
      this.machine.onstop = null;
      this.machine.stop();
    }
    this.machine = undefined;
    this.ears?.close();
    this.ears = undefined;
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = undefined;
  }
}
