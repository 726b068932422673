import { chromium, expect, test, type Page } from "@playwright/test";
import { paper } from "./answers";
import { compose, countTones, field, frames, journal, keptHere, saved, start, take } from "./desk";
import { cell } from "./hall";
import { enter, OwnContest, somebody } from "./people";

const LESSON = paper("lesson").title["zh-CN"];
const IME = "请用平时的输入法录入： 草字头黄";

async function check(page: Page, heard: number): Promise<void> {
  await page
    .getByTestId("device")
    .getByRole("button", { name: /设备测试|重新测试/ })
    .click();
  await countTones(page, heard);
  await field(page, IME).focus();
  await compose(await page.context().newCDPSession(page), "caozitouhuang", "草字头黄");
  await expect(page.getByText("输入法正常。")).toBeVisible();
  await page.getByRole("button", { name: "提交测试结果" }).click();
}

test("a device check reaches the board, the panel and the journal, and blocks nobody", async ({
  page,
  browser,
  baseURL,
}) => {
  const own = await OwnContest.make(baseURL!, { title: "设备测试走查", entrants: 2 });
  const here = own.placements[0]!;
  const seat = await somebody(browser);
  await seat.setViewportSize({ width: 1366, height: 768 });
  await own.sit(seat, 0);
  await own.order("arm");
  await seat.waitForURL("**/desk/*");
  const said = frames(seat);
  await seat.reload();
  await expect(seat.getByTestId("device")).toContainText("设备未测");

  await enter(page, "technician");
  await page.goto(`/contests/${own.contestId}/run`);
  const mine = cell(page, here.label);
  await expect(mine).toBeVisible();
  await expect(mine).not.toContainText("设备有问题");

  await check(seat, 2);
  await expect(seat.getByTestId("device")).toContainText("设备有问题：耳机");
  await expect(seat.getByText("无法暂存")).toHaveCount(0);
  await expect(mine).toContainText("设备有问题");
  await page.getByLabel("按设备测试筛选").selectOption({ label: "设备有问题" });
  await expect(page.locator("[data-key]")).toHaveCount(1);
  await mine.click();
  const panel = page.getByRole("complementary", { name: `赛位 ${here.label}` });
  await expect(panel).toContainText("设备有问题：耳机");

  await check(seat, 4);
  await expect(seat.getByTestId("device")).toContainText("设备测试通过");
  await page.getByLabel("按设备测试筛选").selectOption({ label: "全部设备" });
  await expect(mine).not.toContainText("设备有问题");
  await expect(panel).toContainText("设备测试通过");
  await panel.getByRole("button", { name: "查看作答时间线" }).click();
  await expect(panel.getByText("设备测试：设备有问题：耳机")).toBeVisible();
  await expect(panel.getByText("设备测试：设备测试通过")).toBeVisible();

  const attemptId = seat.url().split("/").at(-1)!;
  const kept = (await journal(seat, attemptId)).filter(({ type }) => type === "attempt.device_checked");
  expect(kept.map(({ payload }) => (payload.report as { headphones: unknown }).headphones)).toEqual([
    { played: 4, left: 1, heard: 2, tries: 1 },
    { played: 4, left: 1, heard: 4, tries: 1 },
  ]);
  expect(JSON.stringify(said.sent)).not.toMatch(/label|deviceId|userAgent/);
  expect(await keptHere(seat)).toBe(0);

  await own.order("start");
  await expect(field(seat, "客户姓名")).toBeEnabled();
  await seat.context().close();
  await own.leave();
});

test("pasted characters are no typing, and a practice goes on without any check", async ({ page }) => {
  await enter(page, "contestant");
  await take(page, LESSON);
  await page.getByRole("button", { name: "开始设备测试" }).click();
  const input = field(page, IME);
  await input.focus();
  await page.keyboard.insertText("草字头黄");
  await expect(page.getByText("没有看到输入法工作")).toBeVisible();
  await input.fill("");
  await input.press("c");
  await expect(page.getByText("现在是英文状态")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await start(page);
});

test("the microphone is opened on wish only, and its level is measured", async ({ baseURL }) => {
  const args = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
  const loud = await chromium.launch({
    executablePath: process.env.CCSS_CHROMIUM ?? "/usr/bin/chromium",
    args,
  });
  const page = await (await loud.newContext({ baseURL, locale: "zh-CN" })).newPage();
  await enter(page, "contestant");
  const attemptId = await take(page, LESSON);
  await page.getByRole("button", { name: "开始设备测试" }).click();
  await page.getByText("麦克风（听打录入不需要").click();
  await page.getByRole("button", { name: "打开麦克风" }).click();
  await expect(page.getByText(/麦克风正常，最大音量 -\d+ dBFS/)).toBeVisible();
  await page.getByRole("button", { name: "提交测试结果" }).click();
  await expect(page.getByTestId("device")).toContainText("设备只测了一部分");
  const [kept] = (await journal(page, attemptId)).filter(({ type }) => type === "attempt.device_checked");
  const { microphone } = kept!.payload.report as { microphone: { outcome: string; peak_dbfs: number } };
  // Never a device's name.
  expect(Object.keys(microphone).sort()).toEqual(["outcome", "peak_dbfs", "playback"]);
  expect(microphone.outcome).toBe("ok");
  await loud.close();
});

test("a question mark lists the keys, but is typed where one types", async ({ page }) => {
  await enter(page, "contestant");
  await take(page, LESSON);
  await start(page);
  const name = field(page, "客户姓名");
  await name.press("?");
  await expect(name).toHaveValue("?");
  await saved(page, "客户姓名");
  await name.press("F1");
  const help = page.getByRole("dialog", { name: "快捷键" });
  await expect(help).toContainText("播放 / 暂停");
  await page.keyboard.press("F8");
  await expect(page.locator("[data-playing=true]")).toHaveCount(0);
  for (let tabs = 0; tabs < 20; tabs += 1) await page.keyboard.press("Tab");
  expect(await page.evaluate(() => !!document.activeElement?.closest("dialog, body"))).toBe(true);
  await page.keyboard.press("Escape");
  await expect(help).toHaveCount(0);
  await page.getByRole("button", { name: "求助" }).focus();
  await page.keyboard.press("?");
  await expect(help).toBeVisible();
});

test("sheets come out of the printer whole: one page each, none empty", async ({ page, baseURL }) => {
  const own = await OwnContest.make(baseURL!, { title: "打印走查", entrants: 11, spares: 2 });
  await enter(page, "organiser");
  await page.goto(`/contests/${own.contestId}`);
  await page
    .getByRole("navigation", { name: "竞赛页面" })
    .getByRole("link", { name: "打印", exact: true })
    .click();
  for (const [kind, cards, sheets] of [
    ["赛位标签", 13, 2],
    ["选手登录条", 11, 2],
    ["考场门口名单", 11, 1],
  ] as const) {
    await page.getByRole("button", { name: kind }).click();
    await expect(page.getByRole("status")).toHaveText(`${cards} 张，共 ${sheets} 页 A4`);
    await expect(page.locator(".paper")).toHaveCount(sheets);
    const pdf = (await page.pdf({ preferCSSPageSize: true })).toString("latin1");
    expect(pdf.match(/\/Type\s*\/Page\b/g), kind).toHaveLength(sheets);
  }
  await expect(page.locator(".paper")).not.toContainText("选手1");
  await page.getByLabel("印姓名").check();
  await expect(page.locator(".paper")).toContainText("选手11");
  await own.leave();
});

test("the handbook is there for everybody, without a log-in and without a script", async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto("/help");
  await expect(page.getByRole("heading", { name: "使用手册" })).toBeVisible();
  const names = await page.getByRole("navigation").getByRole("link").allInnerTexts();
  expect(names.length).toBeGreaterThan(6);
  for (const name of names) {
    await page.getByRole("navigation").getByRole("link", { name, exact: true }).click();
    await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
    const pictures = page.getByRole("img");
    for (let index = 0; index < (await pictures.count()); index += 1) {
      await pictures.nth(index).scrollIntoViewIfNeeded();
      await expect
        .poll(() => pictures.nth(index).evaluate((image: HTMLImageElement) => image.naturalWidth))
        .toBe(1366);
    }
  }
  await context.close();
});
