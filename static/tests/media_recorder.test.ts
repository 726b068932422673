import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MOST_BYTES, SeatRecorder } from "@/media/recorder";
import { isDead } from "@/media/locks";
import { Spool } from "@/media/spool";
import { MemorySpool } from "./support";

class FakeMediaRecorder {
  static all: FakeMediaRecorder[] = [];
  static isTypeSupported = (type: string): boolean => type === "audio/webm;codecs=opus";
  state: "inactive" | "recording" = "inactive";
  ondataavailable: ((event: { data: Blob }) => void) | null = null;
  onstop: (() => void) | null = null;
  slice = 0;
  constructor(
    readonly stream: MediaStream,
    readonly options: MediaRecorderOptions,
  ) {
    FakeMediaRecorder.all.push(this);
  }
  start(slice: number): void {
    this.slice = slice;
    this.state = "recording";
  }
  say(words: string): void {
    this.ondataavailable?.({ data: new Blob([words]) });
  }
  stop(): void {
    this.state = "inactive";
    this.say("rest");
    queueMicrotask(() => this.onstop?.());
  }
}

describe("the seat's recorder", () => {
  let store: MemorySpool;
  let at = 0;
  const made = (): SeatRecorder =>
    new SeatRecorder(new Spool(store), {
      attemptId: "a1",
      callId: "in1.1",
      now: () => 1_000 + at,
      monotonic: () => at,
    });
  beforeEach(() => {
    store = new MemorySpool();
    at = 0;
    FakeMediaRecorder.all = [];
    vi.stubGlobal("MediaRecorder", FakeMediaRecorder);
  });
  afterEach(() => vi.unstubAllGlobals());

  it("keeps every second in its order, and its end with the number of them", async () => {
    const recorder = made();
    expect(recorder.start({} as MediaStream)).toBe(true);
    const [media] = FakeMediaRecorder.all;
    expect([media!.slice, media!.options.mimeType]).toEqual([1_000, "audio/webm;codecs=opus"]);
    expect(await isDead(recorder.key)).toBe(false);
    at = 1_000;
    media!.say("first");
    at = 2_010;
    media!.say("second");
    at = 2_500;
    await recorder.stop();
    const chunks = [...store.sound.values()];
    expect(chunks.map(({ n, ms }) => [n, ms])).toEqual([
      [0, 1_000],
      [1, 1_010],
      [2, 490],
    ]);
    expect(chunks.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(["first", "second", "rest"]);
    expect(store.kept.get(recorder.key)).toMatchObject({
      attemptId: "a1",
      callId: "in1.1",
      beganMs: 1_000,
      chunks: 3,
      endedMs: 3_500,
    });
    expect(await isDead(recorder.key)).toBe(true);
  });

  it("ends by itself when the microphone is pulled out", async () => {
    const recorder = made();
    recorder.start({} as MediaStream);
    const [media] = FakeMediaRecorder.all;
    media!.say("only");
    media!.state = "inactive";
    media!.onstop?.();
    await vi.waitFor(() => expect(store.kept.get(recorder.key)?.chunks).toBe(1));
  });

  it("waits for the last second of a microphone that was pulled out: it comes after the end", async () => {
    const recorder = made();
    recorder.start({} as MediaStream);
    const [media] = FakeMediaRecorder.all;
    media!.say("first");
    media!.state = "inactive";
    const stopped = recorder.stop();
    await new Promise((resolve) => setTimeout(resolve));
    expect(store.kept.get(recorder.key)?.chunks).toBeUndefined();
    media!.say("last");
    media!.onstop?.();
    await stopped;
    expect(store.kept.get(recorder.key)?.chunks).toBe(2);
    expect([...store.sound.values()].map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual([
      "first",
      "last",
    ]);
  });

  it("goes on after a chunk that can't be read, and cuts one that is too large for the server", async () => {
    const recorder = made();
    recorder.start({} as MediaStream);
    const [media] = FakeMediaRecorder.all;
    const broken = new Blob(["x"]);
    broken.arrayBuffer = () => Promise.reject(new DOMException("gone", "NotReadableError"));
    media!.ondataavailable?.({ data: broken });
    at = 90_000;
    media!.ondataavailable?.({ data: new Blob([new Uint8Array(MOST_BYTES + 5)]) });
    await recorder.stop();
    expect([...store.sound.values()].map(({ n, ms, bytes }) => [n, ms, bytes.byteLength])).toEqual([
      [1, 90_000, MOST_BYTES],
      [2, 0, 5],
      [3, 0, 4],
    ]);
    expect(store.kept.get(recorder.key)?.chunks).toBe(4);
  });

  it("does not begin where the browser can't record", async () => {
    vi.stubGlobal("MediaRecorder", undefined);
    const recorder = made();
    expect(recorder.start({} as MediaStream)).toBe(false);
    await recorder.stop();
    expect(store.kept.size).toBe(0);
  });
});
