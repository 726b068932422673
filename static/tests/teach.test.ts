import { mount } from "@vue/test-utils";
import { describe, expect, it } from "vitest";
import { i18n, loadMessages } from "@/i18n";
import ItemChoice from "@/server/teach/ItemChoice.vue";
import {
  boxOf,
  classOf,
  lessonBody,
  lessonsOf,
  msOfBox,
  rate,
  shareMinutes,
  trendOf,
  validMinutes,
  visibilityOf,
} from "@/server/teach/figures";
import type { AttemptBrief, ClassView, ContestView, LessonOffer } from "@/server/teach/model";

const text = { "zh-CN": "x", en: "" };
const offer: LessonOffer = {
  paper_id: "p",
  module: "typing_test",
  module_title: text,
  title: text,
  duration_ms: 30 * 60_000,
  parts: ["d1", "d2", "d3"].map((id) => ({ id, title: { "zh-CN": id, en: "" } })),
};
const round = (marks: string | null, max_marks: string | null = "10") =>
  ({ marks, max_marks }) as AttemptBrief;
const contest = (contest_id: string, over: Partial<ContestView>) =>
  ({ contest_id, kind: "lesson", class_id: "k", created_ms: 1, ...over }) as ContestView;

describe("history", () => {
  it("counts only rounds with marks", () => {
    expect([rate(round("7.5")), rate(round(null)), rate(round("0", "0")), rate(round("0"))]).toEqual([
      75,
      null,
      null,
      0,
    ]);
  });

  it("draws the newest rounds from old to new", () => {
    expect(trendOf([round("9"), round(null), round("5"), round("1")], 2)).toEqual([50, 90]);
  });
});

describe("a class", () => {
  it("has its own lessons, newest first", () => {
    const all = [
      contest("old", {}),
      contest("other", { class_id: "z" }),
      contest("contest", { kind: "contest" }),
      contest("new", { created_ms: 2 }),
    ];
    expect(lessonsOf(all, "k").map((one) => one.contest_id)).toEqual(["new", "old"]);
  });

  it("is found by its id", () => {
    const classes = [{ class_id: "k" } as ClassView];
    expect(classOf(classes, "k")).toBe(classes[0]);
    expect(classOf(undefined, "k")).toBeUndefined();
  });
});

describe("a lesson", () => {
  it("names its items in the paper's order, and none where all are meant", () => {
    expect(lessonBody(offer, new Set(["d3", "d1", "gone"]), 12.5, " 第一课 ")).toEqual({
      paper_id: "p",
      parts: ["d1", "d3"],
      duration_ms: 750_000,
      title: "第一课",
    });
    expect(lessonBody(offer, new Set(["d1", "d2", "d3"]), 30, " ")).toMatchObject({ parts: [], title: null });
  });

  it("takes a share of the paper's time", () => {
    expect([0, 1, 2, 3].map((n) => shareMinutes(offer, n))).toEqual([0, 10, 20, 30]);
    expect(shareMinutes({ ...offer, parts: [] }, 0)).toBe(0);
  });

  it("lasts minutes that make sense", () => {
    expect([0, -1, Number.NaN, 241, 0.5, 240].map(validMinutes)).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  it("lets the trainer tick all, none, or one", async () => {
    await loadMessages("teach");
    const box = mount(ItemChoice, {
      props: {
        offer,
        modelValue: new Set(["d1"]),
        "onUpdate:modelValue": (modelValue: ReadonlySet<string>) => box.setProps({ modelValue }),
      },
      global: { plugins: [i18n] },
    });
    const [all, none] = box.findAll("button");
    await all!.trigger("click");
    expect(box.find("[data-testid=chosen]").text()).toContain("3 / 3");
    await box.findAll("input")[1]!.setValue(false);
    expect([...box.props("modelValue")]).toEqual(["d1", "d3"]);
    await none!.trigger("click");
    expect(box.props("modelValue").size).toBe(0);
  });
});

describe("papers", () => {
  it("are open from their moment on", () => {
    const at = (visible_from_ms: number | null) => visibilityOf({ visible_from_ms }, 100);
    expect([at(null), at(101), at(100), at(1)]).toEqual(["never", "later", "now", "now"]);
  });

  it("take and give local time to the minute", () => {
    const ms = new Date(2026, 2, 9, 8, 5).getTime();
    expect(boxOf(ms)).toBe("2026-03-09T08:05");
    expect(msOfBox("2026-03-09T08:05")).toBe(ms);
    expect([msOfBox(""), msOfBox("x")]).toEqual([undefined, undefined]);
  });
});
