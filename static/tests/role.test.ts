import { answers, asked, json, refusal } from "./answering";
import { flushPromises, mount } from "@vue/test-utils";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { h, ref, shallowRef } from "vue";
import { createMemoryHistory, createRouter, RouterView } from "vue-router";
import { i18n, loadMessages } from "@/i18n";
import type { RoleCallView, RoleDesk } from "@/telephony/role/api";
import RoleCallPage from "@/telephony/role/RoleCallPage.vue";
import RolePage from "@/telephony/role/RolePage.vue";
import { useTicks } from "@/telephony/role/ticks";

/** Devices and lines of the page, moved by the test. */
const media = vi.hoisted(() => ({
  refusal: undefined as string | undefined,
  phones: [] as { state: { value: string }; offers: (sdp: string) => Promise<string> }[],
  muted: [] as boolean[],
}));
vi.mock("@/media/devices", () => ({
  Microphone: class {
    stream = shallowRef<MediaStream>();
    refusal = ref<string>();
    opening = ref(false);
    label = ref("headset");
    live = { value: false };
    open(): Promise<void> {
      this.refusal.value = media.refusal;
      this.live.value = !media.refusal;
      return Promise.resolve();
    }
    mute(on: boolean): void {
      media.muted.push(on);
    }
    close(): void {
      this.live.value = false;
    }
  },
}));
vi.mock("@/media/softphone", () => ({
  Softphone: class {
    state = ref("idle");
    problem = shallowRef();
    silent = ref(false);
    constructor(
      _scope: string,
      _microphone: unknown,
      line: { offer(call: string, sdp: string, n: number): Promise<string> },
    ) {
      media.phones.push({ state: this.state, offers: (sdp) => line.offer("out1.1", sdp, 1) });
    }
    connected = false;
    connect(): void {
      // As the real one: the same call again does nothing.
      if (!this.connected) this.state.value = "connecting";
      this.connected = true;
    }
    end(): void {
      this.state.value = "idle";
    }
    dispose(): void {
      this.end();
    }
  },
}));

const text = (zh: string) => ({ "zh-CN": zh, en: "" });
const desk = (more: Partial<RoleDesk> = {}): RoleDesk => ({
  card: {
    title: text("续费回访"),
    profile: "老顾客，嫌贵",
    opening: "喂，哪位？",
    prompts: [
      { id: "p1", title: text("价格"), text: "怎么又涨价了" },
      { id: "p2", title: text("时间"), text: "我现在忙" },
    ],
    rule: "对方说清两项优惠就答应",
  },
  phase: "dialling",
  answered_ms: null,
  ends_by_ms: null,
  outcome: null,
  now_ms: 1_000_000,
  ...more,
});
const talking = (more: Partial<RoleDesk> = {}): RoleDesk =>
  desk({ phase: "talking", answered_ms: 990_000, ends_by_ms: 1_590_000, ...more });
const waiting = (more: Partial<RoleCallView> = {}): RoleCallView => ({
  attempt_id: "a1",
  call_id: "out1.1",
  title: text("续费回访"),
  place: "",
  since_ms: 985_000,
  taken: false,
  mine: false,
  now_ms: 1_000_000,
  ...more,
});

const DESK = "GET /api/v1/role/calls/a1/out1.1";
const ACTS = "POST /api/v1/role/calls/a1/out1.1/acts";
const router = createRouter({
  history: createMemoryHistory(),
  routes: [
    { path: "/role/:attemptId/:callId", component: RoleCallPage, props: true },
    { path: "/:rest(.*)*", component: { template: "<i/>" } },
  ],
});
const global = { plugins: [i18n, router] };

async function mounted() {
  await router.push("/");
  await router.push("/role/a1/out1.1");
  return mount({ render: () => h(RouterView) }, { global });
}

beforeAll(async () => loadMessages("voice"));
beforeEach(() => {
  answers.clear();
  asked.length = 0;
  media.phones.length = 0;
  media.muted.length = 0;
  media.refusal = undefined;
  sessionStorage.clear();
  vi.stubGlobal("confirm", () => true);
});

async function open(first: RoleDesk) {
  answers.set(DESK, () => json(first));
  answers.set(ACTS, () => json(null, 204));
  const shown = await mounted();
  await vi.waitFor(() => expect(shown.text()).toContain("老顾客，嫌贵"));
  const button = (words: string) => shown.findAll("button").find((one) => one.text() === words)!;
  return { page: shown, button };
}
const acts = (): unknown[] => asked.filter(({ key }) => key === ACTS).map(({ body }) => body);

describe("waiting calls", () => {
  it("stand with the one's own first, then who waits longest; taken ones can't be opened", async () => {
    answers.set("GET /api/v1/role/calls", () =>
      json([
        waiting({ call_id: "out1.3", since_ms: 999_000, title: text("丙") }),
        waiting({ call_id: "out1.2", taken: true, title: text("乙"), since_ms: 900_000 }),
        waiting({ title: text("甲"), taken: true, mine: true }),
      ]),
    );
    const page = mount(RolePage, { global });
    await vi.waitFor(() => expect(page.findAll("li")).toHaveLength(3));
    expect(page.findAll("li strong").map((one) => one.text())).toEqual(["甲", "乙", "丙"]);
    expect(page.findAll("li a").map((one) => one.attributes("href"))).toEqual([
      "/role/a1/out1.1",
      "/role/a1/out1.3",
    ]);
    expect(page.text()).toContain("已等待 00:15");
    page.unmount();
  });

  it("say that there are none, and that they could not be fetched", async () => {
    answers.set("GET /api/v1/role/calls", () => json([]));
    const none = mount(RolePage, { global });
    await vi.waitFor(() => expect(none.text()).toContain("现在没有等待接听的电话"));
    none.unmount();
    answers.set("GET /api/v1/role/calls", () => refusal("not-permitted", 403));
    const refused = mount(RolePage, { global });
    await vi.waitFor(() => expect(refused.text()).toContain("没有权限"));
    refused.unmount();
  });
});

describe("a call", () => {
  it("is answered when sound can pass, not before", async () => {
    const { page, button } = await open(desk());
    await button("接听").trigger("click");
    await flushPromises();
    expect(acts()).toEqual([]);
    expect(page.text()).toContain("正在接通");
    answers.set(DESK, () => json(talking()));
    media.phones[0]!.state.value = "up";
    await vi.waitFor(() => expect(page.text()).toContain("通话中"));
    expect(acts()).toEqual([{ act: "answer" }]);
    expect(page.get("[role=timer]").text()).toContain("00:10");
    expect(page.get("[role=timer]").text()).toContain("剩 09:50");
    page.unmount();
  });

  it("is answered by a second try when the server did not take the first", async () => {
    const { page, button } = await open(desk());
    answers.set(ACTS, () => refusal("media-away", 503));
    await button("接听").trigger("click");
    await flushPromises();
    media.phones[0]!.state.value = "up";
    await vi.waitFor(() => expect(button("接听").attributes("disabled")).toBeUndefined());
    expect(acts()).toHaveLength(1);
    answers.set(ACTS, () => json(null, 204));
    answers.set(DESK, () => json(talking()));
    await button("接听").trigger("click");
    await vi.waitFor(() => expect(page.text()).toContain("通话中"));
    expect(acts()).toHaveLength(2);
    page.unmount();
  });

  it("is not answered without a microphone, and says what helps", async () => {
    media.refusal = "refused";
    const { page, button } = await open(desk());
    await button("接听").trigger("click");
    await flushPromises();
    expect(page.get("[role=alert]").text()).toContain("没有允许使用麦克风");
    expect(media.phones[0]!.state.value).toBe("idle");
    expect(button("接听").attributes("disabled")).toBeUndefined();
    page.unmount();
  });

  it("hands the line's offer to the server", async () => {
    answers.set("POST /api/v1/role/calls/a1/out1.1/connection", () => json({ sdp: "answer" }));
    const { page } = await open(desk());
    expect(await media.phones[0]!.offers("v=0")).toBe("answer");
    expect(asked.at(-1)!.body).toEqual({ sdp: "v=0", connection: 1 });
    page.unmount();
  });

  it("is taken up again after a reload", async () => {
    const { page } = await open(talking());
    await vi.waitFor(() => expect(media.phones[0]!.state.value).toBe("connecting"));
    media.phones[0]!.state.value = "up";
    await flushPromises();
    expect(acts()).toEqual([]);
    page.unmount();
  });

  it("has an outcome before it is hung up, or asks", async () => {
    const { page, button } = await open(talking());
    await button("挂断").trigger("click");
    expect(page.text()).toContain("还没有选择结果");
    expect(acts()).toEqual([]);
    await page
      .findAll("dialog button")
      .find((one) => one.text() === "先选结果")!
      .trigger("click");
    answers.set(DESK, () => json(talking({ outcome: "deal" })));
    await button("成交").trigger("click");
    await vi.waitFor(() => expect(acts()).toEqual([{ act: "outcome", outcome: "deal" }]));
    await flushPromises();
    await button("挂断").trigger("click");
    await vi.waitFor(() => expect(acts().at(-1)).toEqual({ act: "hang_up" }));
    await vi.waitFor(() => expect(page.text()).toContain("这通电话已经结束"));
    expect(page.text()).toContain("成交");
    page.unmount();
  });

  it("ends when the other side hangs up, and when somebody else has it", async () => {
    const { page, button } = await open(talking());
    answers.set(DESK, () => refusal("call-over", 410));
    answers.set(ACTS, () => refusal("call-over", 410));
    await button("意向").trigger("click");
    await vi.waitFor(() => expect(page.text()).toContain("这通电话已经结束"));
    page.unmount();
    answers.set(DESK, () => refusal("call-taken", 409));
    const other = await mounted();
    await vi.waitFor(() => expect(other.text()).toContain("已由别人接听"));
    other.unmount();
  });

  it("can be muted by a key", async () => {
    const { page, button } = await open(talking());
    dispatchEvent(new KeyboardEvent("keydown", { key: "m" }));
    await flushPromises();
    expect(media.muted).toEqual([true]);
    await button("取消静音").trigger("click");
    expect(media.muted).toEqual([true, false]);
    page.unmount();
  });
});

describe("leaving", () => {
  it("is asked about while the call is up, and not before", async () => {
    const asks = vi.fn(() => false);
    vi.stubGlobal("confirm", asks);
    const ringing = await open(desk());
    await router.push("/");
    expect(asks).not.toHaveBeenCalled();
    ringing.page.unmount();
    const { page } = await open(talking());
    await router.push("/");
    expect(asks).toHaveBeenCalledOnce();
    expect(router.currentRoute.value.path).toBe("/role/a1/out1.1");
    asks.mockReturnValue(true);
    page.unmount();
  });
});

describe("prompts", () => {
  it("are ticked off for this tab alone, and kept over a reload", async () => {
    const { page } = await open(talking());
    await page.findAll("input[type=checkbox]")[1]!.setValue(true);
    expect(page.text()).toContain("已提 1 / 2");
    page.unmount();
    expect([...useTicks("a1.out1.1").ticked.value]).toEqual(["p2"]);
    expect(asked.every(({ key }) => key.startsWith("GET"))).toBe(true);
    sessionStorage.setItem("ccss.role.x", "{");
    expect([...useTicks("x").ticked.value]).toEqual([]);
  });
});
