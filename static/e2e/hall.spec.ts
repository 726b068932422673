import { expect, test, type Browser, type Page } from "@playwright/test";
import { paper } from "./answers";
import { field, saved } from "./desk";
import { begin, cell, confirm, openConsole, order, propose, READY } from "./hall";
import { somebody } from "./people";

const OTHERS = ["A-03", "A-04", "A-05", "A-06"];
const PERSONAL = /演示选手|代表队|指导教师/;

/** Reads the link that the technician copies for a place. */
async function copiedLink(technician: Page, label: string): Promise<string> {
  await technician.getByRole("button", { name: `复制链接 ${label}` }).click();
  await expect(technician.getByRole("button", { name: `已复制 ${label}` })).toBeVisible();
  return technician.evaluate(() => navigator.clipboard.readText());
}

async function sitDown(browser: Browser, link: string): Promise<Page> {
  const page = await somebody(browser);
  await page.goto(link);
  return page;
}

async function logIn(page: Page, ticket: string): Promise<void> {
  await page.getByLabel("请输入参赛证号").fill(ticket);
  await page.keyboard.press("Enter");
}

/** Notes on the machine's clock when the task can first be worked on; asked before it can. */
function opened(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = (): void => {
          if (document.querySelector(".field-row :enabled")) resolve(Date.now());
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
}

const secondsLeft = async (page: Page): Promise<number> => {
  const [minutes, seconds] = (await page.getByTestId("left").innerText()).split(":").map(Number);
  return minutes! * 60 + seconds!;
};

/** What the remaining time reads within a while, looked at frame by frame. */
function readings(page: Page, ms: number): Promise<string[]> {
  return page.getByTestId("left").evaluate(
    (left, span) =>
      new Promise<string[]>((resolve) => {
        const seen = new Set<string>();
        const until = performance.now() + span;
        const look = (): void => {
          seen.add(left.textContent ?? "");
          if (performance.now() < until) requestAnimationFrame(look);
          else resolve([...seen]);
        };
        look();
      }),
    ms,
  );
}

test("a contest from the places' links to the results", async ({ browser }) => {
  test.setTimeout(150_000);
  const [technician, chief, supervisor] = await Promise.all([
    somebody(browser, "technician"),
    somebody(browser, "chief_referee"),
    somebody(browser, "supervisor"),
  ]);
  await technician.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  let first!: Page;
  let second!: Page;

  await test.step("two machines are bound by links that the technician copied", async () => {
    await technician.goto("/places");
    first = await sitDown(browser, await copiedLink(technician, "A-01"));
    second = await sitDown(browser, await copiedLink(technician, "A-02"));
    await expect(first.getByTestId("label")).toHaveText("A-01");
    await expect(first.getByTestId("ticket")).toHaveText("001");
    await logIn(first, "002");
    await expect(first.getByRole("alert")).toContainText("应坐 A-02");
    await logIn(first, "001");
    await logIn(second, "002");
    for (const page of [first, second]) await expect(page.getByText("已登录：参赛证号")).toBeVisible();
    const row = technician.getByRole("row").filter({ hasText: "A-01" });
    await expect(row.getByText("在线", { exact: true })).toBeVisible();
  });

  await test.step("待命", async () => {
    await Promise.all([openConsole(chief, READY), openConsole(supervisor, READY)]);
    const dialog = await begin(chief, "待命");
    await expect(dialog).toContainText("将影响 6 个赛位");
    await dialog.getByRole("button", { name: "待命", exact: true }).click();
    for (const page of [first, second]) {
      await page.waitForURL("**/desk/*");
      await page.getByRole("checkbox", { name: "我已阅读并遵守" }).check();
    }
    await expect(cell(chief, "A-01")).toContainText("待命");
    for (const label of OTHERS) await expect(cell(chief, label)).toContainText("还没有到位");
  });

  await test.step("开始 waits for the second person, then is everywhere in 2 s", async () => {
    const dialog = await begin(chief, "开始");
    await expect(dialog).toContainText("4 个赛位不在线");
    await propose(chief, dialog);
    const tasks = Promise.all([opened(first), opened(second)]);
    await expect(first.getByText("等待裁判长统一开始。")).toBeVisible();
    const at = await confirm(supervisor, "开始");
    for (const shown of await tasks) expect(shown - at).toBeLessThan(2_000);
    await expect(chief.getByText("待确认指令")).toBeHidden();
  });

  await test.step("the board shows who works and who never came", async () => {
    const { fields, items } = paper("contest");
    for (const { key, label } of fields)
      await field(first, label["zh-CN"]).fill(items[0]!.answers[key]!.text);
    await field(second, "客户姓名").fill("李四");
    await Promise.all([saved(first, fields.at(-1)!.label["zh-CN"]), saved(second, "客户姓名")]);
    await expect(cell(chief, "A-01")).toContainText("1/10");
    await expect(cell(chief, "A-02")).toContainText("0/10");
    for (const label of ["A-01", "A-02"]) {
      await expect(cell(chief, label)).toContainText("作答中");
      await expect(cell(chief, label)).toContainText(/刚刚|秒前/);
    }
    for (const label of OTHERS) await expect(cell(chief, label)).toContainText("掉线");
    await expect(chief.locator("body")).not.toContainText(PERSONAL);
  });

  await test.step("a raised hand", async () => {
    await openConsole(technician, READY);
    await first.getByRole("button", { name: "求助" }).click();
    await expect(cell(chief, "A-01")).toContainText("求助");
    for (const page of [chief, technician]) {
      const hands = page.getByRole("region", { name: "求助队列" }).getByRole("listitem");
      await expect(hands).toHaveCount(1);
      await expect(hands.first()).toContainText("A-01");
      const troubles = page.getByRole("region", { name: "异常", exact: true }).getByRole("listitem");
      await expect(troubles.first()).toContainText("A-01");
    }
    await technician.getByRole("button", { name: "我去处理 A-01" }).click();
    await expect(first.getByRole("button", { name: "工作人员已在途中" })).toBeVisible();
    await expect(chief.getByText("演示技术保障 正在处理")).toBeVisible();
    await technician.getByRole("button", { name: "已处理 A-01" }).click();
    await expect(first.getByRole("button", { name: "求助", exact: true })).toBeVisible();
    await expect(chief.getByText("没有人举手")).toBeVisible();
  });

  await test.step("an announcement disturbs nobody who types", async () => {
    await chief.getByRole("navigation", { name: "竞赛页面" }).getByRole("link", { name: "公告" }).click();
    await field(second, "客户姓名").focus();
    await second.keyboard.press("Home");
    await second.keyboard.press("ArrowRight");
    await chief.getByLabel("公告内容").fill("请检查耳机音量。");
    await chief.getByRole("button", { name: "发布公告" }).click();
    const dialog = chief.getByRole("dialog");
    await expect(dialog).toContainText("将影响 6 个赛位");
    await dialog.getByRole("button", { name: "发布公告" }).click();
    for (const page of [first, second])
      await expect(page.getByRole("alert")).toContainText("请检查耳机音量。");
    await expect(field(second, "客户姓名")).toBeFocused();
    await second.keyboard.type("小");
    await expect(field(second, "客户姓名")).toHaveValue("李小四");
    await second.getByRole("button", { name: "我知道了" }).click();
    await expect(second.getByText("请检查耳机音量。")).toBeHidden();
    await expect(field(second, "客户姓名")).toBeFocused();
    await second.keyboard.type("心");
    await expect(field(second, "客户姓名")).toHaveValue("李小心四");
    const said = chief.getByRole("article").filter({ hasText: "请检查耳机音量。" });
    await expect(said).toContainText("已读 1 / 6");
    await said.getByText("未读的 5 个赛位").click();
    await expect(said.getByRole("listitem")).toHaveText(["A-01", ...OTHERS]);
  });

  await test.step("pause and resume", async () => {
    await openConsole(chief, READY);
    await order(chief, "暂停");
    for (const page of [first, second])
      await expect(page.locator("[data-kind=paused]")).toContainText("请等待裁判长宣布继续");
    expect(await readings(first, 1_500)).toHaveLength(1);
    await order(chief, "继续");
    for (const page of [first, second]) await expect(page.locator("[data-kind=paused]")).toBeHidden();
    await expect(field(second, "客户姓名")).toHaveValue("李小心四");
  });

  await test.step("the line of A-01 is cut", async () => {
    await first.context().setOffline(true);
    await field(first, "客户姓名").fill("断线时录入");
    await expect(first.getByTestId("connection")).toContainText("连接中断");
  });

  await test.step("two minutes more for A-02", async () => {
    await cell(chief, "A-02").click();
    const panel = chief.getByRole("complementary", { name: "赛位 A-02" });
    await panel.getByRole("button", { name: "补时（计入用时）" }).click();
    const dialog = chief.getByRole("dialog");
    await dialog.getByLabel("分钟").fill("2");
    const give = dialog.getByRole("button", { name: "补时（计入用时）" });
    await expect(dialog).toContainText("将影响 1 个赛位");
    await expect(give).toBeDisabled();
    await dialog.getByLabel("原因").fill("耳机接触不良");
    const [before, other] = await Promise.all([secondsLeft(second), secondsLeft(first)]);
    await give.click();
    await expect.poll(() => secondsLeft(second)).toBeGreaterThan(before + 100);
    expect(await secondsLeft(first)).toBeLessThanOrEqual(other);
    await expect(chief.getByText("还没有确认新的结束时间")).toBeHidden();
    await expect(panel.locator("dt", { hasText: "已知结束时间" }).locator("+ dd")).toHaveText("是");
  });

  await test.step("the projector shows the phase and nobody", async () => {
    const wall = await somebody(browser, "audience");
    await wall.goto("/clock?choose=1");
    await wall.getByRole("link", { name: READY }).click();
    await expect(wall.getByTestId("figures")).toHaveText(/^\d\d:\d\d$/);
    await expect(wall.getByRole("main")).toContainText("作答中");
    await expect(wall.locator("body")).not.toContainText(/A-0\d|\b00\d\b|演示选手|代表队/);
    await wall.context().close();
  });

  await test.step("the board sees that A-01 is away, and that it is back", async () => {
    await expect(cell(chief, "A-01")).toContainText("掉线", { timeout: 20_000 });
    await first.context().setOffline(false);
    await expect(cell(chief, "A-01")).toContainText("作答中");
    await saved(first, "客户姓名");
  });

  await test.step("forced hand-in of A-02 by two persons", async () => {
    const panel = chief.getByRole("complementary", { name: "赛位 A-02" });
    await panel.getByRole("button", { name: "收卷（强制）" }).click();
    const dialog = chief.getByRole("dialog");
    await expect(dialog).toContainText("将影响 1 个赛位");
    await propose(chief, dialog);
    await confirm(supervisor, "收卷（强制）");
    await expect(second.getByText("已由工作人员收卷")).toBeVisible();
    await expect(second.getByRole("heading", { name: "交卷回执" })).toBeVisible();
    await expect(cell(chief, "A-02")).toContainText("已结束");
    await expect(field(first, "客户姓名")).toBeEnabled();
  });

  await test.step("the end, and works by code", async () => {
    await propose(chief, await begin(chief, "结束环节"));
    await confirm(supervisor, "结束环节");
    await expect(first.getByRole("heading", { name: "交卷回执" })).toBeVisible();
    await chief.getByRole("navigation", { name: "竞赛页面" }).getByRole("link", { name: "成绩" }).click();
    await expect(chief.getByText("盲评：只显示作品号")).toBeVisible();
    await expect(chief.getByTestId("stat-scored")).toHaveText("2");
    const works = chief.getByRole("region", { name: "成绩表" }).getByRole("row");
    await expect(works).toHaveCount(7);
    await expect(chief.getByRole("main")).not.toContainText(PERSONAL);
    await works.nth(1).getByRole("link", { name: /^查看/ }).click();
    await expect(chief.getByRole("heading", { name: /^作品 / })).toBeVisible();
    await expect(chief.getByTestId("marks")).toBeVisible();
    await expect(chief.getByRole("main")).not.toContainText(PERSONAL);
  });
});
