import { answers, asked, json, refusal } from "./answering";
import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick } from "vue";
import BoardCell from "@/agents/board/BoardCell.vue";
import { boardColumns } from "@/agents/board/columns";
import ListenBar from "@/agents/board/ListenBar.vue";
import { BoardStore, Cell, troubled, TROUBLES, type BoardRow, type VoiceRow } from "@/agents/board/store";
import { levelStep, unsentWords } from "@/agents/board/voice";
import VoiceMark from "@/agents/board/VoiceMark.vue";
import { lookOf, TROUBLE_LOOKS } from "@/agents/board/words";
import { i18n, loadMessages, translate } from "@/i18n";
import { describeVoice, voiceKindOf, voiceNamesOf } from "@/telephony/lines";

const text = (zh: string) => ({ "zh-CN": zh, en: "" });
const voice = (more: Partial<VoiceRow> = {}): VoiceRow => ({
  call_id: "in1.1",
  title: text("呼入一"),
  phase: "talking",
  since_ms: 0,
  muted: false,
  floor: "contestant",
  agent_dbfs: -25,
  customer_dbfs: -127,
  connected: true,
  ...more,
});
const row = (more: Partial<BoardRow> = {}): BoardRow =>
  ({
    key: "01",
    label: "A-01",
    room: "A",
    attempt_id: "a1",
    phase: "running",
    close_cause: null,
    done: 1,
    total: 4,
    limit_ms: 600_000,
    stage_ms: 0,
    ends_ms: 1_000_000,
    saved_ms: null,
    seen_ms: 0,
    help_since_ms: null,
    online: true,
    troubles: [],
    voice: null,
    unsent_ms: null,
    ...more,
  }) as BoardRow;
const global = { plugins: [i18n] };

beforeAll(async () => loadMessages("board", "voice", "device"));

describe("calls on the board", () => {
  it("show levels in six steps", () => {
    expect([-127, -60, -45, -35, -25, -12].map(levelStep)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  });

  it("say how they stand, in words too", () => {
    const say = (more: Partial<VoiceRow>): string =>
      mount(VoiceMark, { props: { voice: voice(more) }, global }).text();
    expect(say({})).toBe("通话");
    expect(say({ phase: "held" })).toBe("保持");
    expect(say({ muted: true })).toBe("静音");
  });

  it("show no level of a line that is not there", () => {
    const mark = mount(VoiceMark, { props: { voice: voice({ connected: false }) }, global });
    expect(mark.get(".agent i").attributes("style")).toContain("scaleX(0)");
    expect(mark.classes()).toContain("cut");
  });

  it("draw anew only the cell whose row changed", async () => {
    const store = new BoardStore();
    const head = { at_ms: 1, revision: 1, cost_ms: 1 };
    store.take({
      type: "picture",
      stage_id: "s",
      ...head,
      rows: [row(), row({ key: "02", voice: voice() })],
    });
    const props = { selected: false, here: false, active: false };
    const first = mount(BoardCell, { props: { ...props, cell: store.cells.value.get("01")! }, global });
    const second = mount(BoardCell, { props: { ...props, cell: store.cells.value.get("02")! }, global });
    const before = first.find(".bar").element;
    const updated = vi.fn();
    (first.vm.$ as unknown as { u: (() => void)[] | null }).u = [updated];
    store.take({ type: "changes", ...head, rows: [row({ key: "02", voice: voice({ agent_dbfs: -12 }) })] });
    await nextTick();
    expect(second.get(".agent i").attributes("style")).toContain("scaleX(1)");
    expect(updated).not.toHaveBeenCalled();
    expect(first.find(".bar").element).toBe(before);
  });

  it("tell of sound that is on the machine only, also after the close", () => {
    const closed = row({ phase: "closed", unsent_ms: 12_400, troubles: ["unsent"] });
    expect(unsentWords(closed)).toBe("未上传 12 秒");
    expect(unsentWords(row())).toBe("");
    expect(lookOf(closed)).toMatchObject({ word: "未上传，勿关机", icon: "save" });
    const cell = mount(BoardCell, {
      props: { cell: new Cell(closed), selected: false, here: false, active: false },
      global,
    });
    expect(cell.text()).toContain("未上传，勿关机");
    expect(cell.text()).toContain("未上传 12 秒");
  });

  it("have words and a look for every trouble, and a place among the others", () => {
    for (const name of TROUBLES) {
      expect(TROUBLE_LOOKS[name]).toBeDefined();
      for (const group of ["trouble", "advice"])
        expect([name, i18n.global.t(`board.${group}.${name}`)]).not.toEqual([name, `board.${group}.${name}`]);
    }
    const rows = [row({ key: "1", troubles: ["unsent"] }), row({ key: "2", troubles: ["no_sound"] })];
    expect(troubled(rows).map((one) => one.key)).toEqual(["2", "1"]);
  });

  it("have their columns only where the stage has calls", () => {
    const names = (voiced: boolean): string[] => boardColumns(() => 0, false, voiced).map((one) => one.key);
    expect(names(false)).not.toContain("voice");
    expect(names(true)).toEqual(expect.arrayContaining(["voice", "unsent"]));
    const column = boardColumns(() => 0, false, true).find((one) => one.key === "voice")!;
    expect([column.value(row()), column.text!(row({ voice: voice({ phase: "held" }) }))]).toEqual([
      null,
      "保持",
    ]);
  });
});

describe("listening in", () => {
  class FakePeer extends EventTarget {
    static all: FakePeer[] = [];
    connectionState = "new";
    iceGatheringState = "complete";
    localDescription = { sdp: "offer" };
    lines: [string, { direction: string }][] = [];
    ontrack: unknown;
    onconnectionstatechange: (() => void) | null = null;
    closed = false;
    setRemoteDescription = vi.fn(() => Promise.resolve());
    constructor() {
      super();
      FakePeer.all.push(this);
    }
    addTransceiver(kind: string, init: { direction: string }): void {
      this.lines.push([kind, init]);
    }
    createOffer = () => Promise.resolve({});
    setLocalDescription = () => Promise.resolve();
    close(): void {
      this.closed = true;
    }
    turn(state: string): void {
      this.connectionState = state;
      this.onconnectionstatechange?.();
    }
  }
  const LISTEN = "POST /api/v1/contests/c1/attempts/a1/listen";
  const LEAVE = "DELETE /api/v1/contests/c1/attempts/a1/listen/l1";
  const bar = () => mount(ListenBar, { props: { contestId: "c1", attemptId: "a1", label: "A-01" }, global });

  beforeEach(() => {
    FakePeer.all = [];
    answers.clear();
    asked.length = 0;
    answers.set(LISTEN, () => json({ listener_id: "l1", sdp: "answer" }, 201));
    answers.set(LEAVE, () => json(null, 204));
    vi.stubGlobal("RTCPeerConnection", FakePeer);
  });
  afterEach(() => vi.unstubAllGlobals());

  it("offers two sounds to hear and none to send, and says that it is journalled", async () => {
    const page = bar();
    expect(page.text()).toContain("写入操作记录");
    await page.get("[data-testid=listen]").trigger("click");
    await vi.waitFor(() => expect(FakePeer.all[0]!.setRemoteDescription).toHaveBeenCalled());
    const [peer] = FakePeer.all;
    expect(peer!.lines).toEqual([
      ["audio", { direction: "recvonly" }],
      ["audio", { direction: "recvonly" }],
    ]);
    expect(asked[0]!.body).toEqual({ sdp: "offer", connection: 1 });
    peer!.turn("connected");
    await nextTick();
    expect(page.text()).toContain("正在旁听 A-01");
    await page.get("[data-testid=unlisten]").trigger("click");
    await vi.waitFor(() => expect(asked.at(-1)!.key).toBe(LEAVE));
    expect(peer!.closed).toBe(true);
    page.unmount();
  });

  it("ends with the place that is left, and with the call", async () => {
    const page = bar();
    await page.get("[data-testid=listen]").trigger("click");
    await vi.waitFor(() => expect(FakePeer.all[0]!.setRemoteDescription).toHaveBeenCalled());
    FakePeer.all[0]!.turn("failed");
    await nextTick();
    expect(page.text()).toContain("旁听已结束");
    await page.get("[data-testid=listen]").trigger("click");
    await vi.waitFor(() => expect(FakePeer.all[1]!.setRemoteDescription).toHaveBeenCalled());
    page.unmount();
    await flushPromises();
    expect(asked.filter(({ key }) => key === LEAVE)).toHaveLength(2);
  });

  it("says why it may not", async () => {
    answers.set(LISTEN, () => refusal("not-permitted", 403));
    const page = bar();
    await page.get("[data-testid=listen]").trigger("click");
    await vi.waitFor(() => expect(page.get("[role=alert]").text()).toContain("没有权限"));
    expect(FakePeer.all[0]!.closed).toBe(true);
    page.unmount();
  });

  it("is called off when it was stopped before the answer came", async () => {
    let come = (): void => undefined;
    answers.set(
      LISTEN,
      () => new Promise((resolve) => (come = () => resolve(json({ listener_id: "l1", sdp: "x" }, 201)))),
    );
    const page = bar();
    await page.get("[data-testid=listen]").trigger("click");
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    page.unmount();
    come();
    await vi.waitFor(() => expect(asked.at(-1)!.key).toBe(LEAVE));
  });
});

describe("the time line of a call", () => {
  const names = voiceNamesOf({
    parts: [{ id: "in1", title: text("呼入一"), turns: [{ id: "t1", hint: "问候客户" }] }],
  });
  const say = (type: string, payload: Record<string, unknown>): string | undefined =>
    describeVoice({ seq: 1, type, at_ms: 0, stage_ms: 0, payload }, names, translate);
  const call = "in1.1";
  /** Every kind of event that the module journals, with what it holds. */
  const EVENTS: [string, Record<string, unknown>, string][] = [
    ["field_saved", { item: "in1", field: "turn:t1", text: "您好" }, "呼入一：问候客户写为“您好”"],
    ["field_saved", { item: "out1", field: "faq:2:a", text: "" }, "out1：第 2 个问题的答复清空"],
    ["field_saved", { item: "out1", field: "script:opening", text: "喂" }, "out1：开场白写为“喂”"],
    ["part_opened", { part: "in1" }, "打开呼入一"],
    ["call_began", { call, part: "in1", kind: "inbound" }, "呼入一：来电响铃"],
    ["call_answered", { call }, "呼入一：接通"],
    ["call_ended", { call, by: "customer", outcome: "deal" }, "客户挂断"],
    ["line_began", { call, n: 1, line: "l1", cause: "turn" }, "呼入一：客户说第 1 句（轮到客户）"],
    ["line_ended", { call, n: 1, heard: false }, "会重放"],
    ["take_began", { call, turn: "t1", take: 2 }, "“问候客户”开始录音，第 2 遍"],
    ["take_ended", { call, turn: "t1", take: 2, spoken_ms: 9_000, done: true }, "讲话 00:09"],
    ["turn_ended", { call, cause: "pause", spoken_ms: 1_000 }, "视为说完"],
    ["speech_begun", { call, leg: "seat" }, "坐席开始说话"],
    ["speech_heard", { call, leg: "seat", spoken_ms: 3_000 }, "坐席说了 00:03"],
    ["leg_changed", { call, leg: "role_player", connection: 2, up: false }, "断开（第 2 次）"],
    ["held", { call, on: true }, "呼入一：保持"],
    ["muted", { call, on: false }, "取消静音"],
    ["trouble_seen", { call, kind: "no_sound", began: false }, "该说话时没有声音，已恢复"],
    ["role_played", { call, act: "outcome", outcome: "interest" }, "意向"],
    ["knowledge_searched", { call, query: "赔付", hits: ["a", "b"] }, "查知识库“赔付”，2 条"],
    ["article_opened", { call, article: null }, "关闭知识条目"],
    ["records_looked_up", { call, query: "3057", hits: [] }, "0 条"],
    ["record_opened", { call, record: "p1" }, "打开业务记录 p1"],
    ["verified", { call, record: "p1", right: false }, "不一致"],
    ["suspended", { call, record: "p1", on: true }, "办暂缓单"],
    ["address_changed", { call, record: "p1", address: "新址" }, "新址"],
    ["after_sales_asked", { call, record: "p1", remark: "破损" }, "破损"],
    ["member_registered", { call, part: "out1", name: "x", id_number: "y" }, "登记会员"],
    ["input_blocked", { item: "in1", field: "notes", kind: "paste", length: 6 }, "记录试图粘贴 6 字"],
  ];

  it("is in a teacher's words for every event of the module", () => {
    for (const [name, payload, words] of EVENTS) {
      const said = say(`telephony.${name}`, payload);
      expect([name, said]).toEqual([name, expect.stringContaining(words)]);
      expect([name, said!.includes("voiceLine.")]).toEqual([name, false]);
    }
    expect(say("attempt.started", {})).toBeUndefined();
  });

  it("never shows a number that was typed as an identity", () => {
    expect(say("telephony.member_registered", { call, name: "甲", id_number: "110" })).not.toMatch(/110|甲/);
  });

  it("is sorted into calls, texts, acts at the desk and blocked input", () => {
    expect(
      ["field_saved", "input_blocked", "verified", "take_began"].map((one) =>
        voiceKindOf(`telephony.${one}`),
      ),
    ).toEqual(["text", "blocked", "desk", "call"]);
  });
});
