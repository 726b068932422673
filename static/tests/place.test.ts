import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";
import NextStage from "@/agents/place/NextStage.vue";
import PlacePage from "@/agents/place/PlacePage.vue";
import { place } from "@/agents/place/api";
import { nextAttempt } from "@/agents/place/next";
import { ApiProblem } from "@/api/http";
import { homeOf } from "@/app/site";
import type { Me, PlaceView, StageView } from "@/api/types";
import { i18n, loadMessages } from "@/i18n";

const text = (zh: string) => ({ "zh-CN": zh, en: "" });
const stage = (over: Partial<StageView>): StageView => ({
  stage_id: "s1",
  position: 0,
  module: "typing_test",
  module_title: text("文字录入"),
  title: text("文字录入"),
  paper_id: null,
  phase: "not_open",
  planned_ms: null,
  duration_ms: 600_000,
  starts_ms: null,
  armed_ms: null,
  started_ms: null,
  closed_ms: null,
  ...over,
});
const view = (over: Partial<PlaceView>): PlaceView => ({
  label: "A-07",
  contest_title: text("省赛"),
  ticket_number: "017",
  mine: false,
  server_ms: 1,
  attempt_id: null,
  attempt_phase: null,
  timetable: [stage({})],
  announcements: [],
  ...over,
});
const refusal = (status: number, detail: string, retry = false): ApiProblem =>
  new ApiProblem({ code: "conflict", status, detail, retry });

async function open(path: string) {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: "/place/:seatId?", component: PlacePage, props: true, meta: { title: "" } },
      { path: "/desk/:attemptId", component: { template: "<p />" }, meta: { title: "" } },
    ],
  });
  await router.push(path);
  const app = mount(
    { template: "<RouterView />" },
    { global: { plugins: [i18n, router] }, attachTo: document.body },
  );
  await flushPromises();
  return { app, router };
}

describe("the place", () => {
  let apps: { unmount(): void }[] = [];
  const start = async (path: string) => {
    const made = await open(path);
    apps.push(made.app);
    return made;
  };
  beforeEach(async () => {
    await loadMessages("place");
    vi.useFakeTimers();
  });
  afterEach(() => {
    for (const app of apps) app.unmount();
    apps = [];
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it("is bound by its link once, and then says where it is and who sits here", async () => {
    const bind = vi.spyOn(place, "bind").mockResolvedValue(view({}));
    vi.spyOn(place, "view").mockResolvedValue(view({}));
    const { app, router } = await start("/place/s07");
    expect(bind).toHaveBeenCalledWith("s07");
    expect(router.currentRoute.value.path).toBe("/place");
    expect(app.get("[data-testid=label]").text()).toBe("A-07");
    expect(app.get("[data-testid=ticket]").text()).toBe("017");
    expect(document.activeElement).toBe(app.get("input").element);
  });

  it("stops a wrong ticket with the server's words, and lets it be typed over", async () => {
    vi.spyOn(place, "view").mockResolvedValue(view({}));
    const sit = vi.spyOn(place, "sitDown").mockRejectedValue(refusal(409, "应坐 A-07"));
    const { app } = await start("/place");
    await app.get("input").setValue("０２１ ");
    await app.get("form").trigger("submit");
    await flushPromises();
    expect(sit).toHaveBeenCalledWith("021");
    expect(app.get("[role=alert]").text()).toBe("应坐 A-07");
  });

  it("goes to the desk as soon as an attempt is armed", async () => {
    const look = vi.spyOn(place, "view").mockResolvedValue(view({ mine: true }));
    const { app, router } = await start("/place");
    expect(app.find("input").exists()).toBe(false);
    expect(app.text()).toContain("请等待本环节开放");
    look.mockResolvedValue(view({ mine: true, attempt_id: "t1", attempt_phase: "armed" }));
    await vi.advanceTimersByTimeAsync(6_100);
    await flushPromises();
    expect(router.currentRoute.value.path).toBe("/desk/t1");
    const asked = look.mock.calls.length;
    await vi.advanceTimersByTimeAsync(20_000);
    expect(look.mock.calls.length).toBe(asked);
  });

  it("keeps its picture while the server is away, and explains a machine without a place", async () => {
    const look = vi.spyOn(place, "view").mockResolvedValue(view({}));
    const { app } = await start("/place");
    look.mockRejectedValue(refusal(0, "", true));
    await vi.advanceTimersByTimeAsync(6_100);
    expect(app.get("[data-testid=label]").text()).toBe("A-07");
    expect(app.text()).toContain("连接中断");
    look.mockRejectedValue(refusal(404, ""));
    await vi.advanceTimersByTimeAsync(6_100);
    expect(app.find("[data-testid=label]").exists()).toBe(false);
    expect(app.text()).toContain("赛位快捷方式");
  });

  it("after a hand-in it goes to the next attempt, never back to the same", async () => {
    const look = vi.spyOn(place, "view").mockResolvedValue(
      view({
        mine: true,
        attempt_id: "t1",
        attempt_phase: "closed",
        timetable: [stage({ phase: "closed" }), stage({ stage_id: "s2", title: text("语音服务") })],
      }),
    );
    const router = createRouter({
      history: createMemoryHistory(),
      routes: [{ path: "/:rest(.*)*", component: { template: "<p />" }, meta: { title: "" } }],
    });
    await router.push("/desk/t1");
    const app = mount(NextStage, { props: { attemptId: "t1" }, global: { plugins: [i18n, router] } });
    apps.push(app);
    await flushPromises();
    expect(app.text()).toContain("下一环节：语音服务");
    look.mockResolvedValue(view({ mine: true, attempt_id: "t1", attempt_phase: "running" }));
    await vi.advanceTimersByTimeAsync(6_100);
    expect(router.currentRoute.value.path).toBe("/desk/t1");
    look.mockResolvedValue(view({ mine: true, attempt_id: "t2", attempt_phase: "armed" }));
    await vi.advanceTimersByTimeAsync(6_100);
    await flushPromises();
    expect(router.currentRoute.value.path).toBe("/desk/t2");
  });

  it("knows which attempt to go to", () => {
    expect(nextAttempt(undefined)).toBeUndefined();
    expect(nextAttempt(view({ mine: false, attempt_id: "t", attempt_phase: "running" }))).toBeUndefined();
    expect(nextAttempt(view({ mine: true, attempt_id: "t", attempt_phase: "closed" }))).toBeUndefined();
    for (const phase of ["armed", "running", "paused"] as const)
      expect(nextAttempt(view({ mine: true, attempt_id: "t", attempt_phase: phase }))).toBe("t");
  });
});

describe("the first page of each", () => {
  const me = (role: Me["role"], permissions: Me["permissions"], contest_id: string | null = null): Me => ({
    account_id: "a",
    display_name: "某",
    role,
    roles: [role],
    permissions,
    contest_id,
  });
  it("follows from what one may do", () => {
    expect(homeOf(me("contestant", [], "c1"))).toBe("/place");
    expect(homeOf(me("contestant", ["practise"]))).toBe("/practice");
    expect(homeOf(me("trainer", ["practise", "teach", "answer_help", "see_hall_clock"]))).toBe("/classes");
    expect(homeOf(me("organiser", ["practise", "teach", "manage_contest", "watch_hall"]))).toBe("/contests");
    expect(homeOf(me("technician", ["manage_places", "watch_hall"]))).toBe("/contests");
    expect(homeOf(me("audience", ["see_hall_clock"]))).toBe("/clock");
    expect(homeOf(me("encryption_referee", ["see_hall_clock"]))).toBe("/clock");
  });
});
