import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope } from "vue";
import type { AttemptView, Command, SeatFrame, ServerFrame } from "@/api/types";
import AnnouncementBand from "@/exam/AnnouncementBand.vue";
import CurtainScreen from "@/exam/CurtainScreen.vue";
import TopBar from "@/exam/TopBar.vue";
import WaitingScreen from "@/exam/WaitingScreen.vue";
import { useCountdown } from "@/exam/countdown";
import { rememberPlace, wayOut } from "@/exam/home";
import { SeatSession } from "@/exam/session";
import { i18n } from "@/i18n";
import { unsent } from "@/media/unsent";
import { MemoryStore, problem } from "./support";

/** The server's end of /ws, as far as a page can tell. */
class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    return FakeSocket.all.at(-1)!;
  }
  readyState = 1;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: string[] = [];
  constructor() {
    FakeSocket.all.push(this);
    queueMicrotask(() => this.onopen?.());
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.readyState = 3;
  }
  say(frame: Partial<ServerFrame>): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  get commands(): { id: string; command: Command }[] {
    return this.sent.map((text) => JSON.parse(text)).filter((frame) => frame.type === "command");
  }
  get pings(): Extract<SeatFrame, { type: "ping" }>[] {
    return this.sent.map((text) => JSON.parse(text)).filter((frame) => frame.type === "ping");
  }
  get types(): string[] {
    return this.commands.map(({ command }) => command.type);
  }
}

const view = (over: Partial<AttemptView>): AttemptView =>
  ({
    attempt_id: "a1",
    module: "typing_test",
    module_title: { "zh-CN": "文字录入", en: "" },
    paper_title: { "zh-CN": "卷", en: "" },
    contest_title: { "zh-CN": "练习", en: "" },
    place: null,
    contestant_name: "张三",
    contest_kind: "practice",
    rules_acknowledged: true,
    progress: { done: 0, total: 3 },
    device: { mark: "untested", faults: [], checked_ms: null },
    phase: "running",
    ends_ms: Date.now() + 60_000,
    left_ms: 60_000,
    limit_ms: 60_000,
    server_ms: Date.now(),
    ...over,
  }) as AttemptView;

const welcome = (attempt: AttemptView): void =>
  FakeSocket.last.say({ type: "welcome", epoch: 1, seq: 1, attempt, content: {}, state: {} });
const changed = (attempt: AttemptView): void => FakeSocket.last.say({ type: "changed", seq: 2, attempt });
const page = { merge: vi.fn(), acked: vi.fn(), dropped: vi.fn(), flush: vi.fn() };

async function seat(store = new MemoryStore()) {
  const forget = vi.fn(() => Promise.resolve());
  const session = new SeatSession("a1", store, forget);
  void session.open();
  await vi.advanceTimersByTimeAsync(200);
  session.attach(page);
  return { session, forget, store };
}

describe("SeatSession", () => {
  let sessions: SeatSession[] = [];
  const open = async (store?: MemoryStore) => {
    const made = await seat(store);
    sessions.push(made.session);
    return made;
  };
  beforeEach(() => {
    vi.useFakeTimers();
    FakeSocket.all = [];
    vi.stubGlobal("WebSocket", FakeSocket);
  });
  afterEach(() => {
    for (const session of sessions) session.close();
    sessions = [];
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("an end that a server's outage overtook gives way to the pause, and comes again", async () => {
    const { session } = await open();
    welcome(view({}));
    FakeSocket.last.onclose!({ code: 1006 });
    session.timeUp();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(session.ended.value).toBe(true);
    expect(session.waiting.map(({ command }) => command.cause)).toEqual(["time_up"]);
    welcome(view({ phase: "paused", ends_ms: null, left_ms: 9_000 }));
    expect(session.ended.value).toBe(false);
    expect(session.waiting).toHaveLength(0);
    session.send({ type: "resume" });
    expect(FakeSocket.last.types).toEqual(["resume"]);
    FakeSocket.last.say({ type: "acked", id: FakeSocket.last.commands[0]!.id, seq: 3, server_ms: 1 });
    changed(view({}));
    session.timeUp();
    await vi.advanceTimersByTimeAsync(1_500);
    expect(FakeSocket.last.types).toEqual(["resume", "hand_in"]);
  });

  it("a pause in the moment before the hand-in takes that back too", async () => {
    const { session } = await open();
    welcome(view({}));
    session.timeUp();
    changed(view({ phase: "paused", ends_ms: null }));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(session.waiting).toHaveLength(0);
  });

  it("what is live stands still with a pause, and goes on from there", async () => {
    const { session } = await open();
    welcome(view({}));
    FakeSocket.last.say({ type: "live", seq: 4, server_ms: 1_000, stage_ms: 500, live: { at: 1 } });
    expect(session.live.value).toEqual({ live: { at: 1 }, seq: 4, serverMs: 1_000, stageMs: 500 });
    changed(view({ phase: "paused", ends_ms: null, server_ms: 31_000, stage_ms: 30_500 }));
    expect(session.live.value).toEqual({ live: { at: 1 }, seq: 4, serverMs: 31_000, stageMs: 30_500 });
    changed(view({ server_ms: 91_000, stage_ms: 30_500 }));
    expect(session.live.value).toMatchObject({ serverMs: 91_000, stageMs: 30_500 });
  });

  it("a hello refused for now is said again, and the reason shown meanwhile", async () => {
    const { session } = await open();
    const tries = FakeSocket.all.length;
    FakeSocket.last.say({ type: "refused", id: null, problem: problem("disk-full", 507, true) });
    expect(session.save.value).toMatchObject({ kind: "blocked", problem: { code: "disk-full" } });
    expect(session.fatal.value).toBeUndefined();
    await vi.advanceTimersByTimeAsync(400);
    expect(FakeSocket.all.length).toBe(tries + 1);
    expect(FakeSocket.last.sent[0]).toContain('"hello"');
    welcome(view({}));
    expect(session.online.value).toBe(true);
    expect(session.blocked.value).toBeUndefined();
  });

  it("a page that has missed something asks for everything on the same line; what is under way stays so", async () => {
    const { session } = await open();
    welcome(view({}));
    session.send({ type: "raise_hand" });
    const lines = FakeSocket.all.length;
    session.resync();
    expect(FakeSocket.all.length).toBe(lines);
    const hello = JSON.parse(FakeSocket.last.sent.at(-1)!) as SeatFrame;
    expect(hello).toMatchObject({ type: "hello", after: null, epoch: 1 });
    page.merge.mockClear();
    welcome(view({}));
    expect(page.merge).toHaveBeenCalledTimes(1);
    expect(FakeSocket.last.types).toEqual(["raise_hand"]);
    page.acked.mockClear();
    FakeSocket.last.say({ type: "acked", id: FakeSocket.last.commands[0]!.id, seq: 7, server_ms: 1 });
    expect(page.acked).toHaveBeenCalledWith(expect.objectContaining({ attemptId: "a1" }), 7);
    expect(session.waiting).toHaveLength(0);
  });

  it("sends no half characters, and drops a frame that the server can't read", async () => {
    const { session, store } = await open();
    welcome(view({}));
    session.send({ type: "typing_test.save_field", text: "a\ud83db😀" });
    expect(FakeSocket.last.commands[0]!.command.text).toBe("a\ufffdb😀");
    session.send({ type: "raise_hand" });
    FakeSocket.last.say({ type: "refused", id: null, problem: problem("malformed", 400) });
    expect(session.fatal.value).toBeUndefined();
    expect(session.refusal.value?.code).toBe("malformed");
    expect(FakeSocket.last.types.at(-1)).toBe("raise_hand");
    await vi.advanceTimersByTimeAsync(0);
    expect([...store.kept.values()].map(({ command }) => command.type)).toEqual(["raise_hand"]);
    // With nothing of ours under way there is nothing to mend.
    FakeSocket.last.say({ type: "acked", id: FakeSocket.last.commands[1]!.id, seq: 3, server_ms: 1 });
    FakeSocket.last.say({ type: "refused", id: null, problem: problem("malformed", 400) });
    expect(session.fatal.value?.code).toBe("malformed");
  });

  it("a hand-in while offline is one, holds over a reload, and ends with the receipt", async () => {
    const { session, store } = await open();
    welcome(view({}));
    FakeSocket.last.onclose!({ code: 1006 });
    session.handIn();
    session.handIn();
    expect(session.handingIn.value).toBe(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(store.kept.size).toBe(1);
    session.close();
    const { session: next, forget } = await open(store);
    expect(next.handingIn.value).toBe(true);
    welcome(view({}));
    const [sent] = FakeSocket.last.commands;
    expect(sent!.command).toEqual({ type: "hand_in", cause: "handed_in" });
    FakeSocket.last.say({ type: "acked", id: sent!.id, seq: 3, server_ms: 1 });
    // No moment in which the fields could be used again.
    expect(next.handingIn.value).toBe(true);
    expect(forget).not.toHaveBeenCalled();
    changed(view({ phase: "closed", ends_ms: null }));
    expect(forget).toHaveBeenCalledTimes(1);
    expect(forget).toHaveBeenCalledWith("a1");
  });

  it("a refused hand-in leaves the seat usable", async () => {
    const { session } = await open();
    welcome(view({}));
    session.handIn();
    FakeSocket.last.say({
      type: "refused",
      id: FakeSocket.last.commands[0]!.id,
      problem: problem("internal", 500),
    });
    expect(session.handingIn.value).toBe(false);
    expect(session.refusal.value?.code).toBe("internal");
  });

  it("what is still queued of a closed attempt goes before it is forgotten", async () => {
    const { session, forget } = await open();
    session.send({ type: "typing_test.save_field", text: "晚" });
    welcome(view({ phase: "closed", ends_ms: null }));
    expect(forget).not.toHaveBeenCalled();
    FakeSocket.last.say({
      type: "refused",
      id: FakeSocket.last.commands[0]!.id,
      problem: problem("stage-closed", 409),
    });
    expect(session.lateKept.value).toBe(1);
    expect(forget).toHaveBeenCalledTimes(1);
  });

  it("after the end no time is shown as left", async () => {
    const { session } = await open();
    welcome(view({}));
    const bar = mount(TopBar, {
      props: { session, left: 298_000, warning: undefined },
      global: { plugins: [i18n] },
    });
    expect(bar.get("[data-testid=left]").text()).toBe("04:58");
    changed(view({ phase: "closed", ends_ms: null }));
    await bar.vm.$nextTick();
    expect(bar.get("[data-testid=left]").text()).toBe("—");
  });

  it("a refused start can be tried again", async () => {
    const { session } = await open();
    const attempt = view({ phase: "armed", ends_ms: null });
    welcome(attempt);
    const screen = mount(WaitingScreen, { props: { session, attempt }, global: { plugins: [i18n] } });
    const button = screen.get("button");
    await button.trigger("click");
    expect(button.attributes("disabled")).toBeDefined();
    const [sent] = FakeSocket.last.commands;
    FakeSocket.last.say({ type: "refused", id: sent!.id, problem: problem("internal", 500) });
    await screen.vm.$nextTick();
    expect(button.attributes("disabled")).toBeUndefined();
  });
});

describe("run control at the desk", () => {
  let session: SeatSession;
  beforeEach(async () => {
    vi.useFakeTimers();
    FakeSocket.all = [];
    vi.stubGlobal("WebSocket", FakeSocket);
    ({ session } = await seat());
  });
  afterEach(() => {
    session.close();
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });
  const pong = (): void => {
    const { sent } = FakeSocket.last.pings.at(-1)!;
    FakeSocket.last.say({ type: "pong", sent, server_ms: Date.now() });
  };
  const news = (id: string, body = "请注意") => ({ announcement_id: id, body, at_ms: 1_000 });

  it("tells the machine's clock, the best round trip, and what waits, with each ping", async () => {
    welcome(view({}));
    const [first] = FakeSocket.last.pings;
    expect(first).toMatchObject({ queued: 0, wall_ms: Date.now(), ends_ms: null });
    expect(first!.rtt_ms).toBeGreaterThanOrEqual(0);
    session.send({ type: "raise_hand" });
    pong();
    await vi.advanceTimersByTimeAsync(160);
    expect(FakeSocket.last.pings.at(-1)).toMatchObject({ queued: 1, unsent_ms: 0 });
    unsent.ms = 4_200.4;
    pong();
    await vi.advanceTimersByTimeAsync(160);
    unsent.ms = 0;
    expect(FakeSocket.last.pings.at(-1)).toMatchObject({ unsent_ms: 4_200 });
  });

  it("has what happens by itself with the net time of the moment, from the welcome and from every push", () => {
    FakeSocket.last.say({
      type: "welcome",
      epoch: 4,
      seq: 7,
      attempt: view({ server_ms: 90_000, stage_ms: 1_500 }),
      content: {},
      state: {},
      live: { current: "in1" },
    });
    expect(session.live.value).toEqual({
      live: { current: "in1" },
      seq: 7,
      serverMs: 90_000,
      stageMs: 1_500,
    });
    expect(session.epoch).toBe(4);
    FakeSocket.last.say({
      type: "live",
      seq: 8,
      server_ms: 91_000,
      stage_ms: 2_500,
      live: { current: "in2" },
    });
    expect(session.live.value).toMatchObject({ live: { current: "in2" }, seq: 8, stageMs: 2_500 });
  });

  it("acknowledges a changed end at once, and only when the countdown runs to it", async () => {
    const ends = Date.now() + 60_000;
    const attempt = session.attempt;
    welcome(view({ ends_ms: ends }));
    expect(FakeSocket.last.pings.map((ping) => ping.ends_ms)).toEqual([null]);
    const scope = effectScope();
    scope.run(() =>
      useCountdown(attempt, session.clock, {
        warn: vi.fn(),
        end: vi.fn(),
        aim: (end) => session.countsTo(end),
      }),
    );
    expect(FakeSocket.last.pings.map((ping) => ping.ends_ms)).toEqual([null, ends]);
    // Probes go on, and then one in three seconds.
    for (let i = 0; i < 6; i++) {
      pong();
      await vi.advanceTimersByTimeAsync(500);
    }
    pong();
    const before = FakeSocket.last.pings.length;
    expect(before).toBe(5);
    changed(view({ ends_ms: ends + 120_000 }));
    await flushPromises();
    expect(FakeSocket.last.pings.slice(before).map((ping) => ping.ends_ms)).toEqual([ends + 120_000]);
    changed(view({ ends_ms: ends + 120_000, help_since_ms: 1 }));
    await flushPromises();
    expect(FakeSocket.last.pings).toHaveLength(before + 1);
    changed(view({ phase: "paused", ends_ms: null }));
    await flushPromises();
    expect(FakeSocket.last.pings.at(-1)!.ends_ms).toBeNull();
    scope.stop();
  });

  it("shows each announcement until it is read, also over a refusal", async () => {
    welcome(view({ phase: "armed", ends_ms: null, announcements: [news("n1"), news("n2")] }));
    expect(session.news.value.map(({ announcement_id }) => announcement_id)).toEqual(["n1", "n2"]);
    session.read("n1");
    expect(session.news.value).toHaveLength(1);
    const [sent] = FakeSocket.last.commands;
    expect(sent!.command).toEqual({ type: "read_announcement", announcement_id: "n1" });
    // An older picture does not bring it back.
    changed(view({ phase: "armed", ends_ms: null, announcements: [news("n1"), news("n2")] }));
    expect(session.news.value).toHaveLength(1);
    FakeSocket.last.say({ type: "refused", id: sent!.id, problem: problem("internal", 500) });
    expect(session.news.value).toHaveLength(2);
  });

  it("an announcement takes no focus from whoever types", async () => {
    const field = document.body.appendChild(document.createElement("input"));
    field.focus();
    const band = mount(AnnouncementBand, {
      props: { news: [news("n1"), news("n2")] },
      global: { plugins: [i18n] },
      attachTo: document.body,
    });
    expect(document.activeElement).toBe(field);
    expect(band.text()).toContain("还有 1 条");
    const press = new MouseEvent("mousedown", { bubbles: true, cancelable: true });
    band.get("button").element.dispatchEvent(press);
    expect(press.defaultPrevented).toBe(true);
    await band.get("button").trigger("click");
    expect(band.emitted("read")).toEqual([["n1"]]);
    expect(document.activeElement).toBe(field);
    band.unmount();
    field.remove();
  });

  it("a contest waits for the chief referee, a lesson for the trainer, and both count down to a set start", async () => {
    const screen = (over: Partial<AttemptView>) => {
      const attempt = view({ phase: "armed", ends_ms: null, ...over });
      welcome(attempt);
      return mount(WaitingScreen, { props: { session, attempt }, global: { plugins: [i18n] } });
    };
    const contest = screen({ contest_kind: "contest" });
    expect(contest.find("button").exists()).toBe(false);
    expect(contest.text()).toContain("等待裁判长统一开始");
    expect(screen({ contest_kind: "lesson" }).text()).toContain("等待教师开始");
    expect(screen({ contest_kind: "contest", delayed: true }).text()).toContain("上一环节结束后自动开始");
    const set = screen({ contest_kind: "contest", starts_ms: session.clock.now() + 42_000 });
    expect(set.get("[data-testid=until]").text()).toBe("00:42");
    pong();
    await vi.advanceTimersByTimeAsync(2_050);
    expect(set.get("[data-testid=until]").text()).toBe("00:40");
  });

  it("in a contest only the staff end a pause", () => {
    const curtain = (contest: AttemptView["contest_kind"]) =>
      mount(CurtainScreen, { props: { kind: "paused", contest }, global: { plugins: [i18n] } });
    expect(curtain("practice").find("button").exists()).toBe(true);
    expect(curtain("contest").find("button").exists()).toBe(false);
    expect(curtain("lesson").text()).toContain("请等待老师继续");
  });

  it("says that somebody is on the way", () => {
    welcome(view({ help_since_ms: 1, help_claimed: true }));
    const bar = mount(TopBar, {
      props: { session, left: 1, warning: undefined },
      global: { plugins: [i18n] },
    });
    expect(bar.get("button.hand").text()).toBe("工作人员已在途中");
  });

  it("a log-in that has ended leads entrants to their place, others to the first page", () => {
    welcome(view({}));
    FakeSocket.last.onclose!({ code: 4401 });
    expect(session.fatal.value).toMatchObject({ code: "login-required", status: 401 });
    expect(wayOut("contest", true)).toBe("/place");
    expect(wayOut("lesson", true)).toBe("/");
    expect(wayOut("practice", false)).toBe("/practice");
    expect(wayOut(undefined, true)).toBe("/");
    rememberPlace(true);
    expect(wayOut(undefined, true)).toBe("/place");
    rememberPlace(false);
    expect(wayOut(undefined, true)).toBe("/");
  });
});

describe("App", () => {
  it("says so when a part of the pages is gone, until another page came", async () => {
    const { default: App } = await import("@/app/App.vue");
    const { router } = await import("@/app/router");
    await router.push("/nowhere");
    const app = mount(App, { global: { plugins: [i18n, router] } });
    expect(app.find("[role=alert]").exists()).toBe(false);
    dispatchEvent(new Event("vite:preloadError"));
    await flushPromises();
    expect(app.get("[role=alert] button").text()).toBe("刷新");
    await router.push("/nowhere/else");
    await flushPromises();
    expect(app.find("[role=alert]").exists()).toBe(false);
  });
});

describe("Player", () => {
  it("stops at a refused play without telling the server of a pause", async () => {
    const { Player } = await import("@/media/player");
    const element = Object.assign(new EventTarget(), {
      readyState: 4,
      currentTime: 1.5,
      ended: false,
      getAttribute: () => "blob:x",
      removeAttribute: vi.fn(),
      load: vi.fn(),
      play: () => Promise.resolve(),
      pause: vi.fn(),
    });
    const acts: string[] = [];
    const policy = { max_plays: 2, seek: "free" as const, back_step_ms: 3_000 };
    const player = new Player(
      policy,
      (_track, act) => acts.push(act),
      element as unknown as HTMLAudioElement,
    );
    player.track.value = {
      id: "d1",
      url: "",
      durationMs: 9_000,
      positionMs: 0,
      furthestMs: 0,
      listenedMs: 0,
    };
    await player.play();
    player.refused();
    expect(element.pause).toHaveBeenCalled();
    expect(player.playing.value).toBe(false);
    expect(acts).toEqual(["play"]);
  });
});
