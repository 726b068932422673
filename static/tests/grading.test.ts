import { beforeEach, describe, expect, it } from "vitest";
import type { WorkBrief } from "@/grading/api";
import { chosen, neighbours, remember, seenRevisions, size, standing } from "@/grading/works";

const work = (code: string, changes: Partial<WorkBrief> = {}): WorkBrief => ({
  work_code: code,
  revision: 1,
  stage_code: "STAGE001",
  stage_number: 1,
  module: "typing_test",
  module_title: { "zh-CN": "听打录入", en: "" },
  failed: false,
  marks: "9.83",
  max_marks: "10",
  marks_before: null,
  criteria: [],
  ...changes,
});

beforeEach(() => localStorage.clear());

describe("what has been looked at", () => {
  it("a work is new, seen, and changed after a later revision", () => {
    expect(standing(work("A"), seenRevisions())).toBe("new");
    remember("A", 1);
    expect(standing(work("A"), seenRevisions())).toBe("seen");
    expect(standing(work("A", { revision: 2 }), seenRevisions())).toBe("changed");
  });

  it("a store that holds rubbish counts as empty", () => {
    localStorage.setItem("ccss.grading.seen", "{");
    expect(seenRevisions()).toEqual({});
  });
});

describe("the list", () => {
  const works = [work("AB12"), work("AB34", { stage_code: "STAGE002" }), work("CD56", { failed: true })];
  const codes = (filter: object): string[] =>
    chosen(works, { word: "", stage: "", only: "", ...filter }, { AB12: 1 }).map((one) => one.work_code);

  it("is filtered by code, stage and standing", () => {
    expect(codes({ word: " ab" })).toEqual(["AB12", "AB34"]);
    expect(codes({ stage: "STAGE002" })).toEqual(["AB34"]);
    expect(codes({ only: "new" })).toEqual(["AB34", "CD56"]);
    expect(codes({ only: "failed" })).toEqual(["CD56"]);
  });

  it("knows who stands before and after", () => {
    expect(neighbours(works, "AB34")).toEqual({ before: "AB12", after: "CD56", number: 2 });
    expect(neighbours(works, "AB12").before).toBeUndefined();
    expect(neighbours(works, "CD56").after).toBeUndefined();
    expect(neighbours(works, "????")).toEqual({ before: undefined, after: undefined, number: 0 });
  });
});

it("sizes are told in the unit that fits", () => {
  expect([size(12), size(2_048), size(3_500_000)]).toEqual(["12 B", "2.0 KB", "3.3 MB"]);
});
