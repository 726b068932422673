import { flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ref, shallowRef } from "vue";
import { ApiProblem } from "@/api/http";
import type { Microphone } from "@/media/devices";
import { ClippingJudge, dbfs, LevelWatch } from "@/media/level";
import { Softphone } from "@/media/softphone";

class FakePeer {
  static all: FakePeer[] = [];
  static get last(): FakePeer {
    return FakePeer.all.at(-1)!;
  }
  connectionState = "new";
  iceGatheringState = "new";
  localDescription: { sdp: string } | null = null;
  remote: string | undefined;
  closed = false;
  ontrack: ((event: unknown) => void) | null = null;
  onconnectionstatechange: (() => void) | null = null;
  onicegatheringstatechange: (() => void) | null = null;
  readonly sent: unknown[] = [];
  constructor(readonly configuration: RTCConfiguration) {
    FakePeer.all.push(this);
  }
  addTransceiver(track: unknown, init: RTCRtpTransceiverInit) {
    this.sent.push([track, init.direction]);
    return { sender: { replaceTrack: (next: unknown) => Promise.resolve(void this.sent.push(next)) } };
  }
  createOffer = () => Promise.resolve({ type: "offer", sdp: "offer" });
  setLocalDescription(): Promise<void> {
    this.localDescription = { sdp: `offer ${FakePeer.all.length}` };
    return Promise.resolve();
  }
  setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.remote = sdp;
    return Promise.resolve();
  }
  gathered(): void {
    this.iceGatheringState = "complete";
    this.onicegatheringstatechange?.();
  }
  become(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
  close(): void {
    this.closed = true;
  }
}

const streamOf = (track: object) => ({ getAudioTracks: () => [track] }) as unknown as MediaStream;

function made(refuse: () => ApiProblem | undefined = () => undefined, hangs: () => boolean = () => false) {
  const microphone = { stream: shallowRef<MediaStream | undefined>(streamOf({ id: "m1" })), live: ref(true) };
  const offers: [string, string, number][] = [];
  const element = {
    play: () => Promise.resolve(),
    setSinkId: () => Promise.resolve(),
    srcObject: null,
  } as unknown as HTMLAudioElement;
  const phone = new Softphone(
    "a1",
    microphone as unknown as Microphone,
    {
      offer: (callId, sdp, connection) => {
        offers.push([callId, sdp, connection]);
        if (hangs()) return new Promise<never>(() => undefined);
        const no = refuse();
        return no ? Promise.reject(no) : Promise.resolve(`answer ${offers.length}`);
      },
    },
    element,
  );
  return { phone, microphone, offers, element };
}

async function offered(): Promise<void> {
  await flushPromises();
  FakePeer.last.gathered();
  await flushPromises();
}

describe("the softphone", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    vi.stubGlobal("RTCPeerConnection", FakePeer);
    FakePeer.all = [];
    sessionStorage.clear();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("offers once all addresses are gathered, asks no outside server, and is up when sound can pass", async () => {
    const { phone, offers } = made();
    phone.connect("in1.1");
    phone.connect("in1.1");
    await flushPromises();
    expect([FakePeer.all.length, offers.length]).toEqual([1, 0]);
    expect(FakePeer.last.configuration).toEqual({ iceServers: [] });
    FakePeer.last.gathered();
    await flushPromises();
    expect(offers).toEqual([["in1.1", "offer 1", 1]]);
    expect([FakePeer.last.remote, phone.state.value]).toEqual(["answer 1", "connecting"]);
    FakePeer.last.become("connected");
    expect(phone.state.value).toBe("up");
  });

  it("builds a lost line anew under the same call, with the next number and the same microphone", async () => {
    const { phone, offers } = made();
    phone.connect("in1.1");
    await offered();
    const first = FakePeer.last;
    first.become("connected");
    first.become("disconnected");
    expect(phone.state.value).toBe("lost");
    await vi.advanceTimersByTimeAsync(1_900);
    expect(FakePeer.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(FakePeer.all).toHaveLength(2);
    await offered();
    expect(offers.map(([call, , n]) => [call, n])).toEqual([
      ["in1.1", 1],
      ["in1.1", 2],
    ]);
    expect(first.closed).toBe(true);
    expect(FakePeer.last.sent[0]).toEqual([{ id: "m1" }, "sendrecv"]);
    FakePeer.last.become("connected");
    expect(phone.state.value).toBe("up");
  });

  it("goes on where a network came back by itself", async () => {
    const { phone } = made();
    phone.connect("in1.1");
    await offered();
    FakePeer.last.become("connected");
    FakePeer.last.become("disconnected");
    FakePeer.last.become("connected");
    await vi.advanceTimersByTimeAsync(10_000);
    expect([FakePeer.all.length, phone.state.value]).toEqual([1, "up"]);
  });

  it("tries again, with longer pauses, while the server gives no line; and says why", async () => {
    let away = true;
    const { phone, offers } = made(() =>
      away ? new ApiProblem({ code: "media-away", status: 503, retry: true, detail: "" }) : undefined,
    );
    phone.connect("in1.1");
    await offered();
    expect([phone.state.value, phone.problem.value?.code]).toEqual(["lost", "media-away"]);
    for (let n = 0; n < 4; n += 1) {
      await vi.advanceTimersByTimeAsync(5_000);
      await offered();
    }
    expect(offers.length).toBeGreaterThanOrEqual(4);
    away = false;
    await vi.advanceTimersByTimeAsync(5_000);
    await offered();
    FakePeer.last.become("connected");
    expect([phone.state.value, phone.problem.value]).toEqual(["up", undefined]);
  });

  it("does not wait for a request that hangs in a cut network", async () => {
    let hang = true;
    const { phone, offers } = made(undefined, () => hang);
    phone.connect("in1.1");
    await offered();
    expect([offers.length, phone.state.value]).toEqual([1, "connecting"]);
    hang = false;
    await vi.advanceTimersByTimeAsync(8_600);
    await offered();
    FakePeer.last.become("connected");
    expect([offers.length, phone.state.value]).toEqual([2, "up"]);
    expect(FakePeer.all[0]!.closed).toBe(true);
  });

  it("tries again while this page's lease is just being taken anew", async () => {
    let old = true;
    const { phone, offers } = made(() =>
      old ? new ApiProblem({ code: "stale-lease", status: 410, retry: false, detail: "" }) : undefined,
    );
    phone.connect("in1.1");
    await offered();
    expect(phone.state.value).toBe("lost");
    old = false;
    await vi.advanceTimersByTimeAsync(600);
    await offered();
    FakePeer.last.become("connected");
    expect([offers.length, phone.state.value]).toEqual([2, "up"]);
  });

  it("lets go of a call that is over", async () => {
    const { phone } = made(
      () => new ApiProblem({ code: "call-over", status: 410, retry: false, detail: "" }),
    );
    phone.connect("in1.1");
    await offered();
    await vi.advanceTimersByTimeAsync(20_000);
    expect([FakePeer.all.length, phone.state.value]).toEqual([1, "idle"]);
    phone.end();
    expect(FakePeer.last.closed).toBe(true);
  });

  it("numbers on after a reload of the page", async () => {
    const before = made();
    before.phone.connect("in1.1");
    await offered();
    before.phone.dispose();
    const after = made();
    after.phone.connect("in1.1");
    await offered();
    expect(after.offers.map(([, , n]) => n)).toEqual([2]);
  });

  it("carries a microphone that came later, and none, over the same line", async () => {
    const { phone, microphone } = made();
    phone.connect("in1.1");
    await offered();
    FakePeer.last.become("connected");
    microphone.stream.value = undefined;
    await flushPromises();
    microphone.stream.value = streamOf({ id: "m2" });
    await flushPromises();
    expect(FakePeer.last.sent.slice(1)).toEqual([null, { id: "m2" }]);
    expect(FakePeer.all).toHaveLength(1);
  });

  it("asks for a click where the browser holds the sound back", async () => {
    const { phone, element } = made();
    phone.connect("in1.1");
    await offered();
    element.play = () => Promise.reject(new DOMException("gesture", "NotAllowedError"));
    FakePeer.last.ontrack?.({ track: {}, streams: [{}] });
    await flushPromises();
    expect(phone.silent.value).toBe(true);
    element.play = () => Promise.resolve();
    await phone.listen();
    expect(phone.silent.value).toBe(false);
    element.play = () => Promise.reject(new DOMException("gesture", "NotAllowedError"));
    await phone.listen();
    phone.end();
    expect(phone.silent.value).toBe(false);
  });
});

describe("the level", () => {
  it("is measured as soon as the browser lets it, after a click or a key", () => {
    const source = { connect: () => undefined };
    const context = {
      resume: vi.fn(() => Promise.resolve()),
      close: () => Promise.resolve(),
      createAnalyser: () => ({ fftSize: 0, getFloatTimeDomainData: () => undefined }),
      createMediaStreamSource: () => source,
    };
    const watch = new LevelWatch(() => context as unknown as AudioContext);
    watch.watch({} as MediaStream);
    expect(context.resume).toHaveBeenCalledTimes(1);
    dispatchEvent(new Event("keydown"));
    expect(context.resume).toHaveBeenCalledTimes(2);
    watch.close();
    dispatchEvent(new Event("pointerdown"));
    expect(context.resume).toHaveBeenCalledTimes(2);
  });

  it("is measured in dB below full scale", () => {
    expect(dbfs(new Float32Array(8).fill(0.1))).toBeCloseTo(-20, 4);
  });

  it("calls it clipping after some looks, and takes it back after three seconds without", () => {
    const judge = new ClippingJudge();
    const loud = new Float32Array(64).fill(1);
    const good = new Float32Array(64).fill(0.3);
    expect([judge.look(loud), judge.look(loud), judge.look(loud)]).toEqual([false, false, false]);
    expect(judge.look(loud)).toBe(true);
    for (let n = 0; n < 29; n += 1) expect(judge.look(good)).toBe(true);
    expect(judge.look(good)).toBe(false);
  });
});
