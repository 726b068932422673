import { expect, type Locator, type Page } from "@playwright/test";

/** The chief's and the technician's console. */

export const READY = "客户信息服务技能竞赛（演示，可以开始）";
export const FINISHED = "客户信息服务技能竞赛（演示，已结束）";

export const cell = (page: Page, label: string): Locator =>
  page.locator("[data-key]").filter({ has: page.getByText(label, { exact: true }) });

/** Opens the console of a contest from the list, as people do. */
export async function openConsole(page: Page, title: string): Promise<void> {
  await page.goto("/contests");
  await page.getByRole("link", { name: `指挥台 ${title}` }).click();
  await page.waitForURL("**/run");
  await expect(page.locator("[data-key]").first()).toBeVisible();
}

/** Gives an order of the whole stage up to its dialog; the dialog is left open. */
export async function begin(page: Page, act: string): Promise<Locator> {
  await page.getByRole("group", { name: "指令" }).getByRole("button", { name: act, exact: true }).click();
  return page.getByRole("dialog");
}

/** Presses an order's button; whoever acts within a second of another act is told so, and presses again. */
async function give(dialog: Locator, name: string): Promise<void> {
  await expect(async () => {
    if (await dialog.isVisible()) await dialog.getByRole("button", { name, exact: true }).click();
    await expect(dialog).toBeHidden({ timeout: 1_500 });
  }).toPass({ timeout: 15_000 });
}

/** An order that needs nobody else. */
export async function order(page: Page, act: string): Promise<void> {
  await give(await begin(page, act), act);
}

/** The first person's half of an order that can't be undone. */
export async function propose(page: Page, dialog: Locator): Promise<void> {
  await give(dialog, "提交，等待第二人确认");
  const waits = page.getByRole("group", { name: "待确认指令" });
  await expect(waits).toContainText("等待另一位负责人确认");
  await expect(waits.getByRole("button", { name: "确认执行" })).toHaveCount(0);
}

/** The second person's half; when the server has done it, on the clock of this machine. */
export async function confirm(page: Page, words: string): Promise<number> {
  const waits = page.getByRole("group", { name: "待确认指令" });
  await expect(waits).toContainText(words);
  await waits.getByRole("button", { name: "确认执行" }).click();
  const answered = page.waitForResponse("**/confirm");
  await page.getByRole("dialog").getByRole("button", { name: "确认执行" }).click();
  expect((await answered).ok()).toBe(true);
  const at = Date.now();
  await expect(waits).toHaveCount(0);
  return at;
}
