import { expect, test, type Browser, type Page } from "@playwright/test";
import { paper } from "./answers";
import { field, saved, start, take } from "./desk";
import { enter } from "./people";
import { dress, everyScreen } from "./screens";

const DARK = new Set(["desk", "result", "watch", "practice"]);
const LONG = new Set(["result", "events", "watch"]);

const folder = process.env.CCSS_SHOTS ?? "shots";
const LESSON = paper("lesson").title["zh-CN"];

/** The score sheet of the demo contestant's best lesson of those that robots took. */
async function bestResult(page: Page): Promise<void> {
  await enter(page, "contestant");
  const rows = page.getByRole("row").filter({ hasText: LESSON });
  await expect(rows.first().locator("strong")).toBeVisible();
  const marks = (await rows.locator("strong").allInnerTexts()).map(Number);
  await rows
    .filter({ has: page.locator("strong") })
    .nth(marks.indexOf(Math.max(...marks)))
    .getByRole("link", { name: "查看得分" })
    .click();
  await expect(page.getByTestId("marks")).toBeVisible();
}

/** The trainer's list while a seat is running with a raised hand. */
async function watching(page: Page, browser: Browser, baseURL: string): Promise<void> {
  const context = await browser.newContext({ baseURL, locale: "zh-CN" });
  const seat = await context.newPage();
  await enter(seat, "contestant");
  await take(seat, LESSON);
  await start(seat);
  for (const { key, label } of paper("lesson").fields) {
    await field(seat, label["zh-CN"]).fill(paper("lesson").items[0]!.answers[key]!.text);
    await saved(seat, label["zh-CN"]);
  }
  await seat.getByRole("button", { name: "求助" }).click();
  await expect(seat.getByRole("button", { name: "已举手，点击取消" })).toBeVisible();
  await enter(page, "trainer");
  await expect(page.getByRole("button", { name: /已处理/ })).toBeVisible();
  await dress(page, "zh-CN", "light");
  await page.mouse.move(0, 0);
  await page.screenshot({ path: `${folder}/readme-watch.png` });
  await context.close();
}

test("a picture of every screen", async ({ page, browser, baseURL }) => {
  test.setTimeout(240_000);
  await everyScreen(page, async (name) => {
    await dress(page, "zh-CN", "light");
    await page.screenshot({ path: `${folder}/${name}.png` });
    if (LONG.has(name)) await page.screenshot({ path: `${folder}/${name}-full.png`, fullPage: true });
    if (!DARK.has(name)) return;
    await dress(page, "zh-CN", "dark");
    await page.screenshot({ path: `${folder}/${name}-dark.png` });
    await dress(page, "zh-CN", "light");
  });
  await bestResult(page);
  await dress(page, "zh-CN", "light");
  await page.screenshot({ path: `${folder}/readme-result.png` });
  await watching(page, browser, baseURL!);
});
