import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick, ref, shallowRef } from "vue";
import type { Entry } from "@/api/store";
import type { AttemptView, Command } from "@/api/types";
import type { ModulePage } from "@/exam/session";
import { i18n, loadMessages } from "@/i18n";
import TelephonyPage from "@/telephony/TelephonyPage.vue";
import type { LiveCall, SeatContent, SeatLive, VoiceSession } from "@/telephony/model";

const text = (zh: string) => ({ "zh-CN": zh, en: "" });
const content = {
  title: text("卷"),
  instructions: text(""),
  agent_number: "8001",
  parts: [
    {
      kind: "inbound",
      id: "in1",
      title: text("呼入"),
      marks: "15",
      guide_ms: 600_000,
      card: {
        company: "演示速运",
        date: "3月5日",
        customer: "演示客户甲",
        caller_number: "14200000001",
        need: "改地址",
        notes: "",
      },
      turns: [
        { id: "t1", hint: "开头语", speaks_first: true },
        { id: "t2", hint: "核对", speaks_first: false },
      ],
      takes: { replays: 1, retakes: 1 },
    },
    {
      kind: "outbound",
      id: "out1",
      title: text("呼出"),
      marks: "30",
      guide_ms: 0,
      card: {
        company: "演示宽带",
        product: "宽带",
        customer: "演示客户乙",
        number: "14200000002",
        goal: "续约",
        facts: [],
      },
      packages: [{ id: "p1", name: "三百兆", price: "720", per: "年", features: [] }],
      script: { opening: text("开场白"), ending: text("结束语") },
      faq_least: 2,
      faq_most: 4,
      call_ms: 600_000,
      dials: 1,
      other_side: "simulated",
    },
    {
      kind: "summary",
      id: "su1",
      title: text("总结"),
      marks: "0",
      guide_ms: 0,
      instructions: text("请总结"),
      source: "原文",
      limit: 5,
    },
  ],
  desk: { articles: 3, records: 2, transfers: ["售后服务"] },
  paste_allowed: false,
} as unknown as SeatContent;

const call = (over: Partial<LiveCall> = {}): LiveCall =>
  ({
    call_id: "in1.1",
    part: "in1",
    phase: "talking",
    since_ms: 1_000,
    answered_ms: 1_000,
    ends_by_ms: null,
    muted: false,
    turn: "t1",
    turns_done: [],
    floor: "contestant",
    playing: false,
    line_ms: 0,
    replays_left: 1,
    retakes_left: 1,
    take: 0,
    taking: false,
    spoken_ms: 0,
    trouble: [],
    ended_by: null,
    outcome: null,
    last: true,
    ...over,
  }) as LiveCall;
const live = (calls: LiveCall[] = [], over: Partial<SeatLive> = {}): SeatLive =>
  ({
    current: "in1",
    calls,
    desk: { query: "", hits: [], record_query: "", records: [], members: [], article: null, record: null },
    faq: {},
    duplicates: {},
    ...over,
  }) as SeatLive;

/** A session whose commands a test looks at, acknowledged when it says so. */
class FakeSession {
  readonly state = shallowRef<unknown>({ texts: {}, live: live() });
  readonly live = shallowRef<unknown>();
  readonly online = ref(true);
  readonly stale = ref(false);
  readonly ended = ref(false);
  readonly handingIn = ref(false);
  readonly dirty = ref(false);
  readonly waiting: readonly Entry[] = [];
  readonly clock = { now: () => 50_000, known: true };
  readonly epoch = 3;
  readonly sent: Command[] = [];
  page: ModulePage | undefined;
  readonly handIn = vi.fn();
  attach(page: ModulePage): () => void {
    this.page = page;
    return () => undefined;
  }
  send(command: Command): void {
    this.sent.push(command);
  }
  /** The server says how it stands now; everything sent is acknowledged. */
  async say(now: SeatLive, stageMs = 2_000): Promise<void> {
    for (const [n, command] of this.sent.entries())
      this.page?.acked({ id: `${n}`, attemptId: "a1", n, stampMs: 0, command });
    this.live.value = { live: now, seq: 1, serverMs: 50_000, stageMs };
    await flushPromises();
  }
  last(type: string): Command | undefined {
    return this.sent.filter((command) => command.type === `telephony.${type}`).at(-1);
  }
}

class DeadPeer {
  static made = 0;
  iceGatheringState = "new";
  connectionState = "new";
  constructor() {
    DeadPeer.made += 1;
  }
  addTransceiver = () => ({ sender: { replaceTrack: () => Promise.resolve() } });
  createOffer = () => new Promise(() => undefined);
  close(): void {}
}

const press = async (code: string, more: KeyboardEventInit = {}): Promise<void> => {
  dispatchEvent(new KeyboardEvent("keydown", { code, key: code, cancelable: true, ...more }));
  await nextTick();
};

describe("the contestant's phone desk", () => {
  let session: FakeSession;
  let page: ReturnType<typeof mount>;
  const attempt = {
    attempt_id: "a1",
    module: "telephony",
    phase: "running",
    limit_ms: 3_000_000,
  } as unknown as AttemptView;
  const drafts = {
    load: () => Promise.resolve([]),
    put: () => Promise.resolve(),
    remove: () => Promise.resolve(),
  };

  async function open(now: SeatLive = live(), stageMs = 2_000): Promise<void> {
    session = new FakeSession();
    session.live.value = { live: now, seq: 1, serverMs: 50_000, stageMs };
    page = mount(TelephonyPage, {
      props: {
        session: session as unknown as VoiceSession,
        attempt,
        content,
        drafts,
        line: { offer: () => Promise.resolve("") },
      },
      global: { plugins: [i18n] },
      attachTo: document.body,
    });
    await flushPromises();
  }
  beforeEach(async () => {
    sessionStorage.clear();
    vi.stubGlobal("isSecureContext", false);
    vi.stubGlobal("RTCPeerConnection", DeadPeer);
    DeadPeer.made = 0;
    HTMLDialogElement.prototype.showModal ??= () => undefined;
    await loadMessages("telephony");
  });
  afterEach(() => {
    page.unmount();
    vi.unstubAllGlobals();
    document.body.innerHTML = "";
  });

  it("rings when the contestant says so, shows who calls, and is answered by its key", async () => {
    await open();
    expect(page.text()).toContain("14200000001");
    expect(page.find("[data-testid=ring]").exists()).toBe(false);
    await page.get("[data-testid=let-ring]").trigger("click");
    expect(session.last("open_part")).toMatchObject({ part: "in1" });
    await session.say(live([call({ phase: "ringing", answered_ms: null })]));
    expect(page.get("[data-testid=ring]").text()).toContain("改地址");
    expect(DeadPeer.made).toBe(1);
    await press("F2");
    expect(session.last("answer")).toMatchObject({ call: "in1.1" });
    await press("F2");
    expect(session.sent.filter(({ type }) => type === "telephony.answer")).toHaveLength(1);
  });

  it("writes and speaks a turn: the words go first, one key begins and ends the recording", async () => {
    await open(live([call()]));
    const area = page.get('[data-part="in1/turn:t1"]');
    await area.setValue("您好");
    await press("Digit1", { altKey: true });
    const types = session.sent.map(({ type }) => type);
    expect(types.indexOf("telephony.save_field")).toBeLessThan(types.indexOf("telephony.start_take"));
    expect(session.last("save_field")).toMatchObject({ item: "in1", field: "turn:t1", text: "您好", rev: 1 });
    expect(session.last("start_take")).toMatchObject({ call: "in1.1", turn: "t1" });
    await session.say(live([call({ taking: true, take: 1 })]));
    expect(page.get("[data-testid=talk]").text()).toContain("说完了");
    expect(page.get(".take").text()).toContain("请开始说");
    await session.say(live([call({ taking: true, take: 1, spoken_ms: 1_500 })]));
    expect(page.get(".take").text()).toContain("1.5 秒");
    await press("Digit2", { altKey: true });
    expect(session.last("end_turn")).toMatchObject({ again: true });
    await session.say(live([call({ taking: true, take: 2, retakes_left: 0 })]));
    expect(page.get("[data-testid=again]").attributes("disabled")).toBeDefined();
    await press("Digit1", { altKey: true });
    expect(session.last("end_turn")).toMatchObject({ again: false });
  });

  it("lets nobody record while the customer speaks", async () => {
    await open(live([call({ turn: "t2", turns_done: ["t1"], floor: "customer", playing: true })]));
    expect(page.get("[data-testid=talk]").attributes("disabled")).toBeDefined();
    await press("Digit1", { altKey: true });
    expect(session.last("start_take")).toBeUndefined();
    expect(page.get('[data-turn="t1"]').classes()).toContain("done");
  });

  it("lets nobody record by the key either while the customer's line is just about to begin", async () => {
    await open(live([call({ floor: "customer", playing: false })]));
    await press("Digit1", { altKey: true });
    expect(session.last("start_take")).toBeUndefined();
    await session.say(live([call({ floor: "contestant" })]));
    await press("Digit1", { altKey: true });
    expect(session.last("start_take")).toMatchObject({ turn: "t1" });
  });

  it("asks before an unfinished case is hung up", async () => {
    await open(live([call()]));
    await press("Digit9", { altKey: true });
    expect(session.last("hang_up")).toBeUndefined();
    const dialog = page.getComponent({ name: "HangUpDialog" });
    expect(dialog.text()).toContain("还有没说完的对话");
    await dialog.get(".danger").trigger("click");
    expect(session.last("hang_up")).toMatchObject({ call: "in1.1" });
  });

  it("asks no more once the other side has hung up, and takes the next call", async () => {
    await open(live([call()]));
    await press("Digit9", { altKey: true });
    expect(page.find("dialog").exists()).toBe(true);
    await session.say(live([call({ phase: "ended", ended_by: "customer", turn: null })]));
    await session.say(live([call({ call_id: "in1.2", phase: "ringing" })]));
    expect(page.find("dialog").exists()).toBe(false);
    await press("F2");
    expect(session.last("answer")).toMatchObject({ call: "in1.2" });
  });

  it("hangs up at once when every turn is spoken", async () => {
    await open(live([call({ turn: null, turns_done: ["t1", "t2"], floor: "nobody" })]));
    await press("Digit9", { altKey: true });
    expect(session.last("hang_up")).toMatchObject({ call: "in1.1" });
  });

  it("tells the server that there is no microphone, and the contestant what to do; words go on", async () => {
    await open(live([call()]));
    expect(session.last("trouble")).toMatchObject({ call: "in1.1", kind: "no_microphone", began: true });
    expect(page.get("[data-testid=mic-help]").text()).toContain("https://");
    expect(page.get('[data-part="in1/turn:t1"]').attributes("disabled")).toBeUndefined();
  });

  it("calls a refused microphone missing also while it is asked for again", async () => {
    const answers = [Promise.reject(new DOMException("no", "NotAllowedError")), new Promise(() => undefined)];
    const getUserMedia = vi.fn(() => answers.shift());
    const nothing = (): void => undefined;
    const mediaDevices = {
      getUserMedia,
      enumerateDevices: () => Promise.resolve([]),
      addEventListener: nothing,
      removeEventListener: nothing,
    };
    vi.stubGlobal("isSecureContext", true);
    vi.stubGlobal("navigator", { mediaDevices });
    await open(live([call()]));
    await page.get("[data-testid=mic-help] button").trigger("click");
    await flushPromises();
    expect(getUserMedia).toHaveBeenCalledTimes(2);
    expect(session.last("trouble")).toMatchObject({ kind: "no_microphone", began: true });
  });

  it("shows what the server hears go wrong", async () => {
    await open(live([call({ trouble: ["no_sound"] })]));
    expect(page.get("[data-testid=trouble]").attributes("data-trouble")).toBe("no_sound");
  });

  it("counts questions, flags the same one asked twice, and dials after a second look", async () => {
    await open(live());
    await page.get('[data-part-id="out1"]').trigger("click");
    expect(session.last("open_part")).toMatchObject({ part: "out1" });
    const tabs = page.findAll('.outbound [role="tab"]');
    await tabs[1]!.trigger("click");
    await page.get('[data-part="out1/faq:1:q"]').setValue("多少钱？");
    await page.get('[data-part="out1/faq:1:a"]').setValue("720 元");
    await page.get('[data-part="out1/faq:2:q"]').setValue("多少钱");
    await page.get('[data-part="out1/faq:2:a"]').setValue("一样");
    expect(tabs[1]!.text()).toContain("1 / 2");
    expect(page.get(".faq li.twice .n").text()).toBe("2");
    await tabs[2]!.trigger("click");
    await page.get("[data-testid=dial]").trigger("click");
    expect(session.last("dial")).toBeUndefined();
    await page.getComponent({ name: "TalkPanel" }).get("dialog .primary").trigger("click");
    expect(session.last("dial")).toMatchObject({ part: "out1" });
  });

  it("calls for dialling when the call's time is nearly all that is left", async () => {
    await open(live(), 2_300_000);
    expect(page.find("[data-testid=dial-now]").exists()).toBe(false);
    await session.say(live(), 2_345_000);
    expect(page.get("[data-testid=dial-now]").text()).toContain("还剩 11 分钟，请拨打");
    await page.get("[data-testid=dial-now] button").trigger("click");
    await nextTick();
    expect(page.find("[data-testid=dial]").exists()).toBe(true);
  });

  it("registers only what passes its check, says what is wrong, and keeps what was typed over a reload", async () => {
    await open(live());
    await page.get('[data-part-id="out1"]').trigger("click");
    await page.findAll('.outbound [role="tab"]')[2]!.trigger("click");
    const form = page.get(".register form");
    const [name, number] = form.findAll("input");
    await name!.setValue("演示客户");
    await number!.setValue("990000199003150014");
    await form.trigger("submit");
    expect(session.last("register")).toBeUndefined();
    expect(form.text()).toContain("校验位不对");
    page.unmount();
    await open(live());
    await page.get('[data-part-id="out1"]').trigger("click");
    await page.findAll('.outbound [role="tab"]')[2]!.trigger("click");
    const again = page.get(".register form");
    const inputs = again.findAll("input");
    expect(inputs.map(({ element }) => element.value)).toEqual(["演示客户", "990000199003150014"]);
    await inputs[1]!.setValue("99000019900315 0013");
    await again.trigger("submit");
    expect(session.last("register")).toMatchObject({
      name: "演示客户",
      id_number: "990000199003150013",
      package: "p1",
    });
  });

  it("checks four digits that an input method made full-width, and says only after the answer that they are wrong", async () => {
    const record = {
      id: "r1",
      kind: "parcel",
      number: "DH001",
      customer: "演示客户甲",
      phone: "",
      address: "",
      fields: {},
      verified: false,
      suspended: false,
      after_sales: false,
    };
    const desk = { query: "", hits: [], record_query: "DH", records: [], members: [], article: null, record };
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      await open(live([], { desk } as never));
      const form = page.get('[data-testid="record"] form');
      await form.get("input").setValue("一二三四");
      expect(form.get("button").attributes("disabled")).toBeDefined();
      await form.get("input").setValue("１２３ｘ");
      await form.trigger("submit");
      expect(session.last("verify")).toMatchObject({ record: "r1", digits: "123X" });
      await session.say(live([], { desk } as never));
      expect(form.text()).not.toContain("不一致");
      await vi.advanceTimersByTimeAsync(600);
      expect(form.text()).toContain("不一致");
    } finally {
      vi.useRealTimers();
    }
  });

  it("searches by Enter, but not by the Enter of an input method", async () => {
    await open(live());
    const field = page.get('[data-side="knowledge"] input');
    await field.setValue("改地址");
    await field.trigger("keydown", { key: "Enter", keyCode: 229 });
    expect(session.last("search")).toBeUndefined();
    await field.trigger("keydown", { key: "Enter", keyCode: 13 });
    expect(session.last("search")).toMatchObject({ query: "改地址" });
  });

  it("keeps the keyboard where it was when a record is opened and left", async () => {
    const line = { id: "r1", kind: "parcel", number: "DH001", customer: "演示客户甲", phone: "" };
    const record = { ...line, address: "", fields: {}, verified: true, suspended: false, after_sales: false };
    const desk = { query: "", hits: [], record_query: "DH", records: [line], members: [], article: null };
    await open(live([], { desk: { ...desk, record: null } } as never));
    await press("KeyB", { altKey: true });
    const link = page.get(".business button.link").element as HTMLElement;
    link.focus();
    await session.say(live([], { desk: { ...desk, record } } as never));
    expect((document.activeElement as HTMLElement).className).toContain("back");
    await session.say(live([], { desk: { ...desk, record: null } } as never));
    expect((document.activeElement as HTMLElement).className).toContain("link");
  });

  it("says before the hand-in what is not done, and that a call is up", async () => {
    await open(live([call()]));
    await page.findAll(".foot .btn").at(-1)!.trigger("click");
    const dialog = page.getComponent({ name: "VoiceHandIn" });
    expect(dialog.find("[data-testid=call-up]").exists()).toBe(true);
    expect(dialog.get("[data-testid=unfinished]").text()).toContain("2 / 2 轮没有说完");
    expect(dialog.text()).toContain("还没有拨打");
    await dialog.get(".danger.solid").trigger("click");
    expect(session.handIn).toHaveBeenCalledOnce();
  });

  it("keeps text from being moved in, and reports the try", async () => {
    await open(live([call()]));
    const paste = new Event("paste", { bubbles: true, cancelable: true });
    page.get('[data-part="in1/turn:t1"]').element.dispatchEvent(paste);
    expect(paste.defaultPrevented).toBe(true);
    expect(session.last("blocked")).toMatchObject({ item: "in1", field: "turn:t1", kind: "paste" });
  });

  it("lets go of the call when another page takes over", async () => {
    await open(live([call()]));
    session.stale.value = true;
    await nextTick();
    session.stale.value = false;
    await nextTick();
    expect(DeadPeer.made).toBe(2);
  });
});
