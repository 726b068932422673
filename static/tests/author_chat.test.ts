import { flushPromises, mount } from "@vue/test-utils";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { ref, shallowRef } from "vue";
import { ApiProblem } from "@/api/problem";
import { author, changes } from "@/chat_sim/author";
import ChatEditor from "@/chat_sim/author/ChatEditor.vue";
import {
  blankArticle,
  blankNeed,
  blankPersona,
  blankProduct,
  blankPromotion,
  isWritten,
  move,
  promotionOf,
  skuId,
  takePart,
} from "@/chat_sim/author/draft";
import { placeOf } from "@/chat_sim/author/faults";
import type { ChatDraft, TrialView } from "@/chat_sim/author/model";
import { fitted } from "@/chat_sim/author/pictures";
import { placeIn, read, Unfit, withPersona, withShop, written } from "@/chat_sim/author/pieces";
import { rowsOf, type FairPlan } from "@/chat_sim/author/plan";
import { ChatTrialSession, thinned } from "@/chat_sim/author/trial_session";
import { linesOf, pieces, TryOut, type Act, type Finding } from "@/chat_sim/author/tryout";
import { i18n, loadMessages } from "@/i18n";
import type { TaskDesk } from "@/server/bank/desk";
import type { Fault } from "@/server/bank/model";

const words = (zh: string) => ({ "zh-CN": zh, en: "" });

function draft(): ChatDraft {
  const made = {
    title: words("题"),
    instructions: words("说明"),
    duration_ms: 1_800_000,
    shop: {
      name: "店",
      intro: "",
      style: "",
      products: [],
      promotions: [],
      shipping: { carrier: "", fee: "0", free_from: null, dispatch: "", regions: [] },
      articles: [],
    },
    personas: [],
    policy: { most_open: 5, most_characters: 500, canned_allowed: true, paste_allowed: false },
    canned: [],
    forbidden: [],
    courtesy: { greeting: [], waiting: [], apology: [], closing: [] },
    indicators: [{ key: "rating", full: "4.5", zero: "2", weight: "1" }],
    rubric: { gap: "open", rows: [] },
    max_marks: "30",
  } as unknown as ChatDraft;
  made.shop.products.push(blankProduct(made));
  made.personas.push(blankPersona(made));
  return made;
}

beforeAll(async () => {
  await Promise.all([loadMessages("author_chat"), loadMessages("bank"), loadMessages("author")]);
});

describe("a chat draft", () => {
  it("gives everything new an id that is free", () => {
    const made = draft();
    made.shop.products.push(blankProduct(made));
    expect(made.shop.products.map(({ id }) => id)).toEqual(["P1", "P2"]);
    expect(made.shop.products[1]!.skus[0]!.id).toBe("P2-1");
    expect(skuId(made, made.shop.products[0]!)).toBe("P1-2");
    made.shop.promotions.push(blankPromotion(made));
    expect([blankPromotion(made).id, blankArticle(made).id, blankPersona(made).id]).toEqual([
      "M2",
      "A1",
      "C2",
    ]);
    expect(blankNeed(made.personas[0]!.needs).id).toBe("N2");
  });

  it("lets the next customer come a minute later, and never after the end", () => {
    const made = draft();
    made.personas[0]!.arrives_ms = 30_000;
    expect(blankPersona(made).arrives_ms).toBe(90_000);
    made.personas[0]!.arrives_ms = 1_799_000;
    expect(blankPersona(made).arrives_ms).toBe(1_740_000);
  });

  it("keeps what all promotions have where the kind changes", () => {
    const made = draft();
    const first = { ...blankPromotion(made), title: "店庆", step: 3, group: "a" };
    const coupon = promotionOf("coupon", first);
    expect(coupon).toMatchObject({ kind: "coupon", title: "店庆", step: 3, group: "a", code: "", off: null });
    expect(coupon).not.toHaveProperty("repeats");
  });

  it("moves within its list and no further", () => {
    const rows = [1, 2, 3];
    expect([move(rows, 0, -1), move(rows, 0, 1), rows]).toEqual([0, 1, [2, 1, 3]]);
  });

  it("takes an invented customer over, and the shop only where there is none", () => {
    const [here, server] = [draft(), draft()];
    server.personas[0]!.name = "晴天";
    server.shop.products[0]!.name = "炒锅";
    takePart(here, server, "C1");
    expect([here.personas[0]!.name, here.shop.products[0]!.name]).toEqual(["晴天", "炒锅"]);
    expect(isWritten(here.personas[0]!)).toBe(true);
    here.shop.products[0]!.name = "我的锅";
    takePart(here, server, "C1");
    expect(here.shop.products[0]!.name).toBe("我的锅");
  });

  it("tells what differs from a version by names and in words", () => {
    const [version, now] = [draft(), draft()];
    now.personas[0]!.name = "晴天";
    now.personas[0]!.needs[0]!.reference = "好的";
    now.shop.products[0]!.price = "59";
    expect(changes(version, now)).toEqual([
      { item: "P1", field: "售价", before: "", after: "59" },
      { item: "晴天", field: "名称", before: "", after: "晴天" },
      { item: "晴天", field: "需求 · 参考答案", before: "", after: "好的" },
    ]);
  });
});

describe("a fault", () => {
  it("leads to the page and the entry that mend it", () => {
    expect(placeOf("personas.3.needs.2.facts.0.accept")).toEqual({ tab: 3, list: "needs", entry: 2 });
    expect(placeOf("personas.0.name")).toEqual({ tab: 0 });
    expect(placeOf("shop.products.4.price")).toEqual({ tab: "shop", list: "products", entry: 4 });
    expect(placeOf("shop.promotions.1")).toEqual({ tab: "terms", list: "promotions", entry: 1 });
    expect(placeOf("shop.shipping.fee")).toEqual({ tab: "terms" });
    expect(placeOf("shop.articles.0.body")).toEqual({ tab: "articles", list: "articles", entry: 0 });
    expect(placeOf("rubric.gap")).toEqual({ tab: "settings" });
  });

  it("says where in words", () => {
    const made = draft();
    made.personas[0]!.name = "晴天";
    const at = (path: string): string => author.whereOf({ path, text: words(""), severe: true }, made);
    expect(at("personas.0.needs.2.reference")).toBe("晴天 · 需求 3 · 参考答案");
    expect(at("shop.products.0.price")).toBe("P1 · 售价");
    expect(at("shop.promotions.1.code")).toBe("促销 2 · 券码");
    expect(at("rubric.gap")).toBe("评分表 · 剩下的 20%");
  });
});

describe("a shop or a customer as a file", () => {
  it("comes back as it went", () => {
    const made = draft();
    expect(read("shop", written("shop", made.shop))).toEqual(made.shop);
    expect(withShop(made, { ...made.shop, name: "别的店" }).shop.name).toBe("别的店");
    const more = withPersona(made, made.personas[0]);
    expect(more.personas.map(({ id }) => id)).toEqual(["C1", "C2"]);
    expect(made.personas).toHaveLength(1);
  });

  it("is refused in words where it is broken, foreign or of the other kind", () => {
    const made = draft();
    expect(() => read("shop", '{\n  "a": ,\n}')).toThrow(Unfit);
    expect(placeIn('{\n  "a": ,', 9)).toEqual({ line: 2, column: 8 });
    expect(() => read("shop", "{}")).toThrow(/不是从在线服务题目中导出/);
    expect(() => read("shop", written("persona", made.personas[0]!))).toThrow(/要店铺文件，选的是客户文件/);
    expect(() => read("shop", '{"format":"ccss-chat","version":2,"kind":"shop","shop":{}}')).toThrow(
      /格式不认识/,
    );
  });

  it("has pictures that fit", () => {
    expect([fitted(4000, 3000), fitted(200, 100), fitted(10, 5000)]).toEqual([
      { width: 1000, height: 750 },
      { width: 200, height: 100 },
      { width: 2, height: 1000 },
    ]);
  });
});

const event = (stage_ms: number, type: string, more: object = {}) => ({
  stage_ms,
  event: { type: `chat_sim.${type}`, v: 1, ...more },
});
const view = (now_ms: number, due_ms: number | null, ...events: ReturnType<typeof event>[]): TrialView =>
  ({
    content: {},
    state: { n: now_ms },
    live: {},
    now_ms,
    due_ms,
    refusals: [],
    events,
  }) as unknown as TrialView;
const finding = (start: number, end: number, verdict: "right" | "wrong" = "right"): Finding => ({
  need: "N1",
  fact: "f1",
  verdict,
  text: "",
  start,
  end,
  sure: "0.9",
  rule: "wording",
});

describe("a talk", () => {
  it("shows what was recognised in a message, also behind emoji", () => {
    expect(
      pieces("😀现在有货的", [finding(3, 5)]).map(({ text, finding: found }) => [text, !!found]),
    ).toEqual([
      ["😀现在", false],
      ["有货", true],
      ["的", false],
    ]);
    expect(pieces("没有", [])).toEqual([{ text: "没有" }]);
  });

  it("leaves out what only the desk needs", () => {
    const shown = linesOf(
      view(
        9,
        null,
        event(1, "customer_said", { text: "在吗", cause: "ask" }),
        event(2, "field_saved", { text: "x" }),
      ),
    );
    expect(shown.map(({ type, text, cause }) => [type, text, cause])).toEqual([
      ["customer_said", "在吗", "ask"],
    ]);
  });

  it("goes on to the customer's answer after each reply, and sends all acts every time", async () => {
    const sent: { acts: Act[]; until: number }[] = [];
    const run = vi.fn((acts: readonly Act[], until: number) => {
      sent.push({ acts: [...acts], until });
      const settled = until >= 7_000 ? [event(7_000, "need_settled", { met: true })] : [];
      const said = until >= 9_000 ? [event(9_000, "customer_said", { text: "哦" })] : [];
      const due = until < 7_000 ? 7_000 : until < 9_000 ? 9_000 : null;
      return Promise.resolve(view(until, due, ...settled, ...said));
    });
    const talk = new TryOut(run);
    await talk.begin();
    expect(talk.now.value).toBe(1_000);
    await talk.wait(2_000);
    await talk.send("您好");
    expect(sent.map(({ acts, until }) => [acts.length, until])).toEqual([
      [2, 1_000],
      [2, 3_000],
      [3, 3_000],
      [3, 7_000],
      [3, 9_000],
    ]);
    expect(sent.at(-1)!.acts[2]).toEqual({
      stage_ms: 3_000,
      command: { type: "chat_sim.send", conversation: "c1", text: "您好" },
    });
  });

  it("takes an act back that was refused, and says why", async () => {
    const problem = { code: "too-long", detail: "太长了", status: 409, retry: false };
    const run = (acts: readonly Act[], until: number) =>
      Promise.resolve({
        ...view(until, null),
        refusals: acts.length > 2 ? [{ index: 2, problem }] : [],
      } as TrialView);
    const talk = new TryOut(run);
    await talk.begin();
    expect(await talk.send("很长")).toBe(false);
    expect(talk.failed.value).toBe("太长了");
    await talk.wait(1_000);
    expect(talk.failed.value).toBeUndefined();
  });

  it("stays with the reason when the server can't be asked", async () => {
    const away = new ApiProblem({ code: "offline", status: 0, retry: true, detail: "没有连接" });
    const talk = new TryOut(() => Promise.reject(away));
    await talk.begin();
    expect([talk.problem.value, !!talk.failed.value, talk.busy.value]).toEqual([away, true, false]);
  });
});

describe("a whole desk on trial", () => {
  const save = (text: string): Act => ({
    stage_ms: 1,
    command: { type: "chat_sim.save_field", item: "c1", field: "reply", text },
  });
  const say: Act = { stage_ms: 2, command: { type: "chat_sim.send", text: "好" } };

  it("sends only what still matters", () => {
    expect(thinned([save("a"), save("ab"), say, save("c")])).toEqual([say, save("c")]);
  });

  it("acknowledges what was taken, hands back what was refused, and asks again when something is due", async () => {
    vi.useFakeTimers();
    let now = 0;
    const asked: number[] = [];
    const session = new ChatTrialSession(
      (acts, until) => {
        asked.push(until);
        const refusals = acts.flatMap(({ command }, index) =>
          command.type === "bad" ? [{ index, problem: { code: "refused", detail: "不行" } }] : [],
        );
        return Promise.resolve({ ...view(until, 5_000), refusals } as unknown as TrialView);
      },
      () => undefined,
      () => now,
    );
    const page = { merge: vi.fn(), acked: vi.fn(), dropped: vi.fn(), flush: vi.fn() };
    await session.begin();
    session.attach(page);
    now = 1_000;
    session.send({ type: "chat_sim.accept", conversation: "c1" } as never);
    session.send({ type: "bad" } as never);
    expect(session.waiting).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect([page.acked.mock.calls.length, page.dropped.mock.calls.length]).toEqual([1, 1]);
    expect([session.waiting.length, session.live.value?.stageMs]).toEqual([0, 1_000]);
    now = 5_000;
    await vi.advanceTimersByTimeAsync(4_100);
    expect(asked.at(-1)).toBe(5_000);
    const many = asked.length;
    session.close();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(asked).toHaveLength(many);
    vi.useRealTimers();
  });
});

describe("the plan on paper", () => {
  it("has every arrival, then every message by its time", () => {
    const customer = (id: string, arrives_ms: number, ...at: number[]) => ({
      id,
      name: id,
      arrives_ms,
      messages: at.map((at_ms) => ({ at_ms, text: "", cause: "ask" })),
    });
    const plan = { customers: [customer("a", 0, 0, 9_000), customer("b", 5, 5_000)] } as unknown as FairPlan;
    const { arrivals, messages } = rowsOf(plan);
    expect(arrivals).toHaveLength(2);
    expect(messages.map((row) => (row.kind === "message" ? row.message.at_ms : -1))).toEqual([
      0, 5_000, 9_000,
    ]);
  });
});

describe("the editor", () => {
  const found = shallowRef<Fault[]>([]);
  function opened(made: ChatDraft) {
    const desk = {
      taskId: "t1",
      draft: ref(made),
      view: shallowRef({ found: found.value }),
      mine: ref(true),
      free: ref(true),
      saver: shallowRef(undefined),
    } as unknown as TaskDesk;
    const page = mount(ChatEditor, {
      props: { desk },
      global: { plugins: [i18n], stubs: { RouterLink: true } },
      attachTo: document.body,
    });
    return { page, desk };
  }

  it("shows every page of the task, and adds a customer", async () => {
    const { page, desk } = opened(draft());
    const tabs = () => page.findAll("[role=tab]");
    for (let index = 0; index < tabs().length; index += 1) {
      await tabs()[index]!.trigger("click");
      expect(page.get("[role=tabpanel]").findAll("input, select, button").length).toBeGreaterThan(0);
    }
    await page
      .findAll("button")
      .find((one) => one.text() === "添加客户")!
      .trigger("click");
    await flushPromises();
    expect((desk.draft.value as ChatDraft).personas.map(({ id }) => id)).toEqual(["C1", "C2"]);
    expect(page.findAll("[aria-selected=true]")).toHaveLength(1);
    page.unmount();
  });

  it("leads from a fault to the field in an entry that was shut", async () => {
    const { page } = opened(draft());
    await (page.vm as unknown as { show(path: string): Promise<void> }).show("personas.0.needs.0.reference");
    await flushPromises();
    expect(document.activeElement?.id).toBe("v-personas-0-needs-0-reference");
    page.unmount();
  });

  it("never writes what is no amount", async () => {
    const { page, desk } = opened(draft());
    await page.get("button.title").trigger("click");
    const price = page.get("#v-shop-products-0-price");
    const product = () => (desk.draft.value as ChatDraft).shop.products[0]!;
    await price.setValue("19.9");
    expect(product().price).toBe("19.9");
    await price.setValue("19.9元");
    expect([product().price, price.attributes("aria-invalid")]).toEqual(["19.9", "true"]);
    await price.setValue("");
    expect(product().price).toBeNull();
    page.unmount();
  });
});
