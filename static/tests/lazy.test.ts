import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick, shallowRef } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import type { AttemptView, ProblemBody } from "@/api/types";
import App from "@/app/App.vue";
import WaitingScreen from "@/exam/WaitingScreen.vue";
import type { SeatSession } from "@/exam/session";
import * as words from "@/i18n";
import { keyHelpOpen } from "@/ui/keys/registry";
import { problem } from "./support";

vi.mock("@/i18n", async (original) => {
  const real = await original<typeof words>();
  return { ...real, loadMessages: vi.fn(real.loadMessages) };
});
const loading = vi.mocked(words.loadMessages);
const { i18n } = words;
const away = new TypeError("Failed to fetch dynamically imported module");

beforeEach(() => void loading.mockClear());
afterEach(() => {
  keyHelpOpen.value = false;
  document.body.innerHTML = "";
});

describe("the overview of keys", () => {
  it("is not open when it can't be fetched, and is fetched again when asked for again", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const router = createRouter({
      history: createMemoryHistory(),
      routes: [{ path: "/", component: { template: "<p />" }, meta: { title: "title.home" } }],
    });
    await router.push("/");
    const failed = vi.fn();
    const app = mount(App, { global: { plugins: [router, i18n], config: { errorHandler: failed } } });
    loading.mockRejectedValueOnce(away);
    keyHelpOpen.value = true;
    await vi.waitFor(() => expect(keyHelpOpen.value).toBe(false), 10_000);
    expect(app.find("dialog").exists()).toBe(false);
    keyHelpOpen.value = true;
    await vi.waitFor(() => expect(app.find("dialog").exists()).toBe(true), 10_000);
    app.unmount();
  }, 20_000);
});

describe("the waiting screen", () => {
  const attempt = {
    module: "typing_test",
    module_title: { "zh-CN": "听打", en: "" },
    paper_title: { "zh-CN": "卷", en: "" },
    limit_ms: 300_000,
    progress: { total: 1 },
    contest_kind: "contest",
    starts_ms: null,
    rules_acknowledged: false,
    delayed: false,
    device: { mark: "untested", faults: [], checked_ms: null },
  } as unknown as AttemptView;

  it("offers the device check again when it could not be fetched, and has the keys fetched ahead", async () => {
    const refusal = shallowRef<ProblemBody>();
    const session = {
      refusal,
      clock: { known: true, now: () => 0 },
      send: vi.fn(),
    } as unknown as SeatSession;
    loading.mockImplementation((part) =>
      part === "device" ? Promise.reject(away) : Promise.resolve(undefined),
    );
    const screen = mount(WaitingScreen, { props: { session, attempt }, global: { plugins: [i18n] } });
    await vi.waitFor(() => expect(screen.find(".away").exists()).toBe(true), 10_000);
    await vi.waitFor(() => expect(loading).toHaveBeenCalledWith("keys"), 10_000);
    loading.mockResolvedValue(undefined);
    await screen.get(".away button").trigger("click");
    await vi.waitFor(() => expect(screen.find("[data-testid=device]").exists()).toBe(true), 10_000);
    screen.unmount();
  }, 30_000);

  it("counts customers and asks for no headphones where there is no sound", () => {
    const session = { refusal: shallowRef(), clock: { known: true, now: () => 0 }, send: vi.fn() };
    const shown = (module: string) => {
      const props = { session: session as unknown as SeatSession, attempt: { ...attempt, module } };
      const screen = mount(WaitingScreen, { props, global: { plugins: [i18n] } });
      const text = screen.text();
      screen.unmount();
      return text;
    };
    expect(shown("chat_sim")).toContain(i18n.global.t("waiting.customers"));
    expect(shown("chat_sim")).toContain(i18n.global.t("waiting.noSound"));
    expect(shown("chat_sim")).not.toContain(i18n.global.t("waiting.headphones"));
    expect(shown("typing_test")).toContain(i18n.global.t("waiting.parts"));
    expect(shown("typing_test")).toContain(i18n.global.t("waiting.headphones"));
  });

  it("says nothing of a report on its way once that was refused", async () => {
    const { default: DevicePanel } = await import("@/exam/device/DevicePanel.vue");
    const refusal = shallowRef<ProblemBody>();
    const panel = mount(DevicePanel, {
      props: { session: { refusal } as unknown as SeatSession, attempt },
      global: {
        plugins: [i18n],
        stubs: { DeviceCheck: { emits: ["sent"], template: "<i @click=\"$emit('sent')\" />" } },
      },
    });
    await panel.get("button").trigger("click");
    await panel.get("i").trigger("click");
    const before = panel.get("[role=status]").html();
    refusal.value = problem("invalid", 422);
    await nextTick();
    await flushPromises();
    expect(before).not.toContain("warn");
    expect(panel.get("[role=status]").html()).toContain("warn");
  });
});
