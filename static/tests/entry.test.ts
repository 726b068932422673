import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";
import { api } from "@/api/http";
import { lessons } from "@/api/lessons";
import type { Me, SiteView } from "@/api/types";
import { site } from "@/app/site";
import { i18n, loadMessages, setLanguage, translate } from "@/i18n";
import LogInForm from "@/server/LogInForm.vue";
import PracticePage from "@/server/PracticePage.vue";
import AppHeader from "@/ui/AppHeader.vue";

const loggedIn = (roles: Me["roles"], permissions: Me["permissions"]): void => {
  const me: Me = { account_id: "a", display_name: "某", role: roles[0]!, roles, permissions };
  site.value = { profile: "demo", site_name: "CCSS", version: "1", me, demo_roles: [] } as SiteView;
};
const routed = async (path: string) => {
  const empty = { template: "<p />" };
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: "/:rest(.*)*", component: empty, meta: { title: "" } }],
  });
  await router.push(path);
  return router;
};

describe("log-in", () => {
  const form = () => mount(LogInForm, { props: { busy: false }, global: { plugins: [i18n] } });

  it("by account sends name and password", async () => {
    const page = form();
    await page.get("[name=username]").setValue("wang");
    await page.get("[name=password]").setValue("geheim");
    await page.get("form").trigger("submit");
    expect(page.emitted("logIn")).toEqual([["wang", "geheim"]]);
  });

  it("by class sends no name unless it is the first time, and then wants the password twice", async () => {
    const page = form();
    await page.get("#log-in-class").trigger("click");
    await page.get("[name=class-code]").setValue("ABC123");
    await page.get("[name=number]").setValue(" 07 ");
    await page.get("[name=password]").setValue("abcd");
    await page.get("form").trigger("submit");
    const known = { class_code: "ABC123", number: "07", name: null, password: "abcd" };
    expect(page.emitted("pupil")).toEqual([[known]]);
    await page.get("[type=checkbox]").setValue(true);
    await page.get("[name=name]").setValue("赵新生");
    await page.get("[name=password-again]").setValue("abce");
    await page.get("form").trigger("submit");
    expect(page.emitted("pupil")).toHaveLength(1);
    expect(page.get("[role=alert]").text()).toBe("两次输入的密码不一致。");
    await page.get("[name=password-again]").setValue("abcd");
    await page.get("form").trigger("submit");
    expect(page.emitted("pupil")![1]).toEqual([{ ...known, name: "赵新生" }]);
  });
});

describe("header", () => {
  const nav = async (roles: Me["roles"], permissions: Me["permissions"]) => {
    loggedIn(roles, permissions);
    const plugins = [i18n, await routed("/")];
    return mount(AppHeader, { global: { plugins } })
      .findAll("nav a")
      .map((link) => link.attributes("href"));
  };
  it("offers what one may do", async () => {
    expect(await nav(["contestant"], ["practise"])).toEqual(["/practice"]);
    expect(await nav(["trainer"], ["practise", "teach", "see_hall_clock"])).toEqual([
      "/practice",
      "/classes",
      "/clock",
    ]);
    expect(await nav(["supervisor"], ["confirm_order", "see_hall_clock"])).toEqual(["/contests"]);
    expect(
      await nav(["organiser"], ["practise", "teach", "manage_contest", "manage_places", "manage_people"]),
    ).toEqual(["/practice", "/classes", "/contests", "/places", "/people"]);
  });
});

describe("a pupil in practice", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    sessionStorage.clear();
    loggedIn(["contestant"], ["practise"]);
    vi.spyOn(api, "papers").mockResolvedValue([]);
    vi.spyOn(api, "history").mockResolvedValue([]);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it("is taken to the lesson once, and finds the way back by the banner", async () => {
    const mine = vi.spyOn(lessons, "mine").mockResolvedValue(null);
    const router = await routed("/practice");
    const page = mount(PracticePage, { global: { plugins: [i18n, router] } });
    await flushPromises();
    expect(page.text()).not.toContain("正在上课");
    mine.mockResolvedValue("t9");
    await vi.advanceTimersByTimeAsync(5_600);
    await flushPromises();
    expect(router.currentRoute.value.path).toBe("/desk/t9");
    await router.push("/practice");
    await vi.advanceTimersByTimeAsync(11_000);
    expect(router.currentRoute.value.path).toBe("/practice");
    expect(page.get("#lesson-title").text()).toBe("正在上课");
    page.unmount();
  });
});

describe("parts of the texts", () => {
  afterEach(() => setLanguage("zh-CN"));
  it("come for the language shown, also when it changes later", async () => {
    expect(translate("clock.full")).toBe("clock.full");
    await loadMessages("clock");
    expect(translate("clock.full")).toBe("全屏");
    await setLanguage("en");
    expect(translate("clock.full")).toBe("Full screen");
    await loadMessages("place");
    expect(translate("place.enter")).toBe("Log in");
    expect(translate("problem.offline")).toContain("server");
  });
  it("that don't exist are an error", async () => {
    await expect(loadMessages("nowhere")).rejects.toThrow("nowhere");
  });
});
