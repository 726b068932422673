import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AttemptView, Command, ServerFrame } from "@/api/types";
import TopBar from "@/exam/TopBar.vue";
import WaitingScreen from "@/exam/WaitingScreen.vue";
import { SeatSession } from "@/exam/session";
import { i18n } from "@/i18n";
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
