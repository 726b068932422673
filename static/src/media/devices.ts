import { computed, ref, shallowRef } from "vue";
import { soundOf } from "./constraints";

const KEY = "ccss.audio";

export interface Choice {
  /** Ids of this browser's devices; "" leaves it to the system. */
  input: string;
  output: string;
}

/** Why there is no sound from a microphone. */
export type Refusal = "refused" | "absent" | "busy" | "insecure" | "failed";

export interface Device {
  id: string;
  label: string;
}

export function chosen(): Choice {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}") as Partial<Choice>;
    return { input: kept.input ?? "", output: kept.output ?? "" };
  } catch {
    return { input: "", output: "" };
  }
}

export function choose(change: Partial<Choice>): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...chosen(), ...change }));
  } catch {
    // The choice then lasts until the page is left.
  }
}

/** Microphones or outputs that the browser lists; without the aliases that only say "the default one". */
export async function listDevices(kind: "audioinput" | "audiooutput"): Promise<Device[]> {
  if (!navigator.mediaDevices?.enumerateDevices) return [];
  const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
  return all
    .filter((device) => device.kind === kind && !/^(default|communications)?$/.test(device.deviceId))
    .map(({ deviceId, label }) => ({ id: deviceId, label }));
}

/** Whether a page may say where sound goes (Chrome; not every Firefox). */
export const outputChoosable = (): boolean => "setSinkId" in HTMLMediaElement.prototype;

/** Sends an element's sound to the chosen output, or to the system's own if that has gone. */
export async function toChosenOutput(element: HTMLMediaElement): Promise<void> {
  if (!outputChoosable()) return;
  await element
    .setSinkId(chosen().output)
    .catch(() => element.setSinkId(""))
    .catch(() => undefined);
}

/** Where sounds made here go: a context has no output of its own choice, so the chosen one needs an element. */
export function outletOf(context: AudioContext): AudioNode {
  if (!chosen().output || !outputChoosable()) return context.destination;
  const stream = new MediaStreamAudioDestinationNode(context, { channelCount: 2 });
  const element = new Audio();
  element.srcObject = stream.stream;
  void toChosenOutput(element)
    .then(() => element.play())
    .catch(() => undefined);
  return stream;
}

/** Sound of the chosen microphone, else of whatever is there; rejects as getUserMedia does. */
export async function soundFrom(input: string): Promise<MediaStream> {
  const { mediaDevices } = navigator;
  try {
    return await mediaDevices.getUserMedia({ audio: soundOf(input) });
  } catch (error) {
    if (!input || refusalOf(error) !== "absent") throw error;
    return mediaDevices.getUserMedia({ audio: soundOf("") });
  }
}

export function refusalOf(error: unknown): Refusal {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "absent";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "failed";
}

/**
 * The one microphone stream of the page. Unplugged, it is opened anew as soon as the same device is back, or with
 * the only one that is left; `wrong` says that it is not the chosen one.
 */
export class Microphone {
  readonly stream = shallowRef<MediaStream>();
  readonly refusal = ref<Refusal>();
  readonly opening = ref(false);
  readonly label = ref("");
  readonly wrong = ref(false);
  readonly devices = shallowRef<Device[]>([]);
  readonly live = computed(() => this.stream.value !== undefined);
  private muted = false;
  private wanted = false;
  private asked = 0;
  /** Something was plugged while it was being opened. */
  private replugged = false;

  /** Opens it if it isn't; resolves when that is decided. */
  async open(): Promise<void> {
    if (!this.wanted) navigator.mediaDevices?.addEventListener?.("devicechange", this.changed);
    this.wanted = true;
    if (this.stream.value || this.opening.value) return;
    await this.reopen();
  }

  /** Another device by the contestant's choice. */
  async use(device: string): Promise<void> {
    choose({ input: device });
    await this.reopen();
  }

  /** The device at work is the right one from now on. */
  accept(): void {
    choose({ input: this.device });
    this.wrong.value = false;
  }

  /** Silence on the line, and in the recording, without closing the device. */
  mute(on: boolean): void {
    this.muted = on;
    for (const track of this.stream.value?.getAudioTracks() ?? []) track.enabled = !on;
  }

  close(): void {
    this.wanted = false;
    this.asked += 1;
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.changed);
    this.drop();
    this.opening.value = false;
  }

  private get device(): string {
    return this.stream.value?.getAudioTracks()[0]?.getSettings().deviceId ?? "";
  }

  private async reopen(): Promise<void> {
    const mine = ++this.asked;
    if (!isSecureContext || !navigator.mediaDevices?.getUserMedia) {
      this.refusal.value = "insecure";
      return;
    }
    this.opening.value = true;
    const { input } = chosen();
    try {
      const stream = await soundFrom(input);
      if (mine !== this.asked) return stop(stream);
      this.drop();
      this.take(stream, input);
    } catch (error) {
      if (mine !== this.asked) return;
      this.drop();
      this.refusal.value = refusalOf(error);
    } finally {
      if (mine === this.asked) this.opening.value = false;
    }
    const devices = await listDevices("audioinput");
    if (mine !== this.asked) return;
    this.devices.value = devices;
    if (!this.replugged) return;
    this.replugged = false;
    await this.changed();
  }

  private take(stream: MediaStream, input: string): void {
    const [track] = stream.getAudioTracks();
    this.refusal.value = undefined;
    this.label.value = track?.label ?? "";
    this.stream.value = stream;
    this.mute(this.muted);
    const at = this.device;
    this.wrong.value = input !== "" && at !== "" && at !== input;
    // The first one that works is remembered: after a swap it can be told from another.
    if (input === "" && at !== "" && at !== "default") choose({ input: at });
    if (track) track.onended = () => this.lost(stream);
  }

  private lost(stream: MediaStream): void {
    if (this.stream.value !== stream) return;
    this.drop();
    this.refusal.value = "absent";
    void this.reopen();
  }

  private drop(): void {
    const before = this.stream.value;
    this.stream.value = undefined;
    if (before) stop(before);
  }

  private readonly changed = async (): Promise<void> => {
    if (!this.wanted) return;
    if (this.opening.value) {
      this.replugged = true;
      return;
    }
    const devices = await listDevices("audioinput");
    this.devices.value = devices;
    const back = this.wrong.value && devices.some(({ id }) => id === chosen().input);
    if (!this.stream.value || back) await this.reopen();
  };
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) {
    track.onended = null;
    track.stop();
  }
}
