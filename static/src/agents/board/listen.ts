import { ref, shallowRef } from "vue";
import { ApiProblem, client, need } from "@/api/http";
import { toChosenOutput } from "@/media/devices";
import { gathered } from "@/media/softphone";

export type ListenState = "off" | "connecting" | "on" | "ended";

/** Hears both sides of a call, and is heard by nobody. Every listening stands in the journal of acts. */
export class Listener {
  readonly state = ref<ListenState>("off");
  readonly problem = shallowRef<ApiProblem>();
  /** The browser wants a click before it plays. */
  readonly silent = ref(false);
  private peer: RTCPeerConnection | undefined;
  private id: string | undefined;
  private elements: HTMLAudioElement[] = [];
  private round = 0;

  constructor(
    private readonly contest_id: string,
    private readonly attempt_id: string,
  ) {}

  async start(): Promise<void> {
    if (this.state.value === "connecting" || this.state.value === "on") return;
    const mine = ++this.round;
    this.problem.value = undefined;
    this.state.value = "connecting";
    const peer = (this.peer = new RTCPeerConnection({ iceServers: [] }));
    peer.ontrack = ({ track }) => void this.hear(track);
    peer.onconnectionstatechange = () => {
      if (peer !== this.peer) return;
      if (peer.connectionState === "connected") this.state.value = "on";
      else if (peer.connectionState === "failed" || peer.connectionState === "closed") this.close("ended");
    };
    try {
      // Agent and customer come as two sounds.
      for (let side = 0; side < 2; side += 1) peer.addTransceiver("audio", { direction: "recvonly" });
      await peer.setLocalDescription(await peer.createOffer());
      await gathered(peer);
      const { contest_id, attempt_id } = this;
      const answer = await need(
        client.POST("/api/v1/contests/{contest_id}/attempts/{attempt_id}/listen", {
          params: { path: { contest_id, attempt_id } },
          body: { sdp: peer.localDescription?.sdp ?? "", connection: 1 },
        }),
      );
      if (mine !== this.round) return this.leave(answer.listener_id);
      this.id = answer.listener_id;
      await peer.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    } catch (error) {
      if (mine !== this.round) return;
      if (error instanceof ApiProblem) this.problem.value = error;
      this.close("ended");
    }
  }

  stop(): void {
    this.close("off");
  }

  /** A click: the browser plays from now on. */
  async unmute(): Promise<void> {
    await Promise.all(this.elements.map((element) => this.play(element)));
  }

  private async hear(track: MediaStreamTrack): Promise<void> {
    const element = new Audio();
    element.srcObject = new MediaStream([track]);
    this.elements.push(element);
    await toChosenOutput(element);
    await this.play(element);
  }

  private async play(element: HTMLAudioElement): Promise<void> {
    try {
      await element.play();
      this.silent.value = false;
    } catch (error) {
      if ((error as { name?: string }).name === "NotAllowedError") this.silent.value = true;
    }
  }

  private close(state: ListenState): void {
    this.round += 1;
    const { peer, id } = this;
    this.peer = this.id = undefined;
    for (const element of this.elements) element.srcObject = null;
    this.elements = [];
    this.state.value = state;
    if (peer) {
      peer.ontrack = peer.onconnectionstatechange = null;
      peer.close();
    }
    if (id !== undefined) this.leave(id);
  }

  /** Also when the page goes: the server ends it by itself if this never comes. */
  private leave(listener_id: string): void {
    const { contest_id, attempt_id } = this;
    void client
      .DELETE("/api/v1/contests/{contest_id}/attempts/{attempt_id}/listen/{listener_id}", {
        params: { path: { contest_id, attempt_id, listener_id } },
        keepalive: true,
      })
      .catch(() => undefined);
  }
}
