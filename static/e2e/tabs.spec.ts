import { expect, test } from "@playwright/test";
import { paper } from "./answers";
import { field, saved, start, take } from "./desk";
import { enter } from "./people";

test("a second page takes over, and the first can take it back", async ({ page, context }) => {
  await enter(page, "contestant");
  await take(page, paper("lesson").title["zh-CN"]);
  await start(page);
  await field(page, "客户姓名").fill("第一页");
  await saved(page, "客户姓名");

  const second = await context.newPage();
  await second.goto(page.url());
  await expect(field(second, "客户姓名")).toHaveValue("第一页");
  await expect(page.locator("[data-kind=stale]")).toBeVisible();
  await expect(page.getByTestId("connection")).toContainText("此页面已停止");
  await field(second, "客户姓名").fill("第二页");
  await saved(second, "客户姓名");

  await page.getByRole("button", { name: "在此页面继续" }).click();
  await expect(second.locator("[data-kind=stale]")).toBeVisible();
  await expect(page.locator("[data-kind=stale]")).toBeHidden();
  await expect(field(page, "客户姓名")).toHaveValue("第二页");
  await field(page, "客户姓名").fill("又回第一页");
  await saved(page, "客户姓名");
});

test("a duplicated tab does not write under the id of the first", async ({ page, context }) => {
  await enter(page, "contestant");
  await take(page, paper("lesson").title["zh-CN"]);
  await start(page);
  const id = await page.evaluate(() => sessionStorage.getItem("ccss.page"));
  const copy = await context.newPage();
  await copy.goto("/");
  await copy.evaluate((kept) => sessionStorage.setItem("ccss.page", kept!), id);
  await copy.goto(page.url());
  await expect(field(copy, "客户姓名")).toBeEnabled();
  expect(await copy.evaluate(() => sessionStorage.getItem("ccss.page"))).not.toBe(id);
  await expect(page.locator("[data-kind=stale]")).toBeVisible();
});
