import { expect, test } from "@playwright/test";
import { paper } from "./answers";
import { start, take } from "./desk";
import { enter } from "./people";

test("a raised hand reaches the trainer, who closes it", async ({ page, browser, baseURL }) => {
  await enter(page, "contestant");
  const attemptId = await take(page, paper("lesson").title["zh-CN"]);
  await start(page);
  await page.getByRole("button", { name: "求助" }).click();
  await expect(page.getByRole("button", { name: "已举手，点击取消" })).toBeVisible();

  const staff = await browser.newContext({ baseURL, locale: "zh-CN" });
  const desk = await staff.newPage();
  await enter(desk, "trainer");
  await desk.getByRole("link", { name: "练习监看" }).click();
  const row = desk.getByRole("row").filter({ has: desk.locator(`a[href*="${attemptId}"]`) });
  await expect(row).toContainText("作答中");
  await expect(desk.getByRole("row").nth(1)).toContainText("已处理");
  await row.getByRole("button", { name: /已处理/ }).click();
  await expect(row.getByRole("button", { name: /已处理/ })).toBeHidden();
  await expect(page.getByRole("button", { name: "求助" })).toBeVisible();

  await row.getByRole("link").click();
  await expect(desk.getByText("工作人员处理完求助")).toBeVisible();
  await staff.close();
});
