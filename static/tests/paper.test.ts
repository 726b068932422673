import { mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SiteView } from "@/api/types";
import { site } from "@/app/site";
import { i18n, loadMessages } from "@/i18n";
import PaperDialog from "@/server/bank/PaperDialog.vue";
import { bankApi } from "@/server/bank/api";
import type { PaperView, TaskBrief } from "@/server/bank/model";
import { teachApi } from "@/server/teach/api";

describe("a paper of the bank", () => {
  beforeEach(async () => {
    await loadMessages("bank", "teach", "console");
    vi.spyOn(teachApi, "shelf").mockResolvedValue([]);
    site.value = { me: { permissions: ["manage_papers"] } } as unknown as SiteView;
  });
  afterEach(() => (site.value = undefined));

  it("for a contest is closed for practice, and at once only after a second choice", async () => {
    const make = vi.spyOn(bankApi, "makePaper").mockResolvedValue({} as PaperView);
    const tasks = [
      { task_id: "t", title: { "zh-CN": "题", en: "" }, parts: 1, versions: 1, changed: false },
    ] as unknown as TaskBrief[];
    const dialog = mount(PaperDialog, { props: { tasks }, global: { plugins: [i18n] } });
    const chosen = () =>
      dialog
        .findAll<HTMLInputElement>("input[type=radio]")
        .filter(({ element }) => element.checked)
        .map(({ element }) => element.value);
    const go = dialog.get(".btn.primary");
    expect([chosen(), go.attributes("disabled")]).toEqual([["now"], undefined]);
    await dialog.get("select").setValue("contest");
    expect([chosen(), go.attributes("disabled")]).toEqual([["never"], undefined]);
    await dialog.get("input[value=now]").setValue(true);
    expect(go.attributes("disabled")).toBeDefined();
    await dialog.get("input[type=checkbox]").setValue(true);
    expect(go.attributes("disabled")).toBeUndefined();
    await dialog.get("input[value=never]").setValue(true);
    await dialog.get("input[value=now]").setValue(true);
    expect(go.attributes("disabled")).toBeDefined();
    await dialog.get("input[value=never]").setValue(true);
    await go.trigger("click");
    expect(make).toHaveBeenCalledWith(expect.objectContaining({ kind: "contest", visible_from_ms: null }));
  });
});
