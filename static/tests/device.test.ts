import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readFileSync } from "node:fs";
import { nextTick } from "vue";
import DeviceCheck from "@/exam/device/DeviceCheck.vue";
import EarsTrial from "@/exam/device/EarsTrial.vue";
import { browserOf } from "@/exam/device/facts";
import { deafEar, faultsOf, markOf, type DeviceReport } from "@/exam/device/judge";
import { dbfs, Meter, refusalOf } from "@/exam/device/microphone";
import { planTones, playTones } from "@/exam/device/tones";
import { TypedTrial } from "@/exam/device/typed";
import type { SeatSession } from "@/exam/session";
import { i18n, loadMessages } from "@/i18n";

interface Case {
  name: string;
  change: Record<string, unknown>;
  faults: string[];
  mark: string;
}
const { good, cases } = JSON.parse(
  readFileSync(new URL("../../tests/support/device_cases.json", `file://${import.meta.dirname}/`), "utf8"),
) as { good: DeviceReport; cases: Case[] };

const isPart = (value: unknown): value is object => typeof value === "object" && value !== null;
const changed = (change: Case["change"]): DeviceReport => {
  const parts = good as unknown as Record<string, unknown>;
  const next = Object.entries(change).map(([key, value]) => {
    const before = parts[key];
    return [key, isPart(value) && isPart(before) ? { ...before, ...value } : value];
  });
  return { ...good, ...(Object.fromEntries(next) as Partial<DeviceReport>) };
};

describe("the verdict", () => {
  it.each(cases)("is the server's: $name", ({ change, faults, mark }) => {
    const report = changed(change);
    expect([faultsOf(report), markOf(report)]).toEqual([faults, mark]);
  });

  it("knows which ear is dead, as far as the numbers tell", () => {
    expect(deafEar({ played: 5, left: 2, heard: 5 })).toBeUndefined();
    expect(deafEar({ played: 5, left: 2, heard: 0 })).toBe("both");
    expect(deafEar({ played: 5, left: 2, heard: 2 })).toBe("right");
    expect(deafEar({ played: 5, left: 2, heard: 3 })).toBe("left");
    expect(deafEar({ played: 4, left: 2, heard: 2 })).toBeUndefined();
    expect(deafEar({ played: 5, left: 2, heard: 4 })).toBeUndefined();
  });
});

describe("the tones", () => {
  it("are two to five, some in each ear", () => {
    for (let seed = 0; seed < 1; seed += 0.01) {
      const ears = planTones(() => seed);
      expect(ears.length).toBeGreaterThanOrEqual(2);
      expect(ears.length).toBeLessThanOrEqual(5);
      expect(new Set(ears).size).toBe(2);
    }
  });
});

describe("a machine without sound", () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("is told by a time limit where the browser neither plays nor refuses", async () => {
    vi.useFakeTimers();
    const close = vi.fn();
    const stuck = { resume: () => new Promise(() => undefined), close } as unknown as AudioContext;
    const over = vi.fn();
    void playTones(["left", "right"], () => stuck).catch(over);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(over).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(10_000);
    expect([over.mock.calls.length, close.mock.calls.length]).toEqual([1, 1]);
  });

  it("is reported: nothing of what was planned was heard", async () => {
    await loadMessages("device");
    class None {
      constructor() {
        throw new DOMException("no device", "NotSupportedError");
      }
    }
    vi.stubGlobal("AudioContext", None);
    const trial = mount(EarsTrial, { props: { modelValue: null }, global: { plugins: [i18n] } });
    await trial.get("button").trigger("click");
    await flushPromises();
    expect(trial.get("button").attributes("disabled")).toBeUndefined();
    expect(trial.text()).toContain("浏览器发不出声音");
    const heard = trial.emitted("update:modelValue")!.at(-1)![0] as DeviceReport["headphones"];
    expect(heard).toMatchObject({ heard: 0, tries: 1 });
    expect(heard!.played).toBeGreaterThanOrEqual(2);
    expect(heard!.left).toBeGreaterThanOrEqual(1);
    expect(markOf({ ...good, headphones: heard })).toBe("faulty");
  });
});

describe("the browser", () => {
  const chrome =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0";
  it("is known by its hints, else by its name line", () => {
    expect(browserOf(`${chrome} Safari/537.36`)).toEqual({
      engine: "chromium",
      name: "chrome",
      version: 109,
    });
    expect(browserOf(`${chrome} Safari/537.36 Edg/109.0`)).toMatchObject({ name: "edge", version: 109 });
    expect(browserOf(`${chrome} Safari/537.36 QIHU 360SE`)).toMatchObject({
      engine: "chromium",
      name: "other",
    });
    const brands = [
      { brand: "Not)A;Brand", version: "8" },
      { brand: "Chromium", version: "131" },
      { brand: "Microsoft Edge", version: "131" },
    ];
    expect(browserOf(`${chrome} Safari/537.36`, brands)).toEqual({
      engine: "chromium",
      name: "edge",
      version: 131,
    });
    expect(browserOf("Mozilla/5.0 (Windows NT 10.0; rv:115.0) Gecko/20100101 Firefox/115.0")).toEqual({
      engine: "firefox",
      name: "firefox",
      version: 115,
    });
    expect(browserOf("Mozilla/5.0 (Macintosh) AppleWebKit/605 (KHTML) Version/17.4 Safari/605")).toEqual({
      engine: "other",
      name: "safari",
      version: 17,
    });
    expect(browserOf("")).toEqual({ engine: "other", name: "other", version: 0 });
  });
});

describe("the input method", () => {
  const WANTED = "草字头黄";
  const trial = (text: string, act: (one: TypedTrial) => void = () => undefined): TypedTrial => {
    const one = new TypedTrial(WANTED);
    act(one);
    one.text = text;
    return one;
  };
  it("is seen by its composition, so that pasting and a dead one are told apart", () => {
    const typed = trial(WANTED, (one) => {
      one.compositionStart();
      one.compositionEnd(WANTED);
    });
    expect([typed.hint, typed.report]).toEqual([undefined, { matched: true, composed: true, pasted: false }]);
    expect(trial(WANTED).hint).toBe("uncomposed");
    const pasted = trial("", (one) => expect(one.allows("insertFromPaste")).toBe(false));
    expect([pasted.hint, pasted.report?.pasted]).toEqual(["pasted", true]);
    expect(trial("", (one) => expect(one.allows("insertText")).toBe(true)).report).toBeNull();
    expect(trial("caozi").hint).toBe("latin");
    expect(trial("ｃａｏ").hint).toBe("fullWidth");
    expect(trial("草字头王").hint).toBe("wrong");
    expect(trial("cao", (one) => one.compositionStart()).hint).toBeUndefined();
  });
});

describe("the microphone", () => {
  it("is measured in dB below full scale", () => {
    expect(dbfs(new Float32Array(8).fill(1))).toBe(0);
    expect(dbfs(new Float32Array(8).fill(0.1))).toBeCloseTo(-20, 4);
    expect(dbfs(new Float32Array(8))).toBe(-120);
    expect(new Meter(() => undefined).report).toEqual({
      outcome: "silent",
      peak_dbfs: -120,
      playback: null,
    });
  });
  it("tells why it did not open", async () => {
    expect(refusalOf(new DOMException("", "NotAllowedError"))).toBe("refused");
    expect(refusalOf(new DOMException("", "NotFoundError"))).toBe("absent");
    expect(refusalOf(new DOMException("", "NotReadableError"))).toBe("failed");
    vi.stubGlobal("isSecureContext", false);
    expect(await new Meter(() => undefined).open()).toBe("insecure");
    vi.unstubAllGlobals();
  });
});

describe("the check", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("sends plain figures, which the outbox can keep, and no device's name", async () => {
    await loadMessages("device");
    vi.stubGlobal("isSecureContext", true);
    const send = vi.fn();
    const clock = { known: true, now: () => Date.now() - 4_000 };
    const check = mount(DeviceCheck, {
      props: { session: { clock, send } as unknown as SeatSession },
      global: { plugins: [i18n] },
      attachTo: document.body,
    });
    await vi.waitFor(() => expect(check.get("button.primary").attributes("disabled")).toBeUndefined(), 5_000);
    expect(check.text()).toContain("还没有试：耳机、输入法");
    expect(check.text()).toContain("差 4 秒");
    const field = check.get("input");
    await field.trigger("compositionstart");
    field.element.value = "草字头黄";
    field.element.dispatchEvent(Object.assign(new Event("compositionend"), { data: "草字头黄" }));
    await nextTick();
    expect(check.text()).toContain("输入法正常");
    await check.get("button.primary").trigger("click");
    await flushPromises();
    expect(check.emitted("sent")).toHaveLength(1);
    const { type, report } = send.mock.calls[0]![0] as { type: string; report: DeviceReport };
    expect(type).toBe("device_check");
    expect(structuredClone(report)).toEqual(report);
    expect(report.headphones).toBeNull();
    expect(report.input_method).toEqual({ matched: true, composed: true, pasted: false });
    expect(Object.keys(report).sort()).toEqual(Object.keys(good).sort());
    check.unmount();
  });
});
