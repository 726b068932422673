import { flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SOUND, soundOf } from "@/media/constraints";
import { choose, chosen, listDevices, Microphone, refusalOf, toChosenOutput } from "@/media/devices";

class FakeTrack {
  enabled = true;
  stopped = false;
  onended: (() => void) | null = null;
  constructor(
    readonly id: string,
    readonly label = `mic ${id}`,
  ) {}
  getSettings = () => ({ deviceId: this.id });
  stop(): void {
    this.stopped = true;
  }
}

/** The machine's sockets: what is plugged in, and what a browser then says. */
class FakeDevices extends EventTarget {
  plugged: string[] = ["usb"];
  refuse: string | undefined;
  asked: MediaTrackConstraints[] = [];
  given: FakeTrack[] = [];
  enumerateDevices = () =>
    Promise.resolve([
      { kind: "audioinput", deviceId: "default", label: "Default" },
      ...this.plugged.map((deviceId) => ({ kind: "audioinput", deviceId, label: `mic ${deviceId}` })),
      { kind: "audiooutput", deviceId: "out", label: "speaker" },
    ]);
  getUserMedia({ audio }: { audio: MediaTrackConstraints }) {
    this.asked.push(audio);
    if (this.refuse) return Promise.reject(new DOMException("no", this.refuse));
    const wanted = (audio.deviceId as { exact?: string } | undefined)?.exact;
    const id = wanted ?? this.plugged[0];
    if (id === undefined || !this.plugged.includes(id))
      return Promise.reject(new DOMException("none", wanted ? "OverconstrainedError" : "NotFoundError"));
    const track = new FakeTrack(id);
    this.given.push(track);
    return Promise.resolve({ getTracks: () => [track], getAudioTracks: () => [track] });
  }
  async change(plugged: string[]): Promise<void> {
    const gone = this.given.filter((track) => !track.stopped && !plugged.includes(track.id));
    this.plugged = plugged;
    for (const track of gone) track.onended?.();
    this.dispatchEvent(new Event("devicechange"));
    await flushPromises();
  }
}

describe("the microphone", () => {
  let devices: FakeDevices;
  let microphone: Microphone;
  beforeEach(() => {
    localStorage.clear();
    devices = new FakeDevices();
    vi.stubGlobal("isSecureContext", true);
    vi.stubGlobal("navigator", { mediaDevices: devices });
    microphone = new Microphone();
  });
  afterEach(() => {
    microphone.close();
    vi.unstubAllGlobals();
  });

  it("is asked for in the same way by everybody: as it is, without anything that changes the voice", async () => {
    await microphone.open();
    expect(devices.asked).toEqual([{ ...SOUND }]);
    expect(SOUND).toMatchObject({ echoCancellation: false, noiseSuppression: false, autoGainControl: false });
    expect(soundOf("x")).toEqual({ ...SOUND, deviceId: { exact: "x" } });
  });

  it("remembers the device and opens it once", async () => {
    await microphone.open();
    await microphone.open();
    expect([chosen().input, devices.given.length, microphone.label.value]).toEqual(["usb", 1, "mic usb"]);
    expect((await listDevices("audioinput")).map(({ id }) => id)).toEqual(["usb"]);
  });

  it("goes on with the only one left when it is pulled out, says that it is another, and takes the first back", async () => {
    await microphone.open();
    await devices.change(["builtin"]);
    expect([microphone.live.value, microphone.wrong.value]).toEqual([true, true]);
    expect(microphone.label.value).toBe("mic builtin");
    await devices.change(["builtin", "usb"]);
    expect([microphone.label.value, microphone.wrong.value]).toEqual(["mic usb", false]);
    expect(devices.given.filter(({ stopped }) => !stopped)).toHaveLength(1);
  });

  it("is absent while none is left, and comes back by itself", async () => {
    await microphone.open();
    await devices.change([]);
    expect([microphone.live.value, microphone.refusal.value]).toEqual([false, "absent"]);
    await devices.change(["usb"]);
    expect([microphone.live.value, microphone.refusal.value, microphone.wrong.value]).toEqual([
      true,
      undefined,
      false,
    ]);
  });

  it("stays with another one when the contestant says so", async () => {
    await microphone.open();
    await devices.change(["builtin"]);
    microphone.accept();
    expect([microphone.wrong.value, chosen().input]).toEqual([false, "builtin"]);
  });

  it("keeps a mute over a swap", async () => {
    await microphone.open();
    microphone.mute(true);
    await devices.change(["builtin"]);
    expect(devices.given.at(-1)!.enabled).toBe(false);
    microphone.mute(false);
    expect(devices.given.at(-1)!.enabled).toBe(true);
  });

  it.each([
    ["NotAllowedError", "refused"],
    ["NotFoundError", "absent"],
    ["NotReadableError", "busy"],
    ["TypeError", "failed"],
  ])("tells why it did not open: %s", async (name, word) => {
    devices.refuse = name;
    await microphone.open();
    expect([microphone.refusal.value, microphone.live.value]).toEqual([word, false]);
    devices.refuse = undefined;
    await microphone.open();
    expect([microphone.refusal.value, microphone.live.value]).toEqual([undefined, true]);
  });

  it("says that a plain connection has none", async () => {
    vi.stubGlobal("isSecureContext", false);
    await microphone.open();
    expect(microphone.refusal.value).toBe("insecure");
    expect(devices.asked).toEqual([]);
  });

  it("closes what comes after it was closed", async () => {
    const opening = microphone.open();
    microphone.close();
    await opening;
    expect(devices.given.every(({ stopped }) => stopped)).toBe(true);
    expect(microphone.live.value).toBe(false);
  });

  it("looks again when something was plugged in while it was being opened", async () => {
    devices.plugged = [];
    await microphone.open();
    expect(microphone.refusal.value).toBe("absent");
    const opening = microphone.open();
    await devices.change(["usb"]);
    await opening;
    await flushPromises();
    expect([microphone.refusal.value, microphone.label.value]).toEqual([undefined, "mic usb"]);
  });

  it("plays to the system's own output when the chosen one has gone", async () => {
    vi.stubGlobal(
      "HTMLMediaElement",
      class {
        setSinkId(): void {}
      },
    );
    const sinks: string[] = [];
    const element = {
      setSinkId: (id: string) => {
        sinks.push(id);
        return id ? Promise.reject(new DOMException("gone", "NotFoundError")) : Promise.resolve();
      },
    } as unknown as HTMLMediaElement;
    choose({ output: "headset" });
    await toChosenOutput(element);
    expect(sinks).toEqual(["headset", ""]);
  });

  it("keeps a choice of one kind when the other changes", () => {
    choose({ input: "a" });
    choose({ output: "b" });
    expect(chosen()).toEqual({ input: "a", output: "b" });
    expect(refusalOf("nothing")).toBe("failed");
  });
});
