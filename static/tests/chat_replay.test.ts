import { answers, asked, json } from "./answering";
import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import ChatSheet from "@/chat_sim/replay/ChatSheet.vue";
import DeskReplay from "@/chat_sim/replay/DeskReplay.vue";
import { chatKindOf, describeChat, numbersOf } from "@/chat_sim/replay/lines";
import type { EventView } from "@/api/types";
import { deskAt, lanesOf, reached, shownSpans, stopsOf, ticksOf } from "@/chat_sim/replay/moment";
import { Playback } from "@/chat_sim/replay/playback";
import { figureOf, orderOf, parts, piecesOf, repliedIn } from "@/chat_sim/replay/sheet";
import { fileName, transcriptOf } from "@/chat_sim/replay/transcript";
import type { Dossier } from "@/grading/api";
import MarksPanel from "@/grading/MarksPanel.vue";
import { overruledLines, suggested, WorkOverrulings } from "@/grading/overruling";
import OverrulePanel from "@/grading/OverrulePanel.vue";
import { i18n, loadMessages } from "@/i18n";
import MarksCell from "@/server/MarksCell.vue";
import StageSummary from "@/server/results/StageSummary.vue";
import { inModuleOrder, planOf, replayOf } from "@/server/sheets";
import { mark, message, outcome, sheet, text } from "./chat_sheet";

const [anna, bert] = sheet.conversations as [
  (typeof sheet.conversations)[0],
  (typeof sheet.conversations)[0],
];
const global = { plugins: [i18n] };
const FORMULA = {
  id: "first_response.mean/1",
  title: text("首次响应时长"),
  unit: "ms",
  definition: text("从客户第一条消息到坐席第一条回复"),
  source: "kpi.md",
};

beforeAll(() => loadMessages("chat_replay", "grading", "results", "keys"));
beforeEach(() => {
  answers.clear();
  asked.length = 0;
  answers.set("GET /api/v1/formulas", () => json([FORMULA]));
});
afterEach(() => {
  document.body.innerHTML = "";
  vi.restoreAllMocks();
});

describe("judgements in a message", () => {
  it("cuts by whole characters, emoji and all, and finds forbidden words", () => {
    expect(piecesOf(anna.messages[1]!).map(({ text: said, kind }) => [said, kind])).toEqual([
      ["😀 ", undefined],
      ["42", "right"],
      [" fits, ", undefined],
      ["get lost", "forbidden"],
    ]);
  });

  it("shows the graver of two findings in the same words, and bears spans beyond the end", () => {
    const finding = { need: "n", text: "", sure: "1", rule: "r" } as const;
    const pieces = piecesOf(
      message(1, 0, "agent", {
        text: "abcdef",
        findings: [
          { ...finding, fact: "f", verdict: "right", start: 0, end: 4 },
          { ...finding, fact: "g", verdict: "wrong", start: 2, end: 99 },
          { ...finding, fact: "courtesy:apology", verdict: "right", start: 0, end: 1 },
        ],
      }),
    );
    expect(pieces.map((piece) => [piece.text, piece.kind, piece.findings.length])).toEqual([
      ["a", "right", 2],
      ["b", "right", 1],
      ["cd", "wrong", 2],
      ["ef", "wrong", 1],
    ]);
  });

  it("a message without findings is one piece, an empty one none", () => {
    expect(piecesOf(message(1, 0, "agent", { text: "ok" }))).toHaveLength(1);
    expect(piecesOf(message(1, 0, "agent", { text: "" }))).toEqual([]);
  });
});

describe("figures", () => {
  it("are written as people read them", () => {
    expect(figureOf("9500", "ms", "first_response.mean/1")).toBe("9.5 s");
    expect(figureOf("0.6667", "", "accuracy.needs/1")).toBe("66.7 %");
    expect(figureOf("1.1304", "", "reply_ratio.messages/1")).toBe("1.13");
    expect(figureOf("569.00", "元", "sales.paid/1")).toBe("569 元");
    expect(figureOf(null, "s", "x/1")).toBe("—");
  });

  it("belong to the conversations that have them", () => {
    expect(parts(sheet, "first_response").map(([one, { value }]) => [one.id, value])).toEqual([
      ["anna", "11000"],
      ["bert", "8000"],
    ]);
    expect(parts(sheet, "accuracy").map(([one]) => one.id)).toEqual(["anna"]);
    expect(repliedIn(anna.rounds[1]!)).toBe(30_000);
    expect(repliedIn(bert.rounds[1]!)).toBeUndefined();
    expect(orderOf(anna)?.order).toBe("o1");
    expect(orderOf(bert)).toBeUndefined();
  });
});

describe("the desk at a moment", () => {
  const of = (ms: number, id: string) =>
    deskAt(sheet, ms).conversations.find((one) => one.conversation.id === id);

  it("shows nothing of what is to come", () => {
    const begin = deskAt(sheet, 0);
    expect([begin.conversations, begin.shown, begin.nickname, begin.lookUp]).toEqual([[], [], "", undefined]);
    expect(deskAt(sheet, 600).nickname).toBe("Sun");
    expect(of(19_999, "bert")).toBeUndefined();
    expect(of(11_999, "anna")!.messages.map((one) => one.n)).toEqual([1]);
  });

  it("knows the queue, who waits since when, and what was not seen", () => {
    expect(of(4_000, "anna")).toMatchObject({
      phase: "waiting",
      waitingSince: 1_000,
      unseen: 1,
      onScreen: false,
    });
    expect(of(5_000, "anna")).toMatchObject({
      phase: "open",
      waitingSince: 1_000,
      unseen: 0,
      onScreen: true,
    });
    expect(of(12_000, "anna")!.waitingSince).toBeUndefined();
    expect(of(45_000, "anna")!.waitingSince).toBe(30_000);
    expect(of(85_000, "anna")).toMatchObject({ phase: "ended", waitingSince: undefined });
    expect(of(22_000, "bert")).toMatchObject({ phase: "waiting", unseen: 1 });
  });

  it("has in the reply box what was typed, until it was sent", () => {
    expect(of(10_000, "anna")!.typed).toBe("42 fi");
    expect(of(12_000, "anna")!.typed).toBe("");
    expect(of(27_000, "bert")!.typed).toBe("hel");
    expect(of(56_000, "anna")).toMatchObject({ typed: "one mo", note: "tall" });
    expect(of(50_500, "anna")!.note).toBe("");
  });

  it("an order is unpaid until it was paid", () => {
    expect(of(59_999, "anna")!.orders).toEqual([]);
    expect(of(60_000, "anna")!.orders.map((one) => one.status)).toEqual(["sent"]);
    expect(of(72_000, "anna")!.orders.map((one) => one.status)).toEqual(["paid"]);
  });

  it("remembers the last look-up and calculation", () => {
    const then = deskAt(sheet, 60_000);
    expect([then.lookUp?.text, then.calculation?.text]).toEqual(["shipping", "549.00"]);
    expect(deskAt(sheet, 14_000).lookUp).toBeUndefined();
  });

  it("tells when a conversation was on the screen, as one stretch where it stayed", () => {
    expect(shownSpans(sheet, "anna")).toEqual([
      [5_000, 25_000],
      [29_000, 82_000],
    ]);
    expect(shownSpans(sheet, "bert")).toEqual([[25_000, 100_000]]);
    expect(deskAt(sheet, 30_000).shown).toEqual(["anna", "bert"]);
  });

  it("makes a lane of each conversation", () => {
    const [first, second] = lanesOf(sheet);
    expect([first!.queued, first!.open]).toEqual([
      [1_000, 5_000],
      [5_000, 80_000],
    ]);
    expect(second!.open).toEqual([25_000, 100_000]);
    expect(second!.waits[1]).toEqual({ fromMs: 90_000, toMs: 100_000, replied: false });
  });

  it("steps by message, through all conversations or one", () => {
    expect(stopsOf(sheet).map((stop) => stop.message.n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const own = stopsOf(sheet, "bert");
    expect(own.map((stop) => stop.message.n)).toEqual([3, 4, 9]);
    expect([reached(own, 0), reached(own, 28_000), reached(own, 99_999)]).toEqual([-1, 1, 2]);
  });

  it("an axis has round labels that don't crowd", () => {
    expect(ticksOf(1_800_000, 900)).toEqual([0, 300, 600, 900, 1_200, 1_500, 1_800].map((s) => s * 1000));
    expect(ticksOf(100_000, 10)).toEqual([0]);
  });
});

describe("playback", () => {
  it("runs stage time at the chosen pace and stops at the end", () => {
    let now = 0;
    const frames: FrameRequestCallback[] = [];
    vi.stubGlobal("requestAnimationFrame", (frame: FrameRequestCallback) => frames.push(frame));
    vi.stubGlobal("cancelAnimationFrame", () => undefined);
    const turn = (ms: number): void => {
      now += ms;
      frames.shift()!(now);
    };
    const playback = new Playback(
      () => 100_000,
      () => now,
    );
    playback.setRate(1);
    playback.play();
    turn(500);
    expect(playback.position.value).toBe(500);
    playback.shift(1);
    turn(500);
    expect([playback.rate.value, playback.position.value]).toEqual([4, 2_500]);
    playback.shift(1);
    playback.shift(1);
    turn(1_000);
    expect([playback.rate.value, playback.position.value]).toEqual([16, 18_500]);
    playback.pause();
    now += 10_000;
    playback.play();
    turn(1_000);
    expect(playback.position.value).toBe(34_500);
    turn(60_000);
    expect([playback.position.value, playback.playing.value]).toEqual([100_000, false]);
    playback.play();
    expect(playback.position.value).toBe(0);
    playback.dispose();
    vi.unstubAllGlobals();
  });
});

describe("the replay on the screen", () => {
  const press = (key: string, target: EventTarget = document.body): KeyboardEvent => {
    const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    target.dispatchEvent(event);
    return event;
  };

  it("goes by keyboard: messages, seconds, conversations, pace, ends", async () => {
    const view = mount(DeskReplay, { props: { sheet }, global, attachTo: document.body });
    const position = () => view.get("[data-testid=position]").text();
    const down = async (key: string) => {
      expect(press(key).defaultPrevented).toBe(true);
      await flushPromises();
    };
    await down("ArrowDown");
    expect(position()).toBe("00:01");
    await down("ArrowDown");
    expect(position()).toBe("00:12");
    expect(view.get("[data-testid=then]").text()).toContain("get lost");
    await down("ArrowRight");
    expect(position()).toBe("00:17");
    await down("ArrowUp");
    expect(position()).toBe("00:12");
    await down("]");
    await down("]");
    expect((view.get("[data-testid=follow]").element as HTMLSelectElement).value).toBe("bert");
    expect(position()).toBe("00:20");
    await down("ArrowDown");
    expect(position()).toBe("00:28");
    await down(".");
    expect(view.get(".rates [aria-pressed=true]").text()).toBe("16×");
    await down("End");
    expect(position()).toBe("01:40");
    await down("Home");
    expect(position()).toBe("00:00");
    await down(" ");
    expect(view.get("[data-testid=play]").text()).toBe("暂停");
    await down(" ");
    expect(view.get("[data-testid=play]").text()).toBe("播放");
    const select = view.get("[data-testid=follow]").element;
    expect(press("ArrowDown", select).defaultPrevented).toBe(false);
    view.unmount();
    expect(press("ArrowDown").defaultPrevented).toBe(false);
  });

  it("shows queue, thread and reply box of the moment, and leads to the judgement", async () => {
    const view = mount(DeskReplay, { props: { sheet, startMs: 56_000 }, global });
    const then = view.get("[data-testid=then]");
    expect(view.get("[data-testid=open-now]").text()).toContain("2");
    expect(then.findAll(".thread")).toHaveLength(2);
    expect(then.findAll("[data-testid=typed]").map((one) => one.text())).toEqual(["one mo", "—"]);
    expect(then.text()).toContain("shipping");
    await view.get("[data-testid=to-judgement]").trigger("click");
    expect(view.emitted("open")).toEqual([["anna", 6]]);
    view.unmount();
  });
});

describe("the sheet", () => {
  it("says which part of the mark is the system's", () => {
    const view = mount(ChatSheet, { props: { outcome }, global });
    expect(view.get("[data-testid=marks]").text()).toBe("系统评分 9.00 分中 6.14 分");
    expect(view.text()).toContain("其余由裁判评分");
    expect(view.text()).toContain("另有 1 位客户");
    view.unmount();
  });

  it("drills down from a figure to the conversation, and from the message to the replay", async () => {
    const view = mount(ChatSheet, { props: { outcome }, global, attachTo: document.body });
    await flushPromises();
    expect(view.get("[data-testid=figure-first_response]").text()).toBe("9.5 s");
    const figures = view.findAll("button.link").filter((one) => one.text() === "first_response");
    await figures[0]!.trigger("click");
    const bars = view.get("[data-testid=drill]").findAll("li button");
    expect(bars.map((one) => one.find(".value").text())).toEqual(["11 s", "8 s"]);
    await bars[0]!.trigger("click");
    expect(view.get(".conversation h2").text()).toContain("Anna");
    expect(view.get("mark.right").text()).toContain("42");
    expect(view.get("mark.forbidden").text()).toContain("get lost");
    expect(view.get("[data-n='2']").text()).toContain("当时判为有误");
    expect(view.get("[data-need=size]").text()).toContain("已满足");
    expect(view.get("[data-need=days]").text()).toContain("未满足");
    expect(view.get("[data-need=gift]").text()).toContain("未提出");
    expect(view.text()).toContain("569 − 20 = 549");
    expect(view.findAll("[data-need] .btn")).toHaveLength(0);
    await view.get("[data-n='5'] .time").trigger("click");
    await flushPromises();
    expect(view.get("[data-testid=position]").text()).toBe("00:30");
    view.unmount();
  });

  it("opens a formula's definition beside its figure", async () => {
    const show = vi.spyOn(HTMLDialogElement.prototype, "showModal").mockImplementation(() => undefined);
    const view = mount(ChatSheet, { props: { outcome }, global });
    await flushPromises();
    const tag = view.findAll("button.formula").find((one) => one.text() === FORMULA.id)!;
    await tag.trigger("click");
    expect(view.get("dialog").text()).toContain(FORMULA.definition["zh-CN"]);
    expect(show).toHaveBeenCalledOnce();
    expect(view.findAll("code.plain").map((one) => one.text())).toContain("searches.count/1");
    view.unmount();
  });

  it("is empty where nobody came", () => {
    const bare = { ...sheet, conversations: [], acts: [], indicators: [], concurrency: [] };
    const view = mount(ChatSheet, {
      props: { outcome: { ...outcome, sheet: bare as never, marks: [] } },
      global,
    });
    expect(view.text()).toContain("没有会话");
    view.unmount();
  });

  it("writes a conversation as plain text", () => {
    const lines = transcriptOf(sheet, anna).split("\r\n");
    expect(lines[0]).toContain("Anna");
    expect(lines).toContain("[00:12] 坐席：😀 42 fits, get lost");
    expect(lines).toContain("[01:00] 坐席：订单卡片：shoe 42 × 1，合计 549.00");
    expect(lines.some((line) => line.includes("need size：满足"))).toBe(true);
    expect(lines.some((line) => line.includes("服务禁语：get lost"))).toBe(true);
    expect(lines.some((line) => line.startsWith("客户评分：4 星"))).toBe(true);
    expect(transcriptOf(sheet, bert)).not.toContain("Anna");
    expect(fileName(["W1", "a/b:c", ""])).toBe("W1-a b c.txt");
  });
});

describe("judgements overruled", () => {
  const saying = (said: Record<string, boolean>) => ({
    of: (conversation: string, id: string) => {
      const met = said[`${conversation}.${id}`];
      return met === undefined ? undefined : { met, reason: "因为", revision: 1 };
    },
  });

  it("make another accuracy and another proposal, by the server's rounding", () => {
    expect(suggested(sheet, mark, saying({}))).toEqual({
      met: 2,
      put: 3,
      accuracy: { before: 0.6667, after: 0.6667 },
      marks: { before: 6.14, after: 6.14, max: 9 },
    });
    // All met: share 1, (1 + 0.8) ÷ 2 = 0.9, × 9 = 8.1
    expect(suggested(sheet, mark, saying({ "anna.days": true }))!.marks.after).toBe(8.1);
    // One of three: 0.3333 is 0.0512 above zero's border: (0.0512 + 0.8) ÷ 2 = 0.4256, × 9 = 3.83
    expect(suggested(sheet, mark, saying({ "bert.hi": false }))!.marks.after).toBe(3.83);
    // What was never put can't be overruled.
    expect(suggested(sheet, mark, saying({ "anna.gift": true }))!.marks.after).toBe(6.14);
    expect(
      overruledLines(sheet, saying({ "anna.gift": true, "anna.days": true })).map((one) => one.need.id),
    ).toEqual(["days"]);
  });

  it("suggest nothing where the system's own proposal does not come out", () => {
    expect(suggested(sheet, { ...mark, marks: "6.15" }, saying({}))).toBeUndefined();
    expect(suggested(sheet, undefined, saying({}))).toBeUndefined();
  });

  const dossier = {
    work_code: "WORK2345",
    revision: 2,
    module: "chat_sim",
    sheet,
    marks: [mark],
    measures: [],
    scorer_version: "chat_sim/1",
    rubric: {
      module: "chat_sim",
      max_marks: "30",
      criteria: [
        { key: "indicators", title: text("服务指标"), weight_pct: "30", marked_by: "auto" },
        { key: "wording", title: text("用语"), weight_pct: "70", marked_by: "manual" },
      ],
    },
  } as unknown as Dossier;
  const PATH = "/api/v1/grading/works/WORK2345/overrulings";

  it("are kept by the server and told in the reason of the mark", async () => {
    const kept = { judgement: "anna.days", met: true, reason: "已说明两天", revision: 1 };
    answers.set(`GET ${PATH}`, () => json([kept]));
    const overrulings = new WorkOverrulings("WORK2345", () => dossier.revision);
    await overrulings.load();
    const view = mount(OverrulePanel, { props: { dossier, overrulings, readonly: false }, global });
    expect(view.get("[data-testid=suggestion]").text()).toContain("6.14");
    expect(view.get("[data-testid=suggestion]").text()).toContain("8.10");
    expect(view.get("[data-testid=overruled-words]").text()).toBe(
      "Anna「need days」改判为已满足：已说明两天",
    );
    expect(view.text()).toContain("重新评分过");
    answers.set(`POST ${PATH}`, () => json([]));
    expect(await overrulings.set("anna", "days", null, "x")).toBeUndefined();
    expect(asked.at(-1)!.body).toEqual({ judgement: "anna.days", met: null, reason: "", revision: 2 });
    await flushPromises();
    expect(view.text()).toContain("还没有改判");
    view.unmount();
  });

  it("that can't be fetched say so and are asked for again", async () => {
    const overrulings = new WorkOverrulings("WORK2345", () => 1);
    await overrulings.load();
    const view = mount(OverrulePanel, { props: { dossier, overrulings, readonly: false }, global });
    expect(view.find("[role=alert]").exists()).toBe(true);
    answers.set(`GET ${PATH}`, () => json([]));
    await view.get("[role=alert] button").trigger("click");
    await flushPromises();
    expect(view.find("[role=alert]").exists()).toBe(false);
    expect(await overrulings.set("anna", "days", true, "x")).toBeTruthy();
    view.unmount();
  });

  it("the referee reads how much of the mark is the system's", () => {
    const view = mount(MarksPanel, { props: { dossier }, global });
    expect(view.get("[data-testid=partly]").text()).toBe("系统评分 9 分中 6.14 分；其余 70% 由裁判评分。");
    view.unmount();
  });
});

describe("lists", () => {
  const row = { phase: "closed", marks: "7.20", max_marks: "9.00", failed: false } as const;

  it("call a part a part, and the whole the whole", () => {
    const partly = mount(MarksCell, { props: { row: { ...row, module: "chat_sim" } }, global });
    expect(partly.text()).toContain("系统评分 9.00 分中 7.20 分");
    expect(partly.text()).toContain("其余由裁判评分");
    const whole = mount(MarksCell, { props: { row: { ...row, module: "typing_test" } }, global });
    expect(whole.text().replace(/\s/g, "")).toBe("7.20/9.00");
    partly.unmount();
    whole.unmount();
  });

  it("the summary of a stage says that the rest is missing", () => {
    const works = [
      { phase: "closed", marks: "7.20", max_marks: "9.00", failed: false, net_ms: null },
    ] as never;
    const view = mount(StageSummary, { props: { works, partly: true }, global });
    expect(view.get("[data-testid=partly]").text()).toContain("9 分");
    expect(mount(StageSummary, { props: { works }, global }).find("[data-testid=partly]").exists()).toBe(
      false,
    );
    view.unmount();
  });

  it("lead to the replay of the module", () => {
    expect(replayOf("chat_sim", "a1")).toBe("/result/a1?view=replay");
    expect(replayOf("telephony", "a1")).toBe("/replay/a1");
    expect(replayOf("typing_test", "a1")).toBeUndefined();
  });
});

describe("things of several modules", () => {
  it("stand in the contest's order, each module's as they stood; unknown ones come last", () => {
    const of = (module: string, n: number) => ({ module, n });
    const all = [
      of("chat_sim", 1),
      of("later", 2),
      of("telephony", 3),
      of("chat_sim", 4),
      of("typing_test", 5),
    ];
    expect(inModuleOrder(all).map(({ n }) => n)).toEqual([5, 3, 1, 4, 2]);
    expect(all[0]!.n).toBe(1);
  });
  it("have a plan of arrivals where customers come by themselves", () => {
    expect(planOf("chat_sim", "p1")).toBe("/papers/p1/plan");
    expect(planOf("telephony", "p1")).toBeUndefined();
  });
});

describe("the time line of events", () => {
  const event = (type: string, payload: Record<string, unknown>): EventView =>
    ({ seq: 1, at_ms: 0, stage_ms: 0, type: `chat_sim.${type}`, payload }) as unknown as EventView;
  const all = [
    event("customer_said", { conversation: "anna", text: "42?" }),
    event("customer_said", { conversation: "bert", text: "hi" }),
    event("customer_said", { conversation: "anna", text: "again" }),
  ];
  const say = (type: string, payload: Record<string, unknown>) =>
    describeChat(event(type, payload), numbersOf(all), i18n.global.t as never);

  it("says in words what happened, conversations by number", () => {
    expect(say("customer_said", { conversation: "bert", text: "hi" })).toBe("会话 2 · 客户：hi");
    expect(say("agent_said", { conversation: "anna", text: "42" })).toBe("会话 1 · 坐席：42");
    expect(say("shown", { conversations: ["anna", "bert"] })).toBe("屏幕上显示会话 1、会话 2");
    expect(
      say("conversation_ended", { conversation: "anna", by: "agent", reason: "ordered", stars: 4 }),
    ).toBe("会话 1：坐席结束会话（已下单），客户评 4 星");
    expect(say("order_ended", { conversation: "anna", order: "o1", cause: "too_dear" })).toContain(
      "价格不符",
    );
    expect(say("article_opened", { article: null })).toBe("关闭文章");
    expect(say("field_saved", { item: "anna", field: "note", text: "" })).toBe("会话 1：备注清空");
    expect(
      describeChat({ ...event("x", {}), type: "attempt.started" }, numbersOf(all), i18n.global.t as never),
    ).toBe(undefined);
  });

  it("has words for every kind of event of the module", () => {
    const types = {
      nickname_set: { nickname: "Sun" },
      field_saved: { item: "anna", field: "reply", text: "x" },
      accepted: { conversation: "anna" },
      need_settled: { conversation: "anna", need: "size", met: true },
      order_set: { conversation: "anna", lines: [] },
      order_sent: { conversation: "anna", order: "o1", total: "1.00" },
      order_paid: { conversation: "anna", order: "o1" },
      calculated: { total: "1.00" },
      searched: { query: "q", hits: ["a"] },
      product_opened: { product: "p" },
      picture_opened: { n: 3 },
      input_blocked: { item: "anna", field: "reply", kind: "paste", length: 3 },
    };
    for (const [type, payload] of Object.entries(types))
      expect([type, say(type, payload)]).toEqual([type, expect.stringMatching(/[\u3400-\u9fff]/)]);
  });

  it("sorts events into what can be shown by itself", () => {
    expect(
      ["agent_said", "searched", "field_saved", "input_blocked"].map((one) => chatKindOf(`chat_sim.${one}`)),
    ).toEqual(["message", "desk", "text", "blocked"]);
  });
});
