import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import HallScreen from "@/agents/clock/HallScreen.vue";
import { halls } from "@/agents/clock/api";
import { faceOf } from "@/agents/clock/face";
import { ApiProblem } from "@/api/http";
import type { HallClock } from "@/api/types";
import { i18n, loadMessages } from "@/i18n";

const T = 1_700_000_000_000;
const view = (over: Partial<HallClock>): HallClock => ({
  contest_title: { "zh-CN": "省赛", en: "" },
  server_ms: T,
  stage_title: { "zh-CN": "文字录入", en: "" },
  phase: "running",
  starts_ms: null,
  planned_ms: null,
  ends_ms: T + 90_000,
  left_ms: 90_000,
  paused: false,
  running: 30,
  finished: 2,
  total: 40,
  timetable: [],
  ...over,
});

describe("the hall's clock", () => {
  it("says what each state means", () => {
    expect(faceOf(view({}), T)).toEqual({ kind: "running", target: T + 90_000 });
    expect(faceOf(view({}), T + 90_000).kind).toBe("over");
    expect(faceOf(view({ paused: true, ends_ms: null }), T)).toEqual({ kind: "paused", still: 90_000 });
    expect(faceOf(view({ phase: "scheduled", starts_ms: T + 5 }), T)).toEqual({
      kind: "starting",
      target: T + 5,
    });
    expect(faceOf(view({ phase: "armed" }), T)).toEqual({ kind: "waiting", still: 90_000 });
    expect(faceOf(view({ phase: null }), T).kind).toBe("none");
    expect(faceOf(view({ phase: "closed" }), T).kind).toBe("closed");
  });

  describe("on the wall", () => {
    beforeEach(async () => {
      await loadMessages("clock");
      vi.useFakeTimers();
    });
    afterEach(() => {
      vi.restoreAllMocks();
      vi.useRealTimers();
    });

    it("counts by the server's clock, also while the server is away", async () => {
      document.documentElement.dataset.theme = "light";
      const ask = vi.spyOn(halls, "clock").mockResolvedValue(view({}));
      const app = mount(HallScreen, {
        props: { contestId: "c1" },
        global: { plugins: [i18n], stubs: { RouterLink: true } },
      });
      await flushPromises();
      expect(document.documentElement.dataset.theme).toBe("dark");
      expect(app.get("[data-testid=figures]").text()).toBe("01:30");
      expect(app.text()).toContain("作答中");
      ask.mockRejectedValue(new ApiProblem({ code: "offline", status: 0, retry: true, detail: "" }));
      await vi.advanceTimersByTimeAsync(40_000);
      expect(app.get("[data-testid=figures]").text()).toBe("00:50");
      expect(app.get("[data-testid=figures]").classes()).toContain("urgent");
      expect(app.text()).toContain("连接中断");
      app.unmount();
      expect(document.documentElement.dataset.theme).toBe("light");
    });
  });
});
