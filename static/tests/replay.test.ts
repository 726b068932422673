import { answers, asked, json, refusal } from "./answering";
import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";
import CallsPanel from "@/grading/CallsPanel.vue";
import { i18n, loadMessages } from "@/i18n";
import type { Dossier } from "@/grading/api";
import MarksCell from "@/server/MarksCell.vue";
import type { CommentView, Marker, RecordingView, ReplayView } from "@/telephony/replay/api";
import { bandsOf, columnsOf, ticksOf, wavePath } from "@/telephony/replay/bands";
import CommentPanel from "@/telephony/replay/CommentPanel.vue";
import ComparePanel from "@/telephony/replay/ComparePanel.vue";
import { soundKey } from "@/telephony/replay/keys";
import { neighbour, otherModels, passageAt, passagesOf, spokenPart } from "@/telephony/replay/passages";
import RecordingState from "@/telephony/replay/RecordingState.vue";
import ReplayPage from "@/telephony/replay/ReplayPage.vue";
import { Sound } from "@/telephony/replay/sound";
import WaveForm from "@/telephony/replay/WaveForm.vue";

const text = (zh: string) => ({ "zh-CN": zh, en: "" });
const marker = (
  kind: Marker["kind"],
  at_ms: number,
  until_ms: number | null,
  more: Partial<Marker> = {},
): Marker => ({
  kind,
  at_ms,
  until_ms,
  ref: "",
  title: text(kind),
  text: "",
  superseded: false,
  ...more,
});
const MARKERS: Marker[] = [
  marker("turn", 0, 20_000, { ref: "t1", title: text("问候客户"), text: "您好，这里是演示快递" }),
  marker("line", 500, 4_000, { ref: "t1-line", text: "你好，查一个件" }),
  marker("take", 5_000, 8_000, { ref: "t1", superseded: true }),
  marker("take", 9_000, 15_000, { ref: "t1" }),
  marker("turn", 20_000, 40_000, { ref: "t2", title: text("核实身份") }),
  marker("hold", 22_000, 26_000),
  marker("trouble", 30_000, 33_000),
  marker("act", 38_000, null),
];
const recording = (more: Partial<RecordingView> = {}): RecordingView => ({
  recording_id: "r1",
  call_id: "in1.1",
  part: "in1",
  title: text("呼入一"),
  state: "sealed",
  began_ms: 1_000_000,
  duration_ms: 40_000,
  sha256: "ab".repeat(32),
  peaks_url: "/api/v1/recordings/r1/peaks",
  sound_url: "/api/v1/recordings/r1/sound",
  wav_url: "/api/v1/recordings/r1/wav",
  markers: MARKERS,
  stretches: [{ from_ms: 16_000, to_ms: 17_000, kind: "gap" }],
  measures: [],
  missing: null,
  ...more,
});
const view = (more: Partial<ReplayView> = {}): ReplayView => ({
  attempt_id: "a1",
  title: text("语音服务"),
  contestant: "演示学员",
  practice: true,
  recordings: [recording()],
  models: [
    { ref: "t1", title: text("问候客户"), text: "您好，请问有什么可以帮您？" },
    { ref: "in1.script:opening", title: text("开场白"), text: "您好" },
  ],
  earlier: [],
  ...more,
});
const comment = (more: Partial<CommentView> = {}): CommentView => ({
  comment_id: "c1",
  at_ms: 6_000,
  until_ms: null,
  author: "演示教师",
  mine: true,
  body: "语速偏快",
  made_ms: 5,
  ...more,
});

/** An audio element that plays by the test's word. */
class FakeAudio extends EventTarget {
  preload = "";
  src = "";
  currentTime = 0;
  readyState = 4;
  seeking = false;
  playbackRate = 1;
  defaultPlaybackRate = 1;
  volume = 1;
  paused = true;
  refuses: Error | undefined;
  load = vi.fn();
  removeAttribute = (): void => void (this.src = "");
  getAttribute = (): string | null => this.src || null;
  play = vi.fn(() => {
    if (this.refuses) return Promise.reject(this.refuses);
    this.paused = false;
    return Promise.resolve();
  });
  pause = vi.fn(() => void (this.paused = true));
  reach(seconds: number): void {
    this.currentTime = seconds;
    this.dispatchEvent(new Event("timeupdate"));
  }
}
const fake = (): { audio: FakeAudio; sound: Sound } => {
  const audio = new FakeAudio();
  const sound = new Sound(audio as unknown as HTMLAudioElement);
  sound.load("/x.ogg", 40_000);
  return { audio, sound };
};

const router = createRouter({
  history: createMemoryHistory(),
  routes: [{ path: "/:rest(.*)*", component: { template: "<i/>" } }],
});
const global = { plugins: [i18n, router] };

beforeAll(async () => loadMessages("replay", "grading", "voice"));
beforeEach(() => {
  answers.clear();
  asked.length = 0;
  answers.set("GET /api/v1/recordings/r1/peaks", () =>
    json({ step_ms: 100, agent: [1, 50], customer: [90, 0] }),
  );
  answers.set("GET /api/v1/recordings/r1/comments", () => json([comment()]));
});
afterEach(() => void vi.useRealTimers());

describe("what is drawn", () => {
  it("takes the loudest of each column, and never invents columns", () => {
    expect(columnsOf([0, 100, 20, 0], 2)).toEqual([1, 0.2]);
    expect(columnsOf([50], 10)).toEqual([0.5]);
    expect(columnsOf([], 10)).toEqual([]);
  });

  it("covers the part of the recording that the peaks are of", () => {
    const half = wavePath([100, 100], 1_000, 4_000, 100, 30, 20);
    const xs = [...half.matchAll(/M([\d.]+) /g)].map((found) => Number(found[1]));
    expect(Math.max(...xs)).toBeLessThan(50);
    expect(half).toContain("v40.0");
    expect(wavePath([], 100, 4_000, 100, 30, 20)).toBe("");
  });

  it("marks time at round moments with room between", () => {
    expect(ticksOf(60_000, 700)).toEqual([0, 10_000, 20_000, 30_000, 40_000, 50_000, 60_000]);
    expect(ticksOf(0, 700)).toEqual([]);
  });

  it("has superseded takes behind, gaps and troubles in front, all inside the recording", () => {
    const bands = bandsOf(MARKERS, [{ from_ms: 39_000, to_ms: 99_000, kind: "gap" }], 40_000);
    expect(bands[0]).toMatchObject({ kind: "take", dim: true });
    expect(bands.at(-1)).toMatchObject({ kind: "trouble" });
    expect(bands.find((band) => band.kind === "gap")!.toMs).toBe(40_000);
    expect(bands.find((band) => band.kind === "act")!.toMs).toBe(40_000);
  });

  it("seeks by a click, and chooses a stretch by a drag with Shift", async () => {
    const wave = mount(WaveForm, {
      props: { peaks: undefined, durationMs: 40_000, positionMs: 0, label: "x" },
      global,
    });
    const svg = wave.get("svg");
    svg.element.getBoundingClientRect = () => ({ left: 0, width: 400 }) as DOMRect;
    await svg.trigger("pointerdown", { button: 0, clientX: 100 });
    await svg.trigger("pointermove", { clientX: 200 });
    await svg.trigger("pointerup");
    await svg.trigger("pointermove", { clientX: 300 });
    expect(wave.emitted("seek")).toEqual([[10_000], [20_000]]);
    await svg.trigger("pointerdown", { button: 0, clientX: 300, shiftKey: true });
    await svg.trigger("pointermove", { clientX: 200, shiftKey: true });
    expect(wave.emitted("choose")).toEqual([[20_000, 30_000]]);
    expect(wave.emitted("seek")).toHaveLength(2);
  });
});

describe("the text beside", () => {
  const passages = passagesOf(MARKERS, view().models, 40_000);

  it("has lines, takes, what was written and the reference by turn", () => {
    expect(passages.map((one) => one.title)).toEqual(["问候客户", "核实身份"]);
    expect(passages[0]).toMatchObject({
      written: "您好，这里是演示快递",
      reference: "您好，请问有什么可以帮您？",
    });
    expect(passages[0]!.lines.map((one) => one.text)).toEqual(["你好，查一个件"]);
    expect(passages[0]!.takes.map((one) => one.dim)).toEqual([true, false]);
    expect(otherModels(view().models, passages, "in1").map((one) => one.ref)).toEqual(["in1.script:opening"]);
    expect(otherModels(view().models, passages, "out1")).toEqual([]);
  });

  it("plays the take that counts", () => {
    expect(spokenPart(passages[0]!)).toMatchObject({ fromMs: 9_000, toMs: 15_000 });
    expect(spokenPart(passages[1]!)).toMatchObject({ fromMs: 20_000, toMs: 40_000 });
  });

  it("counts a take that was spoken anew later to its own turn", () => {
    const again = [...MARKERS, marker("take", 30_000, 35_000, { ref: "t1" })];
    const [first, second] = passagesOf(again, [], 40_000);
    expect(first!.takes).toHaveLength(3);
    expect(second!.takes).toHaveLength(0);
  });

  it("shows the lines of a free talk by themselves, each with what answers it", () => {
    const talk = [
      marker("line", 3_000, 5_000, { ref: "q1", text: "多少钱" }),
      marker("line", 9_000, 10_000, { ref: "q2" }),
    ];
    expect(passagesOf(talk, [], 12_000).map((one) => [one.kind, one.fromMs, one.toMs])).toEqual([
      ["line", 3_000, 9_000],
      ["line", 9_000, 12_000],
    ]);
  });

  it("leads to the turn before and after", () => {
    expect(passageAt(passages, 25_000)).toBe(1);
    expect(neighbour(passages, 25_000, -1)!.fromMs).toBe(20_000);
    expect(neighbour(passages, 20_500, -1)!.fromMs).toBe(0);
    expect(neighbour(passages, 5_000, 1)!.fromMs).toBe(20_000);
    expect(neighbour(passages, 25_000, 1)).toBeUndefined();
  });
});

describe("the sound", () => {
  it("plays a stretch and stops at its end", () => {
    const { audio, sound } = fake();
    const then = vi.fn();
    sound.playStretch(5_000, 8_000, then);
    expect(audio.currentTime).toBe(5);
    audio.reach(7.9);
    expect(sound.playing.value).toBe(true);
    audio.reach(8.01);
    expect([sound.playing.value, audio.paused]).toEqual([false, true]);
    expect(then).toHaveBeenCalledOnce();
  });

  it("forgets the stretch when the hearer goes elsewhere", () => {
    const { audio, sound } = fake();
    const then = vi.fn();
    sound.playStretch(5_000, 8_000, then);
    sound.seek(20_000);
    audio.reach(25);
    expect(sound.playing.value).toBe(true);
    expect(then).not.toHaveBeenCalled();
  });

  it("stays inside the recording, and begins anew at its end", () => {
    const { audio, sound } = fake();
    sound.step(-5_000);
    expect(sound.position.value).toBe(0);
    sound.seek(99_000);
    expect(sound.position.value).toBe(40_000);
    sound.toggle();
    expect(audio.currentTime).toBe(0);
  });

  it("says that it failed, and not when a start was only interrupted", async () => {
    const { audio, sound } = fake();
    audio.refuses = new DOMException("", "AbortError");
    await sound.play();
    expect(sound.failed.value).toBe(false);
    audio.refuses = new DOMException("", "NotSupportedError");
    await sound.play();
    expect([sound.failed.value, sound.playing.value]).toEqual([true, false]);
    audio.refuses = undefined;
    sound.retry();
    expect(sound.failed.value).toBe(false);
  });

  it("keeps the speed over recordings", () => {
    const { audio, sound } = fake();
    sound.setRate(1.5);
    sound.load("/y.ogg", 1_000);
    expect(audio.playbackRate).toBe(1.5);
  });

  it("obeys keys where nobody types", () => {
    const { sound } = fake();
    const passages = passagesOf(MARKERS, [], 40_000);
    const press = (key: string, target: EventTarget = document.body, more = {}): boolean => {
      let done = false;
      const listen = (event: Event): void => void (done = soundKey(event as KeyboardEvent, sound, passages));
      target.addEventListener("keydown", listen);
      target.dispatchEvent(new KeyboardEvent("keydown", { key, ...more }));
      target.removeEventListener("keydown", listen);
      return done;
    };
    expect(press("ArrowRight")).toBe(true);
    expect(sound.position.value).toBe(5_000);
    press("2");
    expect(sound.position.value).toBe(20_000);
    expect(press("9")).toBe(true);
    expect(sound.position.value).toBe(20_000);
    press("Home");
    press("ArrowDown");
    expect(sound.position.value).toBe(20_000);
    expect(press(" ", document.createElement("button"))).toBe(false);
    expect(press("ArrowLeft", document.createElement("textarea"))).toBe(false);
    expect(press("ArrowLeft", document.body, { ctrlKey: true })).toBe(false);
    expect(sound.playing.value).toBe(false);
    expect(press(" ")).toBe(true);
    expect(sound.playing.value).toBe(true);
  });
});

describe("how a recording stands", () => {
  const words = (more: Partial<RecordingView>): string =>
    mount(RecordingState, { props: { recording: recording(more) }, global }).text();

  it("is said in words", () => {
    expect(words({ stretches: [] })).toContain("已封存");
    expect(words({})).toContain("有缺失或不一致");
    expect(words({ stretches: [{ from_ms: 0, to_ms: 9, kind: "filled" }] })).not.toContain("缺失");
    expect(words({ state: "waiting", sound_url: null })).toContain("等待上传");
    expect(words({ state: "waiting", missing: text("还差坐席端 12 秒") })).toContain("还差坐席端 12 秒");
    expect(words({ state: "failed" })).toContain("合成失败");
    expect(words({ state: "live" })).toContain("通话进行中");
  });
});

describe("the page", () => {
  async function open(body: ReplayView | undefined) {
    answers.set("GET /api/v1/attempts/a1/replay", () => (body ? json(body) : refusal("not-permitted", 403)));
    const page = mount(ReplayPage, { props: { attemptId: "a1" }, global });
    await vi.waitFor(() => expect(asked.some(({ key }) => key.endsWith("/replay"))).toBe(true));
    await flushPromises();
    await flushPromises();
    return page;
  }

  it("shows texts, comments and the WAV of a sealed recording", async () => {
    const page = await open(view());
    await vi.waitFor(() => expect(page.text()).toContain("语速偏快"));
    expect(page.text()).toContain("您好，这里是演示快递");
    expect(page.text()).toContain("您好，请问有什么可以帮您？");
    expect(page.get("a[download]").attributes("href")).toBe("/api/v1/recordings/r1/wav");
    expect(page.findAll("rect[data-kind=turn]")).toHaveLength(2);
    page.unmount();
  });

  it("has no comparison where it is no practice", async () => {
    const compare = (page: Awaited<ReturnType<typeof open>>): number =>
      page.findAll(".passages button").filter((one) => one.text().startsWith("对照")).length;
    const practice = await open(view());
    expect(compare(practice)).toBe(2);
    practice.unmount();
    const contest = await open(view({ practice: false }));
    expect(compare(contest)).toBe(0);
    contest.unmount();
  });

  it("shows the texts while the sound is still on its way, and asks again", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    answers.set("GET /api/v1/attempts/a1/replay", () =>
      json(view({ recordings: [recording({ state: "waiting", sound_url: null, peaks_url: null })] })),
    );
    const page = mount(ReplayPage, { props: { attemptId: "a1" }, global });
    await vi.waitFor(() => expect(page.text()).toContain("等待上传"));
    expect(page.text()).toContain("您好，这里是演示快递");
    expect(page.find("svg[role=slider]").exists()).toBe(false);
    answers.set("GET /api/v1/attempts/a1/replay", () => json(view()));
    await vi.advanceTimersByTimeAsync(4_100);
    await vi.waitFor(() => expect(page.find("svg[role=slider]").exists()).toBe(true));
    page.unmount();
  });

  it("says that there is none, or that it may not be heard", async () => {
    const none = await open(view({ recordings: [] }));
    await vi.waitFor(() => expect(none.text()).toContain("没有录音"));
    none.unmount();
    const refused = await open(undefined);
    await vi.waitFor(() => expect(refused.text()).toContain("没有权限"));
    refused.unmount();
  });
});

describe("comments", () => {
  const panel = (more = {}) =>
    mount(CommentPanel, {
      props: {
        recordingId: "r1",
        comments: [comment(), comment({ comment_id: "c2", mine: false })],
        positionMs: 7_000,
        chosen: undefined,
        ...more,
      },
      global,
    });

  it("stand at the moment when somebody began to write", async () => {
    answers.set("POST /api/v1/recordings/r1/comments", () => json(comment(), 201));
    const page = panel();
    await page.get("textarea").setValue("停");
    await page.setProps({ positionMs: 12_000 });
    await page.get("textarea").setValue("停顿得好");
    await page.get("form").trigger("submit");
    await vi.waitFor(() => expect(page.emitted("changed")).toBeTruthy());
    expect(asked.at(-1)!.body).toEqual({ at_ms: 7_000, until_ms: null, body: "停顿得好" });
  });

  it("cover a chosen stretch, and only own ones can be deleted", async () => {
    answers.set("POST /api/v1/recordings/r1/comments", () => json(comment(), 201));
    answers.set("DELETE /api/v1/recordings/r1/comments/c1", () => json(null, 204));
    const page = panel({ chosen: { fromMs: 2_000, toMs: 4_000 } });
    await page.get("textarea").setValue("整段");
    await page.get("form").trigger("submit");
    await vi.waitFor(() => expect(page.emitted("unchoose")).toBeTruthy());
    expect(asked.at(-1)!.body).toEqual({ at_ms: 2_000, until_ms: 4_000, body: "整段" });
    const deletes = page.findAll("li button").filter((one) => one.text().startsWith("删除"));
    expect(deletes).toHaveLength(1);
    await deletes[0]!.trigger("click");
    await vi.waitFor(() => expect(asked.at(-1)!.key).toBe("DELETE /api/v1/recordings/r1/comments/c1"));
  });

  it("keep what was written when the server refuses", async () => {
    answers.set("POST /api/v1/recordings/r1/comments", () => refusal("disk-full", 507));
    const page = panel();
    await page.get("textarea").setValue("别丢");
    await page.get("form").trigger("submit");
    await vi.waitFor(() => expect(page.find(".failed").exists()).toBe(true));
    expect((page.get("textarea").element as HTMLTextAreaElement).value).toBe("别丢");
  });
});

describe("A and B", () => {
  const [passage] = passagesOf(MARKERS, view().models, 40_000);

  it("shows the reference only after the own turn was heard", async () => {
    const { audio, sound } = fake();
    const page = mount(ComparePanel, {
      props: { passage: passage!, part: "in1", sound, silent: false, earlier: [] },
      global,
    });
    expect(page.text()).not.toContain("请问有什么可以帮您");
    await page
      .findAll("button")
      .find((one) => one.text() === "先听 A 再看 B")!
      .trigger("click");
    expect(audio.currentTime).toBe(9);
    audio.reach(15.1);
    await flushPromises();
    expect(page.text()).toContain("请问有什么可以帮您");
    page.unmount();
  });

  it("finds the same turn of an earlier attempt", async () => {
    answers.set("GET /api/v1/attempts/a0/replay", () =>
      json(
        view({ attempt_id: "a0", recordings: [recording({ markers: [{ ...MARKERS[0]!, text: "喂" }] })] }),
      ),
    );
    const { sound } = fake();
    const page = mount(ComparePanel, {
      props: {
        passage: passage!,
        part: "in1",
        sound,
        silent: false,
        earlier: [{ attemptId: "a0", label: "上次" }],
      },
      global,
    });
    await page.get("select").setValue("a0");
    await vi.waitFor(() => expect(page.findAll(".words").map((one) => one.text())).toContain("喂"));
    page.unmount();
  });
});

describe("the grading page", () => {
  const dossier = (evidence: Dossier["evidence"]): Dossier =>
    ({ work_code: "AB12", module: "telephony", evidence }) as unknown as Dossier;

  it("hears a call blind, by its files of evidence", async () => {
    answers.set("GET /api/v1/grading/works/AB12/evidence/c0", () =>
      json({
        calls: [
          {
            call_id: "in1.1",
            part: "in1",
            title: text("呼入一"),
            duration_ms: 40_000,
            sound_sha256: "f0",
            peaks_sha256: "e0",
            markers: MARKERS,
            stretches: [],
            measures: [],
            mask: [],
          },
        ],
      }),
    );
    answers.set("GET /api/v1/grading/works/AB12/evidence/e0", () =>
      json({ step_ms: 100, agent: [9], customer: [1] }),
    );
    const page = mount(CallsPanel, {
      props: { dossier: dossier([{ role: "calls", sha256: "c0", media_type: "application/json", size: 1 }]) },
      global,
    });
    await vi.waitFor(() => expect(page.find("svg[role=slider]").exists()).toBe(true));
    expect(page.text()).toContain("问候客户");
    page.unmount();
  });

  it("says so where there is none, or where it does not come", async () => {
    const none = mount(CallsPanel, { props: { dossier: dossier([]) }, global });
    await vi.waitFor(() => expect(none.text()).toContain("没有通话录音"));
    const lost = mount(CallsPanel, {
      props: { dossier: dossier([{ role: "calls", sha256: "zz", media_type: "application/json", size: 1 }]) },
      global,
    });
    await vi.waitFor(() => expect(lost.find("[role=alert]").exists()).toBe(true));
  });
});

describe("marks that people give", () => {
  const cell = (module: string, marks: string | null, max_marks: string | null): string =>
    mount(MarksCell, {
      props: { row: { module, phase: "closed", marks, max_marks, failed: false } },
      global,
    }).text();

  it("are never shown as nothing, nor as on their way", () => {
    expect(cell("telephony", "0", "0")).toBe("人工评分");
    expect(cell("telephony", null, null)).toBe("人工评分");
    expect(cell("typing_test", "0", "0")).toBe("不计分");
    expect(cell("typing_test", "9.5", "10")).toBe("9.5/ 10");
  });
});
