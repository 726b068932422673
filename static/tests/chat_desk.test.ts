import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick, ref, shallowRef } from "vue";
import type { DraftStore, Entry } from "@/api/store";
import type { AttemptView, Command } from "@/api/types";
import ChatPage from "@/chat_sim/ChatPage.vue";
import type { ChatMessage, ChatSession, LiveConversation, SeatContent, SeatLive } from "@/chat_sim/model";
import type { LiveState, ModulePage } from "@/exam/session";
import { i18n, loadMessages } from "@/i18n";
import { problem } from "./support";

const text = (zh: string) => ({ "zh-CN": zh, en: "" });
const product = (id: string, skus: string[]) => ({
  id,
  name: `Product ${id}`,
  aliases: [],
  category: "Things",
  add_on: false,
  summary: "",
  attributes: {},
  skus: skus.map((sku) => ({ id: sku, name: sku, stock: 5 })),
  list_price: "20.00",
  price: "10.00",
  member_price: null,
  goes_with: [],
  picture: null,
  most: 10,
});
const content = {
  title: text("\u5377"),
  instructions: text("do it"),
  shop: {
    name: "Shop",
    intro: "",
    style: "calm",
    products: [product("p1", ["s1", "s2"]), product("p2", ["s3"])],
    promotions: [],
    shipping: { carrier: "", fee: "0", free_from: null, dispatch: "48h", regions: [] },
    articles: 2,
  },
  policy: { most_open: 2, most_characters: 10, canned_allowed: true, paste_allowed: false },
  canned: [
    { id: "q1", group: "Greeting", text: "Welcome" },
    { id: "q2", group: "Wait", text: "One moment" },
  ],
  customers: 3,
} as unknown as SeatContent;

const conversation = (id: string, over: Partial<LiveConversation> = {}): LiveConversation => ({
  id,
  name: `Name ${id}`,
  phase: "open",
  arrived_ms: 1_000,
  accepted_ms: Number(id.slice(1)) * 1_000,
  ended_ms: null,
  ended_by: null,
  reason: null,
  waiting_since_ms: null,
  last_n: 0,
  unseen: 0,
  typing_from_ms: null,
  file: { city: "", member: true, remark: "", orders: [] },
  form: { lines: [], coupon: "", rev: 0, quote: null, fault: null },
  ...over,
});
const message = (n: number, by: "agent" | "customer", words: string, id = "c1"): ChatMessage => ({
  n,
  conversation: id,
  at_ms: n * 1_000,
  by,
  text: words,
  product: null,
  order: null,
  picture: null,
});
const live = (over: Partial<SeatLive> = {}): SeatLive => ({
  nickname: "Nick",
  shown: ["c1"],
  conversations: [conversation("c1")],
  messages: 0,
  recent: [],
  orders: [],
  stock: {},
  look_up: { query: "", hits: [], products: [], article: null, product: null },
  basket: { lines: [], coupon: "", member: false, quote: null },
  to_come: 1,
  ...over,
});

/** A session whose commands wait until a test answers them. */
class FakeSession implements ChatSession {
  readonly state = shallowRef<unknown>({ texts: {}, messages: [], live: live() });
  readonly live = shallowRef<LiveState>();
  readonly online = ref(true);
  readonly stale = ref(false);
  readonly ended = ref(false);
  readonly handingIn = ref(false);
  readonly dirty = ref(false);
  readonly clock = { now: () => 50_000, known: true } as ChatSession["clock"];
  readonly handIn = vi.fn();
  readonly resync = vi.fn();
  waiting: Entry[] = [];
  sent: Command[] = [];
  private seq = 0;
  page: ModulePage | undefined;
  constructor(first: SeatLive = live(), messages: ChatMessage[] = [], texts = {}) {
    this.state.value = { texts, messages, live: first };
  }
  attach(page: ModulePage): () => void {
    this.page = page;
    return () => undefined;
  }
  send(command: Command): void {
    this.sent.push({ ...command });
    const n = this.sent.length;
    this.waiting = [...this.waiting, { id: `e${n}`, attemptId: "a1", n, stampMs: 50_000, command }];
  }
  /** The server takes everything that waits. */
  async ack(): Promise<void> {
    for (const entry of this.waiting) {
      this.waiting = this.waiting.filter((one) => one !== entry);
      this.seq += 1;
      this.page?.acked(entry, this.seq);
    }
    await flushPromises();
  }
  async say(now: SeatLive, stageMs = 10_000): Promise<void> {
    this.live.value = { live: now, seq: this.seq, serverMs: 50_000, stageMs };
    await flushPromises();
  }
  async refuse(type: string, code: string): Promise<void> {
    const entry = this.waiting.find(({ command }) => command.type === `chat_sim.${type}`)!;
    this.waiting = this.waiting.filter((one) => one !== entry);
    this.page?.dropped(entry, problem(code, 409));
    await flushPromises();
  }
  of(type: string): Command[] {
    return this.sent.filter((command) => command.type === `chat_sim.${type}`);
  }
}

const noDrafts: DraftStore = {
  load: () => Promise.resolve([]),
  put: () => Promise.resolve(),
  remove: () => Promise.resolve(),
};
const attempt = { attempt_id: "a1", module: "chat_sim", phase: "running" } as unknown as AttemptView;
let page: VueWrapper | undefined;

async function open(session: FakeSession): Promise<VueWrapper> {
  const props = { session, attempt, content, drafts: noDrafts };
  page = mount(ChatPage, { props, global: { plugins: [i18n] }, attachTo: document.body });
  await flushPromises();
  return page;
}
const box = (id = "c1") => page!.get<HTMLTextAreaElement>(`[data-part="${id}/reply"]`);
const shownTexts = (): string[] => page!.findAll("[data-testid=messages] .text").map((one) => one.text());
const key = async (code: string, more: KeyboardEventInit = {}): Promise<void> => {
  window.dispatchEvent(new KeyboardEvent("keydown", { code, cancelable: true, ...more }));
  await flushPromises();
};

beforeEach(async () => {
  await loadMessages("chat_sim");
  sessionStorage.clear();
});
afterEach(() => {
  page?.unmount();
  page = undefined;
  document.body.innerHTML = "";
});

describe("the nickname", () => {
  it("comes before the desk, and may change until the first message", async () => {
    const session = new FakeSession(live({ nickname: "", shown: [], conversations: [] }));
    await open(session);
    await page!.get("#nickname").setValue("  Nick ");
    await page!.get("#nickname").trigger("keydown", { key: "Enter", isComposing: true, keyCode: 229 });
    expect(session.sent).toEqual([]);
    await page!.get("#nickname").trigger("keydown", { key: "Enter" });
    expect(session.of("set_nickname")).toMatchObject([{ nickname: "Nick" }]);
    // On its way, acknowledged and not seen yet, seen: the desk stays.
    expect(page!.find("nav").exists()).toBe(true);
    await session.ack();
    expect(page!.find("nav").exists()).toBe(true);
    await session.say(live({ shown: [], conversations: [] }));
    expect(page!.get(".strip").text()).toContain("Nick");
    expect(page!.find(".name .btn").exists()).toBe(true);
    await session.say(live({ messages: 1, recent: [message(1, "agent", "hi")] }));
    expect(page!.find(".name .btn").exists()).toBe(false);
  });
  it("that is refused stands in its field again", async () => {
    const session = new FakeSession(live({ nickname: "", shown: [], conversations: [] }));
    await open(session);
    await page!.get("#nickname").setValue("Nick");
    await page!.get("#nickname").trigger("keydown", { key: "Enter" });
    await session.refuse("set_nickname", "chat-nickname-faulty");
    expect(page!.get<HTMLInputElement>("#nickname").element.value).toBe("Nick");
  });
});

describe("a reply", () => {
  it("goes by Enter, never while an input method composes, nor by the Enter that ends it", async () => {
    const session = new FakeSession();
    await open(session);
    await box().setValue("hello");
    await box().trigger("keydown", { key: "Enter", isComposing: true, keyCode: 229 });
    await box().trigger("keydown", { key: "Enter", keyCode: 229 });
    await box().trigger("keydown", { key: "Enter", shiftKey: true });
    await box().trigger("keyup", { key: "Enter" });
    await box().trigger("keydown", { key: "Enter", repeat: true });
    expect(session.of("send")).toEqual([]);
    await box().trigger("keydown", { key: "Enter" });
    expect(session.of("send")).toMatchObject([{ conversation: "c1", text: "hello", canned: null }]);
    expect(box().element.value).toBe("");
    await box().trigger("keydown", { key: "Enter" });
    expect(session.of("send")).toHaveLength(1);
    await box().setValue("again");
    await box().trigger("compositionend", { data: "again" });
    await box().trigger("keydown", { key: "Enter" });
    expect(session.of("send")).toHaveLength(1);
    expect(box().element.value).toBe("again");
  });

  it("is shown as being sent, and exactly once after, whichever word of the server comes first", async () => {
    const session = new FakeSession();
    await open(session);
    const say = async (words: string): Promise<void> => {
      await box().setValue(words);
      await box().trigger("keydown", { key: "Enter" });
    };
    await say("one");
    await say("two");
    expect(shownTexts()).toEqual(["one", "two"]);
    expect(page!.findAll(".message.sending")).toHaveLength(2);
    await session.ack();
    expect(shownTexts()).toEqual(["one", "two"]);
    const said = [message(1, "agent", "one"), message(2, "agent", "two")];
    await session.say(live({ messages: 2, recent: said }));
    expect(shownTexts()).toEqual(["one", "two"]);
    expect(page!.findAll(".message.sending")).toHaveLength(0);
    // The other way round.
    await say("three");
    await session.say(live({ messages: 3, recent: [...said, message(3, "agent", "three")] }));
    expect(shownTexts()).toEqual(["one", "two", "three"]);
    await session.ack();
    expect(shownTexts()).toEqual(["one", "two", "three"]);
    expect(page!.findAll(".message.sending")).toHaveLength(0);
  });

  it("left in the queue by an earlier life of the page is shown once", async () => {
    const session = new FakeSession(live(), [message(1, "agent", "old")]);
    session.send({ type: "chat_sim.send", conversation: "c1", text: "left", rev: 1, canned: null });
    await session.say(live({ messages: 1, recent: [message(1, "agent", "old")] }), 10_000);
    await open(session);
    expect(shownTexts()).toEqual(["old", "left"]);
    expect(box().element.value).toBe("");
    await session.say(
      live({ messages: 2, recent: [message(1, "agent", "old"), message(2, "agent", "left")] }),
    );
    expect(shownTexts()).toEqual(["old", "left"]);
  });

  it("that is refused stands in the box again", async () => {
    const session = new FakeSession();
    await open(session);
    await box().setValue("hello");
    await box().trigger("keydown", { key: "Enter" });
    await session.refuse("send", "chat-too-fast");
    expect(box().element.value).toBe("hello");
    expect(shownTexts()).toEqual([]);
  });

  it("that is too long stays in the box and says so; people's characters are counted", async () => {
    const session = new FakeSession();
    await open(session);
    await box().setValue("\u{1f600}".repeat(11));
    expect(page!.get("[data-testid=count]").text()).toContain("11/10");
    await box().trigger("keydown", { key: "Enter" });
    expect(session.of("send")).toEqual([]);
    await box().setValue("\u{1f600}".repeat(10));
    await box().trigger("keydown", { key: "Enter" });
    expect(session.of("send")).toHaveLength(1);
  });

  it("takes a phrase by its keys, and tells which", async () => {
    const session = new FakeSession();
    await open(session);
    box().element.value = "/";
    box().element.setSelectionRange(1, 1);
    await box().trigger("input");
    expect(page!.findAll("[role=option]")).toHaveLength(2);
    await box().trigger("keydown", { key: "ArrowDown" });
    await box().trigger("keydown", { key: "Enter" });
    expect(session.of("send")).toEqual([]);
    expect(box().element.value).toBe("One moment");
    expect(page!.find("[role=listbox]").exists()).toBe(false);
    await box().trigger("keydown", { key: "Enter" });
    expect(session.of("send")).toMatchObject([{ text: "One moment", canned: "q2" }]);
  });
});

describe("a phrase in the box", () => {
  it("is still known after a look at another conversation, and after a refusal", async () => {
    const session = new FakeSession();
    await open(session);
    await session.say(live({ conversations: [conversation("c1"), conversation("c2")] }));
    box().element.value = "/";
    box().element.setSelectionRange(1, 1);
    await box().trigger("input");
    await box().trigger("keydown", { key: "Enter" });
    expect(box().element.value).toBe("Welcome");
    await key("Digit2", { altKey: true });
    expect(page!.find('[data-part="c1/reply"]').exists()).toBe(false);
    await key("Digit1", { altKey: true });
    await box().trigger("keydown", { key: "Enter" });
    await session.refuse("send", "too-fast");
    await box().trigger("keydown", { key: "Enter" });
    expect(session.of("send")).toMatchObject([{ canned: "q1" }, { canned: "q1" }]);
  });
});

describe("the desk", () => {
  it("asks for the whole state when something is missing, once", async () => {
    const session = new FakeSession();
    await open(session);
    await session.say(live({ messages: 20, recent: [message(20, "customer", "late")] }));
    await session.say(live({ messages: 21, recent: [message(21, "customer", "later")] }));
    expect(session.resync).toHaveBeenCalledTimes(1);
    const all = Array.from({ length: 21 }, (_, n) => message(n + 1, "customer", `m${n + 1}`));
    const now = live({ messages: 21, recent: all.slice(-12) });
    session.page!.merge({ texts: {}, messages: all, live: now });
    await session.say(now);
    expect(shownTexts()).toHaveLength(21);
    await session.say(live({ messages: 22, recent: [...all.slice(-11), message(22, "customer", "new")] }));
    expect(session.resync).toHaveBeenCalledTimes(1);
    expect(shownTexts().at(-1)).toBe("new");
  });

  it("accepts by key as many as it may, and shows them", async () => {
    const waiting = (id: string) => conversation(id, { phase: "waiting", accepted_ms: null, file: null });
    const session = new FakeSession(live({ shown: [], conversations: ["c1", "c2", "c3"].map(waiting) }));
    await open(session);
    await key("F2");
    await key("F2");
    await key("F2");
    expect(session.of("accept").map((one) => one.conversation)).toEqual(["c1", "c2"]);
    expect(session.of("show").at(-1)!.conversations).toEqual(["c2"]);
    // Acknowledged, and not seen yet: the box stays where somebody types.
    const before = box("c2").element;
    await session.ack();
    expect(box("c2").element).toBe(before);
    await session.say(
      live({ shown: ["c2"], conversations: [conversation("c1"), conversation("c2"), waiting("c3")] }),
    );
    expect(box("c2").element).toBe(before);
    await key("Digit1", { altKey: true });
    expect(session.of("show").at(-1)!.conversations).toEqual(["c1"]);
    expect(document.activeElement).toBe(box("c1").element);
  });

  it("stands conversations side by side, and marks who waits by word", async () => {
    const both = [
      conversation("c1", { waiting_since_ms: 0, unseen: 1 }),
      conversation("c2", { waiting_since_ms: 5_000, unseen: 2 }),
    ];
    const session = new FakeSession(live({ conversations: both }));
    await session.say(live({ conversations: both }), 65_000);
    await open(session);
    expect(page!.get("[data-conversation=c1] [data-wait]").attributes("data-wait")).toBe("slow");
    expect(page!.find("[data-conversation=c1] .badge").exists()).toBe(false);
    expect(page!.get("[data-conversation=c2] .badge").text()).toContain("2");
    await key("F9");
    expect(page!.findAll("[data-pane]").map((one) => one.attributes("data-pane"))).toEqual(["c1", "c2"]);
    expect(session.of("show")).toMatchObject([{ conversations: ["c1", "c2"] }]);
  });

  it("sends the order as the form stands, and lets go of it once it is there", async () => {
    const session = new FakeSession();
    await open(session);
    await key("KeyO", { altKey: true });
    const pick = page!.get("[data-side=order] select");
    await pick.setValue("s1");
    await pick.trigger("keydown", { key: "Enter" });
    expect(session.of("set_order")).toMatchObject([{ lines: [{ sku: "s1", quantity: 1 }], rev: 1 }]);
    const field = page!.get<HTMLInputElement>('[data-side=order] [data-sku="s1"]');
    await field.setValue("x");
    await field.trigger("change");
    expect(field.element.value).toBe("1");
    await field.setValue("3");
    expect(session.of("set_order").at(-1)).toMatchObject({ lines: [{ sku: "s1", quantity: 3 }], rev: 2 });
    await key("KeyS", { altKey: true });
    await key("KeyS", { altKey: true });
    expect(session.of("send_order")).toHaveLength(1);
    await session.ack();
    await session.say(
      live({
        conversations: [
          conversation("c1", { form: { lines: [], coupon: "", rev: 2, quote: null, fault: null } }),
        ],
      }),
    );
    expect(page!.find('[data-side=order] [data-sku="s1"]').exists()).toBe(false);
  });

  it("leaves what is being typed in the form alone when news comes, and sends it along", async () => {
    const session = new FakeSession();
    const kept = { lines: [{ sku: "s1", quantity: 1 }], coupon: "", rev: 1, quote: null, fault: null };
    const now = (n: number) =>
      live({ conversations: [conversation("c1", { form: kept, unseen: n })], stock: { s1: n } });
    await open(session);
    await session.say(now(1));
    await key("KeyO", { altKey: true });
    const quantity = page!.get<HTMLInputElement>('[data-side=order] [data-sku="s1"]');
    const coupon = page!.get<HTMLInputElement>("[data-side=order] [data-field=coupon]");
    quantity.element.value = "";
    await quantity.trigger("input");
    await session.say(now(2));
    expect(quantity.element.value).toBe("");
    await quantity.trigger("blur");
    expect(quantity.element.value).toBe("1");
    coupon.element.focus();
    coupon.element.value = "save";
    await coupon.trigger("input");
    await session.say(now(3));
    expect(coupon.element.value).toBe("save");
    expect(session.of("set_order")).toEqual([]);
    await key("KeyS", { altKey: true });
    const acts = session.sent.map(({ type }) => type).filter((type) => type.includes("order"));
    expect(acts).toEqual(["chat_sim.set_order", "chat_sim.send_order"]);
    expect(session.of("set_order")).toMatchObject([{ coupon: "SAVE", rev: 2 }]);
  });

  it("keeps the coupon for whom it was typed", async () => {
    const session = new FakeSession();
    await open(session);
    await session.say(live({ conversations: [conversation("c1"), conversation("c2")] }));
    await key("KeyO", { altKey: true });
    const coupon = () => page!.get<HTMLInputElement>("[data-side=order] [data-field=coupon]");
    coupon().element.value = "gift";
    await coupon().trigger("input");
    await key("Digit2", { altKey: true });
    expect(session.of("set_order")).toMatchObject([{ conversation: "c1", coupon: "GIFT" }]);
    expect(coupon().element.value).toBe("");
  });

  it("keeps the form when the order is refused", async () => {
    const form = { lines: [{ sku: "s1", quantity: 1 }], coupon: "", rev: 4, quote: null, fault: null };
    const session = new FakeSession(live({ conversations: [conversation("c1", { form })] }));
    await open(session);
    await key("KeyS", { altKey: true });
    await session.refuse("send_order", "chat-order-faulty");
    expect(page!.find('[data-side=order] [data-sku="s1"]').exists()).toBe(true);
    expect(page!.findAll(".message.sending")).toHaveLength(0);
  });

  it("closes with a reason, and says at the hand-in what is left", async () => {
    const session = new FakeSession(
      live({ conversations: [conversation("c1", { waiting_since_ms: 1 }), conversation("c2")] }),
    );
    await open(session);
    await box().setValue("unsaid");
    await page!.get(".strip .btn.primary").trigger("click");
    const rows = page!.findAll("[data-testid=unfinished] li");
    expect(rows).toHaveLength(2);
    expect(rows[0]!.text().split(/[\uff1b;]/)).toHaveLength(2);
    await page!.get("dialog .btn").trigger("click");
    await key("KeyX", { altKey: true });
    await page!.get("dialog input[value=unsolved]").setValue();
    await page!.get("[data-testid=confirm-close]").trigger("click");
    expect(session.of("close")).toMatchObject([{ conversation: "c1", reason: "unsolved", remark: "" }]);
    expect(session.of("show").at(-1)!.conversations).toEqual([]);
  });

  it("takes no key while it stands still, and tells of a stopped paste", async () => {
    const session = new FakeSession();
    await open(session);
    await box().trigger("paste");
    expect(session.of("blocked")).toMatchObject([{ item: "c1", field: "reply", kind: "paste" }]);
    await page!.setProps({ attempt: { ...attempt, phase: "paused" } });
    await nextTick();
    expect(box().element.disabled).toBe(true);
    await key("KeyS", { altKey: true });
    expect(session.of("send_order")).toEqual([]);
  });
});
