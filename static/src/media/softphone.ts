import { ref, shallowRef, watch } from "vue";
import { ApiProblem } from "@/api/http";
import { toChosenOutput, type Microphone } from "./devices";

const GATHER_MS = 2_000;
/** A line that was lost for so long is rebuilt. */
const LOST_MS = 2_000;
/** For an offer to be answered, and then for the line to stand. */
const CONNECT_MS = 8_000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 5_000;

export type LineState = "idle" | "connecting" | "up" | "lost";

export interface PhoneLine {
  /** Hands an offer to the server and brings its answer; refusals are ApiProblems. */
  offer(callId: string, sdp: string, connection: number): Promise<string>;
}

type Timer = ReturnType<typeof setTimeout>;

/** Numbers the connections of a call over reloads of the page; the server refuses one that is not the newest. */
function nextConnection(callId: string, from = 1): number {
  const key = `ccss.line.${callId}`;
  let next = from;
  try {
    next = Math.max(from, Number(sessionStorage.getItem(key) ?? 0) + 1);
    sessionStorage.setItem(key, String(next));
  } catch {
    // A refusal then brings the number up.
  }
  return next;
}

/**
 * The sound of a call: the page's one microphone stream out, the other side in. A line that breaks is rebuilt under
 * the same call with a new connection number, as often as it takes.
 */
export class Softphone {
  readonly state = ref<LineState>("idle");
  /** Why the server gave no line. */
  readonly problem = shallowRef<ApiProblem>();
  readonly remote = shallowRef<MediaStream>();
  /** The browser wants a click before it plays. */
  readonly silent = ref(false);
  readonly element: HTMLAudioElement;
  private peer: RTCPeerConnection | undefined;
  private sender: RTCRtpSender | undefined;
  private callId: string | undefined;
  private connection = 0;
  private failures = 0;
  private timer: Timer | undefined;
  private round = 0;
  private readonly unwatch: () => void;

  constructor(
    private readonly scope: string,
    private readonly microphone: Microphone,
    private readonly line: PhoneLine,
    element: HTMLAudioElement = new Audio(),
  ) {
    this.element = element;
    element.autoplay = true;
    this.unwatch = watch(microphone.stream, (stream) => void this.swap(stream));
    navigator.mediaDevices?.addEventListener?.("devicechange", this.replugged);
  }

  /** Builds the line of a call; the same call again does nothing. */
  connect(callId: string): void {
    if (this.callId === callId) return;
    this.end();
    this.callId = callId;
    this.failures = 0;
    void this.build();
  }

  /** The call is over. */
  end(): void {
    this.callId = undefined;
    this.tear();
    this.state.value = "idle";
    this.problem.value = undefined;
    this.silent.value = false;
  }

  /** A click of the contestant: the browser plays from now on. */
  async listen(): Promise<void> {
    try {
      await this.element.play();
      this.silent.value = false;
    } catch (error) {
      if ((error as { name?: string }).name === "NotAllowedError") this.silent.value = true;
    }
  }

  dispose(): void {
    this.end();
    this.unwatch();
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.replugged);
  }

  private async build(): Promise<void> {
    const callId = this.callId;
    if (callId === undefined) return;
    this.tear();
    const mine = ++this.round;
    this.state.value = this.failures ? "lost" : "connecting";
    this.connection = nextConnection(`${this.scope}.${callId}`, this.connection ? this.connection + 1 : 1);
    const peer = new RTCPeerConnection({ iceServers: [] });
    this.peer = peer;
    // A request that hangs in a cut network is not waited for: the next one may get through.
    this.later(CONNECT_MS);
    try {
      this.attach(peer);
      await peer.setLocalDescription(await peer.createOffer());
      await gathered(peer);
      if (mine !== this.round) return;
      const sdp = await this.line.offer(callId, peer.localDescription?.sdp ?? "", this.connection);
      if (mine !== this.round) return;
      await peer.setRemoteDescription({ type: "answer", sdp });
      this.problem.value = undefined;
      this.later(CONNECT_MS);
    } catch (error) {
      if (mine !== this.round) return;
      if (error instanceof ApiProblem) {
        this.problem.value = error;
        // The call is over: word of that comes another way. A lease that is just being taken anew is no end.
        if (error.status === 410 && error.code !== "stale-lease") {
          this.tear();
          this.state.value = "idle";
          return;
        }
      }
      this.again();
    }
  }

  private attach(peer: RTCPeerConnection): void {
    const stream = this.microphone.stream.value;
    const track = stream?.getAudioTracks()[0];
    // Without a microphone the customer is heard all the same, and it can be put in later.
    const transceiver = peer.addTransceiver(track ?? "audio", {
      direction: "sendrecv",
      streams: stream ? [stream] : [],
    });
    this.sender = transceiver.sender;
    peer.ontrack = ({ track: heard, streams }) => {
      const remote = streams[0] ?? new MediaStream([heard]);
      this.remote.value = remote;
      this.element.srcObject = remote;
      void toChosenOutput(this.element);
      void this.listen();
    };
    peer.onconnectionstatechange = () => {
      if (peer !== this.peer) return;
      if (peer.connectionState === "connected") this.up();
      else if (peer.connectionState === "failed") this.again();
      else if (peer.connectionState === "disconnected") {
        this.state.value = "lost";
        this.later(LOST_MS);
      }
    };
  }

  private up(): void {
    clearTimeout(this.timer);
    this.failures = 0;
    this.state.value = "up";
  }

  /** Rebuilds unless the line is up by then. */
  private later(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.peer?.connectionState !== "connected") this.again();
    }, ms);
  }

  private again(): void {
    this.state.value = "lost";
    this.tear();
    const ceiling = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.failures);
    this.failures += 1;
    this.timer = setTimeout(() => void this.build(), ceiling * (0.5 + Math.random() / 2));
  }

  /** The microphone was opened, swapped or lost: the same line carries the new one. */
  private async swap(stream: MediaStream | undefined): Promise<void> {
    try {
      await this.sender?.replaceTrack(stream?.getAudioTracks()[0] ?? null);
    } catch {
      if (this.callId !== undefined) this.again();
    }
  }

  /** Headphones that were pulled out leave the sound with the system's own; put in again, they have it back. */
  private readonly replugged = (): void => {
    if (this.callId !== undefined) void toChosenOutput(this.element);
  };

  private tear(): void {
    clearTimeout(this.timer);
    this.round += 1;
    const peer = this.peer;
    this.peer = this.sender = undefined;
    this.remote.value = undefined;
    this.element.srcObject = null;
    if (!peer) return;
    peer.ontrack = peer.onconnectionstatechange = null;
    peer.close();
  }
}

/** All ways that this machine can be reached by; what takes longer than two seconds is left out. */
export async function gathered(peer: RTCPeerConnection): Promise<void> {
  if (peer.iceGatheringState === "complete") return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, GATHER_MS);
    peer.onicegatheringstatechange = () => {
      if (peer.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    };
  });
}
