import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadMessages } from "@/i18n";
import type { Fault } from "@/server/bank/model";
import { verdictOf } from "@/server/bank/recording/levels";
import { playedShare } from "@/server/bank/recording/listening";
import { MOST_MS, Recorder, type Studio } from "@/server/bank/recording/recorder";
import { author } from "@/typing_test/author";
import {
  addItem,
  carryRecordings,
  changes,
  isWritten,
  moveItem,
  removeItem,
  takeItem,
} from "@/typing_test/author/draft";
import { faultsAt, placeOf, severeOf, targetOf } from "@/typing_test/author/faults";
import type { DictationDraft, DraftAudio } from "@/typing_test/author/model";

const words = (zh: string) => ({ "zh-CN": zh, en: "" });
function draft(...texts: string[]): DictationDraft {
  const made = {
    title: words("题"),
    instructions: words("听"),
    duration_ms: 300_000,
    fields: [{ key: "name", label: words("姓名") }],
    items: [],
  } as unknown as DictationDraft;
  for (const text of texts) addItem(made, words("条"))!.answers.name!.text = text;
  return made;
}
const sound = (sha256: string) => ({ sha256 }) as DraftAudio;

describe("faults", () => {
  const two = draft("a", "b");
  const fault = (path: string, severe = true): Fault => ({ path, text: words(path), severe });
  const found = [
    fault("title"),
    fault("items.0.audio"),
    fault("items.1.answers.name.text"),
    fault("items.1.answers.name.readings.2", false),
    fault("items.9.audio"),
  ];

  it("belong to the field that their path names", () => {
    expect(found.map(({ path }) => placeOf(path, two))).toEqual([
      { part: "title" },
      { item: "c01", part: "audio" },
      { item: "c02", field: "name", part: "text" },
      { item: "c02", field: "name", part: "readings" },
      {},
    ]);
    expect(faultsAt(found, two, "c02", "name")).toHaveLength(2);
    expect(faultsAt(found, two, "c01")).toEqual([found[1]]);
    expect([severeOf(found, two, "c01"), severeOf(found, two, "c02")]).toEqual([1, 1]);
  });

  it("lead to the control that mends them", () => {
    expect(found.slice(0, 4).map(({ path }) => targetOf(placeOf(path, two)))).toEqual([
      "task-title",
      "recording",
      "f-c02-name-text",
      "f-c02-name-readings",
    ]);
  });
});

describe("a dictation's draft", () => {
  it("gives every new item an id of its own and every field", () => {
    const made = draft("a", "b", "c");
    removeItem(made, 0);
    addItem(made, words("新"));
    expect(made.items.map(({ id }) => id)).toEqual(["c02", "c03", "c04"]);
    expect(isWritten(made.items[2]!)).toBe(false);
    moveItem(made, 2, -1);
    moveItem(made, 0, -1);
    expect(made.items.map(({ id }) => id)).toEqual(["c02", "c04", "c03"]);
    removeItem(made, 0);
    removeItem(made, 0);
    removeItem(made, 0);
    expect(made.items).toHaveLength(1);
  });

  it("has room for fifty items", () => {
    const made = draft(...Array.from({ length: 50 }, (_, n) => `${n}`));
    expect(addItem(made, words("多"))).toBeUndefined();
  });

  it("takes recordings from the server and texts from the page", () => {
    const [here, server] = [draft("typed", "b"), draft("old", "b")];
    server.items[0]!.audio = sound("x");
    carryRecordings(here, server);
    expect([here.items[0]!.audio, here.items[0]!.answers.name!.text]).toEqual([sound("x"), "typed"]);
    takeItem(here, server, "c01");
    expect(here.items[0]!.answers.name!.text).toBe("old");
  });

  it("tells what differs from a version, field by field", () => {
    const [version, now] = [draft("a", "b"), draft("a")];
    now.items[0]!.answers.name!.hint = "草字头黄";
    now.items[0]!.audio = sound("0123456789");
    now.title = words("新题");
    expect(changes(version, now)).toEqual([
      { item: "", field: "title", before: "题", after: "新题" },
      { item: "条", field: "姓名", before: "a", after: "a · 草字头黄" },
      { item: "条", field: "recording", before: "", after: "01234567" },
      { item: "条", field: "姓名", before: "b", after: "" },
      { item: "条", field: "itemTitle", before: "条", after: "" },
      { item: "条", field: "scored", before: "true", after: "" },
      { item: "条", field: "level", before: "middle", after: "" },
    ]);
    expect(changes(now, now)).toEqual([]);
  });

  it("tells other rules, English texts, levels and another order too", () => {
    const [version, now] = [draft("a", "b"), draft("a", "b")];
    now.title.en = "Task";
    now.instructions.en = "Listen";
    now.paste_allowed = true;
    now.player = { seek: "none", back_step_ms: 5000, max_plays: 2 };
    now.counting = {
      version: "lcs-1",
      keep: "@",
      rounding: "ratio",
      max_marks: 20,
      surplus_deduction: "per_character",
    };
    Object.assign(now.items[0]!, { level: "hard", tags: ["邮编"], title: { "zh-CN": "条", en: "One" } });
    moveItem(now, 0, 1);
    expect(changes(version, now).map(({ field, before, after }) => [field, before, after])).toEqual([
      ["titleEn", "", "Task"],
      ["instructionsEn", "", "Listen"],
      ["plays", "", "2"],
      ["seek", "free", "none"],
      ["back", "3", "5"],
      ["marks", "10", "20"],
      ["rounding", "percent", "ratio"],
      ["surplus", "none", "per_character"],
      ["keep", "@._-+#&/", "@"],
      ["paste", "false", "true"],
      ["order", "c01 · c02", "c02 · c01"],
      ["itemTitleEn", "", "One"],
      ["level", "middle", "hard"],
      ["tags", "", "邮编"],
    ]);
  });

  it("says what differs in words", async () => {
    await loadMessages("author", "bank");
    const [version, now] = [draft("a"), draft("a")];
    Object.assign(now, { paste_allowed: true, duration_ms: 360_000 });
    now.items[0]!.level = "hard";
    now.items[0]!.answers.name!.text = "b";
    expect(author.changes(version, now)).toEqual([
      { item: "", field: "时间（分钟）", before: "5", after: "6" },
      { item: "", field: "允许粘贴", before: "否", after: "是" },
      { item: "条", field: "姓名", before: "a", after: "b" },
      { item: "条", field: "难度", before: "中", after: "难" },
    ]);
  });
});

describe("levels and listening", () => {
  it("have a word", () => {
    const of = (rms_dbfs: number, peak_dbfs: number, clipped_samples = 0) =>
      verdictOf({ rms_dbfs, peak_dbfs, clipped_samples });
    expect([of(-20, -3), of(-39, -20), of(-30, -25), of(-10, 0, 21), of(0, 0)]).toEqual([
      "good",
      "quiet",
      "quiet",
      "clipped",
      "unmeasured",
    ]);
  });

  it("count what sounded, not where the slider was", () => {
    const ranges = [
      [0, 2],
      [5, 10],
    ];
    const played = { length: 2, start: (n: number) => ranges[n]![0]!, end: (n: number) => ranges[n]![1]! };
    expect([playedShare(played, 10), playedShare(played, 0)]).toEqual([0.7, 0]);
  });
});

describe("the recorder", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  class Machine {
    state = "inactive";
    mimeType = "audio/webm";
    ondataavailable?: (event: { data: Blob }) => void;
    onstop?: (() => void) | null;
    start = (): void => void (this.state = "recording");
    pause = (): void => void (this.state = "paused");
    resume = (): void => void (this.state = "recording");
    stop = (): void => {
      this.state = "inactive";
      this.ondataavailable?.({ data: new Blob(["sound"]) });
      this.onstop?.();
    };
  }
  const stopTrack = vi.fn();
  const stream = {
    getTracks: () => [{ stop: stopTrack }],
    getAudioTracks: () => [{ getSettings: () => ({ deviceId: "m1" }) }],
  } as unknown as MediaStream;
  function studio(over: Partial<Studio> = {}) {
    const machines: Machine[] = [];
    const made: Studio = {
      secure: true,
      open: () => Promise.resolve(stream),
      devices: () => Promise.resolve([{ deviceId: "m1", label: "耳麦" } as MediaDeviceInfo]),
      record: () => {
        machines.push(new Machine());
        return machines.at(-1) as unknown as MediaRecorder;
      },
      listen: () => ({ level: () => -20, close: () => undefined }),
      ...over,
    };
    return { recorder: new Recorder(made), machines };
  }
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

  it("counts down, records, pauses without counting time, and gives the take", async () => {
    const { recorder, machines } = studio();
    recorder.start();
    expect(recorder.state.value).toBe("closed");
    await recorder.open();
    expect([recorder.state.value, recorder.device.value]).toEqual(["ready", "m1"]);
    recorder.start();
    await pass(2_000);
    expect([recorder.state.value, recorder.count.value, machines.length]).toEqual(["counting", 1, 0]);
    await pass(1_000);
    expect([recorder.state.value, recorder.level.value]).toEqual(["recording", -20]);
    await pass(2_000);
    recorder.pause();
    await pass(5_000);
    expect([machines[0]!.state, recorder.recordedMs.value]).toEqual(["paused", 2_000]);
    recorder.resume();
    await pass(1_000);
    recorder.stop();
    expect([recorder.state.value, recorder.recordedMs.value]).toEqual(["done", 3_000]);
    expect(recorder.take.value?.type).toBe("audio/webm");
    recorder.discard();
    expect([recorder.state.value, recorder.take.value]).toEqual(["ready", undefined]);
  });

  it("can be called off while it counts", async () => {
    const { recorder, machines } = studio();
    await recorder.open();
    recorder.start();
    await pass(1_000);
    recorder.stop();
    await pass(10_000);
    expect([recorder.state.value, machines.length]).toEqual(["ready", 0]);
  });

  it("ends by itself when the take is as long as the server allows", async () => {
    const { recorder } = studio();
    await recorder.open();
    recorder.start();
    await pass(3_000 + MOST_MS);
    expect(recorder.state.value).toBe("done");
  });

  it("says why there is no microphone", async () => {
    const refused = (name: string) => studio({ open: () => Promise.reject(new DOMException("no", name)) });
    const cases = [
      studio({ secure: false }),
      refused("NotAllowedError"),
      refused("NotFoundError"),
      refused("X"),
    ];
    for (const { recorder } of cases) await recorder.open();
    expect(cases.map(({ recorder }) => recorder.refused.value)).toEqual([
      "insecure",
      "refused",
      "absent",
      "failed",
    ]);
    expect(cases.every(({ recorder }) => recorder.state.value === "closed")).toBe(true);
  });

  it("lets the microphone go when the page is left, and drops the take", async () => {
    const { recorder } = studio();
    await recorder.open();
    recorder.start();
    await pass(4_000);
    stopTrack.mockClear();
    recorder.close();
    expect([stopTrack.mock.calls.length, recorder.take.value]).toEqual([1, undefined]);
  });
});
