import { mount } from "@vue/test-utils";
import { describe, expect, it } from "vitest";
import { i18n } from "@/i18n";
import FieldResult from "@/typing_test/FieldResult.vue";
import { describe as wordsOf, namesOf } from "@/typing_test/lines";
import type { FieldScore } from "@/typing_test/model";
import { stateOf, unfinished } from "@/typing_test/track";
import { translate } from "@/i18n";

const field: FieldScore = {
  key: "name",
  label: { "zh-CN": "客户姓名", en: "Name" },
  expected: "黄如新",
  alternative: null,
  typed: "黄茹新，x",
  expected_count: 3,
  correct_count: 2,
  surplus_count: 2,
  alignment: [
    { kind: "correct", text: "黄" },
    { kind: "surplus", text: "茹" },
    { kind: "missing", text: "如" },
    { kind: "correct", text: "新" },
    { kind: "ignored", text: "，" },
    { kind: "surplus", text: "x" },
  ],
  hint: "如果的如",
};
const render = (over: Partial<FieldScore> = {}) =>
  mount(FieldResult, { props: { field: { ...field, ...over } }, global: { plugins: [i18n] } });

describe("alignment", () => {
  it("marks every kind by its own element, not by colour alone", () => {
    const row = render();
    expect(row.findAll(".correct").map((one) => one.text())).toEqual(["黄", "新"]);
    expect(row.findAll("del.surplus").map((one) => one.text())).toEqual(["多：茹", "多：x"]);
    expect(row.findAll("ins.missing").map((one) => one.text())).toEqual(["漏：如"]);
    expect(row.find(".ignored").text()).toBe("，");
    expect(row.text()).toContain("2 / 3");
    expect(row.text()).toContain("如果的如");
  });

  it("spares a right field the explanations", () => {
    const row = render({
      typed: "黄如新",
      correct_count: 3,
      surplus_count: 0,
      alignment: [{ kind: "correct", text: "黄如新" }],
    });
    expect(row.text()).not.toContain("如果的如");
  });

  it("keeps the reading order of the characters", () => {
    const kinds = render().find(".line").element.children;
    expect([...kinds].map((one) => one.textContent!.replace(/^[多漏]： ?/, "")).join("")).toBe("黄茹如新，x");
  });
});

describe("time line", () => {
  const event = (type: string, payload: Record<string, unknown>) => ({
    seq: 1,
    type,
    at_ms: 0,
    stage_ms: 0,
    payload,
  });
  it("speaks of what happened in a teacher's words", () => {
    const names = namesOf(undefined);
    const say = (type: string, payload: Record<string, unknown>) =>
      wordsOf(event(type, payload), names, translate);
    expect(
      say("typing_test.player_acted", { item: "d1", act: "seek", position_ms: 9_000, to_ms: 6_000 }),
    ).toBe("d1：从 00:09 移到 00:06");
    expect(say("typing_test.field_saved", { item: "d1", field: "name", text: "王", composing: true })).toBe(
      "d1：name录入为“王”、输入法未上屏",
    );
    expect(
      say("typing_test.input_blocked", { item: "d1", field: "name", kind: "paste", length: 6 }),
    ).toContain("粘贴 6 字");
    expect(say("attempt.started", {})).toBeUndefined();
  });
});

describe("overview", () => {
  const text = { "zh-CN": "x", en: "" };
  const spec = { label: text, kind: "text" as const, max_length: 9, case_sensitive: true };
  const item = { id: "d1", title: text, scored: true, audio_sha256: "", media_type: "", duration_ms: 1 };
  const content = {
    title: text,
    instructions: text,
    fields: [
      { ...spec, key: "a" },
      { ...spec, key: "b" },
    ],
    items: [item],
    player: { max_plays: null, seek: "free" as const, back_step_ms: 1 },
    paste_allowed: false,
  };
  const record = (value: string) => ({ text: value, rev: 0, acked: "", composing: false, largest: 0 });
  it("tells unheard, begun and filled items apart, and lists what is empty", () => {
    expect(stateOf(item, content, {}, false)).toBe("unheard");
    expect(stateOf(item, content, {}, true)).toBe("working");
    const half = { "d1/a": record("x"), "d1/b": record(" ") };
    expect(stateOf(item, content, half, false)).toBe("working");
    expect(unfinished(content, half)[0]!.fields.map((one) => one.key)).toEqual(["b"]);
    expect(stateOf(item, content, { "d1/a": record("x"), "d1/b": record("y") }, true)).toBe("filled");
  });
});
