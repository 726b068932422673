import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, shallowRef } from "vue";
import { ServerClock } from "@/api/clock";
import type { AttemptView } from "@/api/types";
import { Autosave, AUTOSAVE_MS } from "@/exam/autosave";
import { leftOf, nextTick, useCountdown, Warnings } from "@/exam/countdown";
import { guard } from "@/exam/guard";
import { fold, hasFullWidth, inserted, isPlainEnter, lengthOf } from "@/exam/ime";
import { bind, chordOf, DEFAULTS, keys, resetKeys, shown, usable } from "@/exam/keys";
import { span } from "@/ui/format";

describe("ime", () => {
  const enter = { type: "keydown", key: "Enter", shiftKey: false, isComposing: false, keyCode: 13 };
  it("acts on a plain Enter only", () => {
    expect(isPlainEnter(enter)).toBe(true);
    expect(isPlainEnter({ ...enter, isComposing: true })).toBe(false);
    expect(isPlainEnter({ ...enter, keyCode: 229 })).toBe(false);
    expect(isPlainEnter({ ...enter, shiftKey: true })).toBe(false);
    expect(isPlainEnter({ ...enter, type: "keyup" })).toBe(false);
    expect(isPlainEnter({ ...enter, key: "a" })).toBe(false);
  });
  it("folds full-width forms for display", () => {
    expect(fold("ＡＢｃ１２３＠．　～")).toBe("ABc123@. ~");
    expect(fold("王小明，北京")).toBe("王小明,北京");
    expect(hasFullWidth("１３８")).toBe(true);
    expect(hasFullWidth("王小明，北京")).toBe(false);
  });
  it("counts what one change brought, in characters", () => {
    expect(inserted("", "王小明")).toBe(3);
    expect(inserted("ab", "axb")).toBe(1);
    expect(inserted("abc", "ac")).toBe(0);
    expect(inserted("aaa", "aaaa")).toBe(1);
    expect(lengthOf("𠮷a")).toBe(2);
  });
});

describe("countdown", () => {
  it("counts from the end while running, and stands otherwise", () => {
    expect(leftOf({ ends_ms: 10_000, left_ms: 99 }, 4_000)).toBe(6_000);
    expect(leftOf({ ends_ms: 10_000, left_ms: 99 }, 14_000)).toBe(0);
    expect(leftOf({ ends_ms: null, left_ms: 99 }, 14_000)).toBe(99);
    expect(nextTick(1_400)).toBe(400);
    expect(span(1_001, true)).toBe("00:02");
    expect(span(3_661_000)).toBe("1:01:01");
  });
  it("warns once at 3 minutes, 1 minute and 10 seconds", () => {
    const warnings = new Warnings();
    const seen = [600_000, 180_500, 180_000, 179_000, 60_000, 59_000, 10_000, 9_000, 0].map((left) =>
      warnings.step(left),
    );
    expect(seen).toEqual([undefined, undefined, 180, undefined, 60, undefined, 10, undefined, undefined]);
    const short = new Warnings();
    expect(short.step(20_000)).toBeUndefined();
    expect(short.step(10_000)).toBe(10);
  });

  describe("in time", () => {
    beforeEach(() => void vi.useFakeTimers());
    afterEach(() => void vi.useRealTimers());
    it("ends once per end, and again for a later one", () => {
      const clock = new ServerClock(() => Date.now());
      clock.add(Date.now(), Date.now(), 0);
      const attempt = shallowRef<AttemptView>({
        phase: "running",
        ends_ms: 12_000,
        left_ms: 0,
      } as AttemptView);
      const end = vi.fn();
      const warn = vi.fn();
      const scope = effectScope();
      const left = scope.run(() => useCountdown(attempt, clock, { warn, end }))!;
      vi.advanceTimersByTime(5_000);
      expect(left.value).toBe(7_000);
      expect(warn.mock.calls).toEqual([[10]]);
      vi.advanceTimersByTime(20_000);
      expect(end).toHaveBeenCalledTimes(1);
      scope.stop();
    });
  });
});

describe("autosave", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  it("counts from the first touch and is never pushed back", () => {
    const save = vi.fn();
    const autosave = new Autosave(save);
    autosave.touch("a");
    vi.advanceTimersByTime(AUTOSAVE_MS - 100);
    autosave.touch("a");
    vi.advanceTimersByTime(100);
    expect(save.mock.calls).toEqual([["a"]]);
    expect(AUTOSAVE_MS).toBeLessThan(2_000);
  });
  it("flushes at once what waits, and nothing else", () => {
    const save = vi.fn();
    const autosave = new Autosave(save);
    autosave.touch("a");
    autosave.flush("b");
    expect(save).not.toHaveBeenCalled();
    autosave.flush();
    expect(save.mock.calls).toEqual([["a"]]);
    vi.advanceTimersByTime(5_000);
    expect(save).toHaveBeenCalledTimes(1);
  });
});

describe("guard", () => {
  it("blocks and reports, until it is taken away", () => {
    const form = document.createElement("form");
    const input = document.createElement("input");
    form.append(input);
    document.body.append(form);
    const seen: [string, number][] = [];
    const undo = guard(form, (kind, length) => seen.push([kind, length]));
    input.value = "abcdef";
    input.setSelectionRange(1, 4);
    const fire = (event: Event): boolean => input.dispatchEvent(event);
    const options = { bubbles: true, cancelable: true };
    expect(fire(new Event("copy", options))).toBe(false);
    expect(fire(new Event("contextmenu", options))).toBe(false);
    expect(
      fire(new InputEvent("beforeinput", { ...options, inputType: "insertFromPaste", data: "xy" })),
    ).toBe(false);
    expect(fire(new InputEvent("beforeinput", { ...options, inputType: "insertText", data: "x" }))).toBe(
      true,
    );
    expect(seen).toEqual([
      ["copy", 3],
      ["contextmenu", 0],
      ["paste", 2],
    ]);
    undo();
    expect(fire(new Event("copy", options))).toBe(true);
  });
});

describe("keys", () => {
  afterEach(() => resetKeys());
  const key = (code: string, over = {}) => ({
    code,
    altKey: false,
    ctrlKey: false,
    shiftKey: false,
    metaKey: false,
    ...over,
  });
  it("names a key by its place, whatever an input method makes of it", () => {
    expect(chordOf(key("F8"))).toBe("F8");
    expect(chordOf(key("Digit1", { altKey: true }))).toBe("Alt+Digit1");
    expect(shown("Alt+Digit1")).toBe("Alt+1");
  });
  it("refuses keys that browsers keep, that type, or that are taken", () => {
    for (const chord of ["F5", "F11", "KeyA", "Enter", "Ctrl+KeyT", "Alt", "AltLeft"])
      expect(usable(chord)).toBe(false);
    for (const chord of Object.values(DEFAULTS)) expect(usable(chord)).toBe(true);
    expect(bind("play", DEFAULTS.back)).toBe(false);
    expect(bind("play", "Alt+Digit1")).toBe(true);
    expect(keys.play).toBe("Alt+Digit1");
    expect(JSON.parse(localStorage.getItem("ccss.keys")!).play).toBe("Alt+Digit1");
  });
});
