import { flushPromises, mount } from "@vue/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { reactive, ref } from "vue";
import { i18n, loadMessages } from "@/i18n";
import type { TaskDesk } from "@/server/bank/desk";
import type { Fault } from "@/server/bank/model";
import { author } from "@/telephony/author";
import VoiceEditor from "@/telephony/author/VoiceEditor.vue";
import { changes } from "@/telephony/author/changes";
import {
  blankPart,
  blankTurn,
  carryRecordings,
  freshId,
  isWritten,
  lineIds,
  move,
  personaLine,
  recordings,
  takePart,
} from "@/telephony/author/draft";
import { controlOf, severeOf } from "@/server/bank/fields/faults";
import { placeOf } from "@/telephony/author/faults";
import type { DraftInbound, DraftLine, DraftOutbound, TelephonyDraft } from "@/telephony/author/model";

const WORDS = { title: "部分", instructions: "请", per: "月" };
const sound = (sha256: string) =>
  ({ sha256, duration_ms: 2_000, source: "tts", confirmed: true }) as DraftLine["audio"];
const fault = (path: string, severe = true): Fault => ({ path, severe, text: { "zh-CN": path, en: "" } });

function draft(...kinds: ("inbound" | "outbound" | "retell" | "summary")[]): TelephonyDraft {
  const parts: TelephonyDraft["parts"] = [];
  for (const kind of kinds)
    parts.push(
      blankPart(
        kind,
        parts.map(({ id }) => id),
        WORDS,
      ),
    );
  return {
    title: { "zh-CN": "题", en: "" },
    duration_ms: 900_000,
    instructions: { "zh-CN": "请", en: "" },
    agent_number: "8001",
    parts,
    desk: { articles: [], records: [], transfers: ["售后服务"] },
  };
}
const inbound = (one: TelephonyDraft): DraftInbound => one.parts[0] as DraftInbound;

describe("a voice draft", () => {
  it("gives every part, turn and line an id of its own", () => {
    const made = draft("inbound", "outbound", "inbound", "retell", "summary");
    expect(made.parts.map(({ id }) => id)).toEqual(["in1", "out1", "in2", "re1", "su1"]);
    const part = inbound(made);
    part.turns.push(blankTurn(part), blankTurn({ turns: [...part.turns, blankTurn(part)] }));
    expect(part.turns.map(({ id }) => id)).toEqual(["t01", "t02", "t03"]);
    const outbound = made.parts[1] as DraftOutbound;
    outbound.persona.lines.push(personaLine(outbound));
    expect(new Set(lineIds(outbound)).size).toBe(lineIds(outbound).length);
    expect(freshId("k", ["k1", "k3"])).toBe("k2");
  });

  it("knows what is recorded, by turn and by line", () => {
    const made = draft("inbound", "outbound", "retell", "summary");
    inbound(made).turns.push({ ...blankTurn(inbound(made)), customer: null });
    expect(recordings(made).map(([id]) => id)).toEqual([
      "in1.t01",
      "out1.opening",
      "out1.l01",
      "out1.n1",
      "out1.deal",
      "out1.interest",
      "out1.refusal",
      "out1.impatient",
      "re1.source",
    ]);
  });

  it("takes recordings from the server, and texts only with a whole part", () => {
    const [here, server] = [draft("inbound", "outbound"), draft("inbound", "outbound")];
    inbound(here).turns[0]!.customer!.text = "这里写的";
    inbound(server).turns[0]!.customer!.audio = sound("a");
    (server.parts[1] as DraftOutbound).persona.impatient.audio = sound("b");
    server.desk.articles = [
      { id: "in1-a1", title: "文章", body: "文", keywords: [], outdated: false, updated: "" },
    ];
    carryRecordings(here, server);
    expect(recordings(here).flatMap(([id, one]) => (one.audio ? [id] : []))).toEqual([
      "in1.t01",
      "out1.impatient",
    ]);
    expect(inbound(here).turns[0]!.customer!.text).toBe("这里写的");
    expect(here.desk.articles).toEqual([]);
    takePart(here, server, "in1");
    expect(inbound(here).turns[0]!.customer!.text).toBe("");
    expect(here.desk.articles).toHaveLength(1);
  });

  it("says whether anything would be overwritten", () => {
    for (const kind of ["inbound", "outbound", "retell", "summary"] as const) {
      const made = draft(kind);
      expect(isWritten(made.parts[0]!)).toBe(false);
      const [, one] = recordings(made)[0] ?? [];
      if (one) one.text = "写";
      else (made.parts[0] as { source: string }).source = "写";
      expect(isWritten(made.parts[0]!)).toBe(true);
    }
  });

  it("moves within its bounds", () => {
    const list = [1, 2, 3];
    expect([move(list, 0, 1), move(list, 0, -1), move(list, 2, 1)]).toEqual([1, 0, 2]);
    expect(list).toEqual([2, 1, 3]);
  });
});

describe("differences", () => {
  it("are named field by field, with recordings", () => {
    const [version, now] = [draft("inbound"), draft("inbound")];
    inbound(now).turns[0]!.hint = "核实";
    inbound(now).turns[0]!.customer!.audio = sound("0123456789");
    now.desk.transfers = ["投诉处理"];
    expect(changes(version, now)).toEqual([
      { item: "部分", field: "turns.t01.hint", before: "", after: "核实" },
      { item: "", field: "desk.transfers", before: "售后服务", after: "投诉处理" },
      { item: "部分", field: "t01.audio", before: "", after: "01234567" },
    ]);
    expect(changes(now, now)).toEqual([]);
  });
});

describe("faults", () => {
  it("lead to their part, turn, persona or desk, and to the recording", () => {
    const made = draft("inbound", "outbound", "retell");
    expect(
      [
        "parts.0.turns.0.customer.audio",
        "parts.1.persona.endings.deal.audio",
        "parts.2.source.audio",
        "desk.records.3.verify",
        "agent_number",
        "parts.9.title",
      ].map((path) => placeOf(path, made)),
    ).toEqual([
      { part: 0, turn: 0, recording: "in1.t01" },
      { part: 1, persona: true, recording: "out1.deal" },
      { part: 2, recording: "re1.source" },
      { desk: true },
      {},
      {},
    ]);
    expect(controlOf("parts.0.card.need")).toBe("v-parts-0-card-need");
    const found = [fault("parts.1.title"), fault("parts.1.card.company", false), fault("parts.10.title")];
    expect(severeOf(found, "parts.1")).toBe(1);
  });
});

describe("the editor", () => {
  beforeEach(() => loadMessages("bank", "author", "author_telephony"));

  function opened(made: TelephonyDraft, found: Fault[] = []) {
    const desk = {
      taskId: "t1",
      draft: ref(made),
      view: ref({ found, draft_parts: [] }),
      mine: ref(true),
      free: ref(true),
      heard: reactive(new Set<string>()),
      invent: vi.fn(() => Promise.resolve()),
    };
    const app = mount(VoiceEditor, {
      props: { desk: desk as unknown as TaskDesk },
      global: { plugins: [i18n], stubs: { RecordingPanel: true } },
      attachTo: document.body,
    });
    return { desk, app };
  }

  it("adds each form, and every one of them can be edited", async () => {
    const { desk, app } = opened(draft("inbound"));
    for (const kind of ["outbound", "retell", "summary"]) {
      await app.get(".pieces select").setValue(kind);
      await app.get(".pieces > .btn").trigger("click");
    }
    const made = desk.draft.value;
    expect(made.parts.map((part) => part.kind)).toEqual(["inbound", "outbound", "retell", "summary"]);
    expect(made.parts.map(({ title }) => title["zh-CN"])).toEqual(["部分", "呼出", "复述录音", "总结知识"]);
    await app.get("#part-tab-1").trigger("click");
    await app.get("#v-parts-1-persona-lines-0-text").setValue("多少钱？");
    await app.get("#v-parts-1-packages-0-price").setValue("59");
    await app.get("#v-parts-1-reference-ending").setValue("再见");
    await app.get("#part-tab-4").trigger("click");
    await app
      .findAll("button")
      .find((one) => one.text() === "添加记录")!
      .trigger("click");
    await app.get("#v-desk-records-0-number").setValue("1001");
    await app
      .findAll("button")
      .find((one) => one.text() === "复制成相近的记录")!
      .trigger("click");
    const outbound = made.parts[1] as DraftOutbound;
    expect(outbound.persona.lines[0]!.text).toBe("多少钱？");
    expect(outbound.packages[0]!.price).toBe("59");
    expect(outbound.reference).toEqual({ ending: "再见" });
    expect(made.desk.records!.map(({ id, number }) => [id, number])).toEqual([
      ["r1", "1001"],
      ["r2", "1001"],
    ]);
    app.unmount();
  });

  it("adds, moves and removes turns, and goes through them by arrow keys", async () => {
    const { desk, app } = opened(draft("inbound"));
    const press = (words: string) =>
      app
        .findAll("button")
        .find((one) => one.text() === words || one.attributes("aria-label") === words)!
        .trigger("click");
    await press("在后面添加一轮");
    await app.get("#v-parts-0-turns-1-hint").setValue("第二");
    await press("此轮上移");
    expect(inbound(desk.draft.value).turns.map(({ hint }) => hint)).toEqual(["第二", ""]);
    await app.get("#turn-tab-0").trigger("keydown", { key: "ArrowDown" });
    expect(app.get("#turn-tab-1").attributes("aria-selected")).toBe("true");
    await app.get(".tick input").setValue(true);
    expect(inbound(desk.draft.value).turns[1]!.customer).toBeNull();
    await press("删除此轮");
    expect(inbound(desk.draft.value).turns).toHaveLength(1);
    app.unmount();
  });

  it("shows faults at their fields and leads to them", async () => {
    const found = [fault("parts.0.turns.1.hint"), fault("parts.0.turns.0.customer.audio")];
    const made = draft("inbound");
    inbound(made).turns.push(blankTurn(inbound(made)));
    const { app } = opened(made, found);
    const editor = app.vm as unknown as { show(path: string): Promise<void> };
    await editor.show(found[0]!.path);
    await flushPromises();
    const hint = app.get("#v-parts-0-turns-1-hint");
    expect(document.activeElement).toBe(hint.element);
    expect(hint.attributes("aria-invalid")).toBe("true");
    await editor.show(found[1]!.path);
    await flushPromises();
    expect(app.find("recording-panel-stub").attributes("part")).toBe("in1.t01");
    expect(author.whereOf(found[0]!, made)).toBe("部分 · 轮次 2 · 显示提示");
    app.unmount();
  });

  it("asks before it overwrites what is written", async () => {
    const { desk, app } = opened(draft("inbound"));
    const invent = () =>
      app
        .findAll("button")
        .find((one) => one.text() === "生成虚构情景")!
        .trigger("click");
    await invent();
    expect(desk.invent).toHaveBeenCalledWith("in1");
    await app.get("#v-parts-0-card-company").setValue("演示公司");
    await invent();
    expect(desk.invent).toHaveBeenCalledTimes(1);
    expect(document.body.textContent).toContain("录音也会删除");
    app.unmount();
  });
});
