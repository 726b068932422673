import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";
import { ApiProblem } from "@/api/http";
import type { SiteView } from "@/api/types";
import { site } from "@/app/site";
import { i18n, loadMessages } from "@/i18n";
import TaskPage from "@/server/bank/TaskPage.vue";
import { bankApi } from "@/server/bank/api";
import { keepMirror, mirrorOf } from "@/server/bank/mirror";
import type { TaskView } from "@/server/bank/model";

const away = new ApiProblem({ code: "offline", status: 0, retry: true, detail: "" });
const titled = (zh: string) => ({ title: { "zh-CN": zh, en: "" } });
const view = (revision: number, draft: object): TaskView =>
  ({
    task_id: "t1",
    // A module without an editor: the frame alone.
    module: "none",
    title: { "zh-CN": "题", en: "" },
    folder: "",
    tags: { standard: "", knowledge: [], difficulty: "middle" },
    shared: false,
    own: true,
    deleted_ms: null,
    revision,
    draft,
    faults: 0,
    fault_list: [],
    found: [],
    history: [],
    versions: 0,
    changed: true,
  }) as unknown as TaskView;

async function opened() {
  const page = { template: "<p>elsewhere</p>" };
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: "/bank", component: page },
      { path: "/bank/:taskId", component: TaskPage, props: true },
      { path: "/bank/:taskId/preview", component: page },
    ],
  });
  await router.push("/bank/t1");
  const app = mount(
    { template: "<RouterView />" },
    {
      global: {
        plugins: [router, i18n],
        stubs: { AppHeader: true, FaultList: true, TaskMeta: true, StateTag: true },
      },
      attachTo: document.body,
    },
  );
  await vi.waitFor(() => expect(app.find("#task-title").exists()).toBe(true));
  return { router, app, at: () => router.currentRoute.value.path };
}

describe("a task's page", () => {
  const change = vi.spyOn(bankApi, "change");
  const task = vi.spyOn(bankApi, "task");
  let app: Awaited<ReturnType<typeof opened>>["app"] | undefined;
  beforeEach(async () => {
    await loadMessages("bank");
    localStorage.clear();
    site.value = { me: { permissions: ["author_tasks"] } } as unknown as SiteView;
    task.mockImplementation(() => Promise.resolve(view(3, titled("题"))));
    change.mockRejectedValue(away);
  });
  afterEach(() => {
    app?.unmount();
    site.value = undefined;
  });
  const button = (words: string) => app!.findAll("button").find((one) => one.text() === words)!;

  it("asks before what can't be saved is left, stays, and leaves when told to", async () => {
    const page = await opened();
    app = page.app;
    await app.get("#task-title").setValue("新题");
    const going = page.router.push("/bank");
    await flushPromises();
    expect([page.at(), app.text()]).toEqual(["/bank/t1", expect.stringContaining("有修改没有保存")]);
    await button("留在这里").trigger("click");
    await going;
    expect(page.at()).toBe("/bank/t1");
    const again = page.router.push("/bank/t2");
    await flushPromises();
    expect(page.at()).toBe("/bank/t1");
    await button("不保存，离开").trigger("click");
    await flushPromises();
    await again;
    expect(page.at()).toBe("/bank/t2");
  });

  it("asks when the window is closed, in old browsers too", async () => {
    const page = await opened();
    app = page.app;
    const close = () => {
      const event = new Event("beforeunload", { cancelable: true }) as BeforeUnloadEvent;
      Object.defineProperty(event, "returnValue", { value: "", writable: true });
      dispatchEvent(event);
      return [event.defaultPrevented, !!event.returnValue];
    };
    expect(close()).toEqual([false, false]);
    await app.get("#task-title").setValue("新题");
    expect(close()).toEqual([true, true]);
  });

  it("leaves without a question when all is saved", async () => {
    change.mockImplementation((_id, { draft }) => Promise.resolve(view(4, draft!)));
    const page = await opened();
    app = page.app;
    await app.get("#task-title").setValue("新题");
    expect(mirrorOf("t1")?.body.draft).toEqual(titled("新题"));
    await page.router.push("/bank");
    expect([page.at(), mirrorOf("t1")]).toEqual(["/bank", undefined]);
  });

  it("does not go to the preview of what is not saved", async () => {
    const page = await opened();
    app = page.app;
    await app.get("#task-title").setValue("新题");
    await button("预览").trigger("click");
    await flushPromises();
    expect(page.at()).toBe("/bank/t1");
    expect(app.get("[role=alert].failed").text()).toContain("预览看不到");
  });

  it("offers back what was typed on the same revision, and saves it", async () => {
    const first = await opened();
    await first.app.get("#task-title").setValue("没存上");
    first.app.unmount();
    change.mockImplementation((_id, { draft }) => Promise.resolve(view(4, draft!)));
    const page = await opened();
    app = page.app;
    expect(app.get<HTMLInputElement>("#task-title").element.value).toBe("题");
    await button("取回没保存的内容").trigger("click");
    expect(app.get<HTMLInputElement>("#task-title").element.value).toBe("没存上");
    await page.router.push("/bank");
    expect(change.mock.lastCall).toMatchObject(["t1", { seen: 3, draft: titled("没存上") }]);
    expect(mirrorOf("t1")).toBeUndefined();
  });

  it("only shows what was typed on an older revision", async () => {
    keepMirror("t1", { revision: 2, body: { draft: titled("旧的") } });
    app = (await opened()).app;
    expect(button("取回没保存的内容")).toBeUndefined();
    expect(app.get<HTMLTextAreaElement>("textarea").element.value).toContain("旧的");
    await button("不要了").trigger("click");
    expect([app.find("[data-testid=kept]").exists(), mirrorOf("t1")]).toEqual([false, undefined]);
  });
});
