import { expect, type Page } from "@playwright/test";
import { paper } from "../answers";
import { compose, countTones, field, handIn, start, take } from "../desk";
import { enter } from "../people";
import { table, type Visit } from "../walk";

export async function first(page: Page, visit: Visit): Promise<void> {
  await page.goto("/");
  await expect(page.getByRole("button", { name: /以选手身份进入/ })).toBeVisible();
  await visit("home", page);
  const site = await page.evaluate(async () => (await fetch("/api/v1/site")).json());
  await page.route("**/api/v1/site", (route) =>
    route.fulfill({ json: { ...site, profile: "installed", demo_roles: [] } }),
  );
  await page.reload();
  await expect(page.getByLabel("密码")).toBeVisible();
  await visit("log-in", page);
  await page.getByRole("tab", { name: "班级登录" }).click();
  await page.getByLabel("首次登录").check();
  await visit("log-in-class", page);
  await page.unroute("**/api/v1/site");
  await page.goto("/nowhere");
  await expect(page.getByRole("heading", { name: "没有这个页面" })).toBeVisible();
  await visit("lost", page);
  for (const [name, path] of [
    ["help", "/help"],
    ["help-contestant", "/help/contestant"],
  ] as const) {
    await page.goto(path);
    await expect(page.getByRole("navigation", { name: "手册" })).toBeVisible();
    await visit(name, page);
  }
  await page.goto("/trust");
  await expect(page.getByTestId("trust")).toBeVisible();
  await visit("trust", page);
}

export async function practice(page: Page, visit: Visit): Promise<void> {
  await enter(page, "contestant");
  await table(page);
  await visit("practice", page);
  const attemptId = await take(page, paper("lesson").title["zh-CN"]);
  await expect(page.getByRole("checkbox")).toBeVisible();
  await visit("waiting", page);
  await page.getByRole("button", { name: "开始设备测试" }).click();
  await countTones(page);
  await field(page, "请用平时的输入法录入： 草字头黄").focus();
  await compose(await page.context().newCDPSession(page), "caozitouhuang", "草字头黄");
  await visit("device", page);
  await page.keyboard.press("Escape");
  await start(page);
  await field(page, "客户姓名").fill("张１２３");
  await field(page, "客户地址").fill("杭州市西湖区文三路");
  await page.keyboard.press("F8");
  await expect(page.locator("[data-playing=true]")).toBeVisible();
  await visit("desk", page);
  await page.getByRole("button", { name: "快捷键" }).click();
  await visit("keys", page);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "交卷", exact: true }).click();
  await visit("hand-in", page);
  await page.keyboard.press("Escape");

  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect(page.locator("[data-kind=stale]")).toBeVisible();
  await visit("stale", page);
  await other.close();
  await page.getByRole("button", { name: "在此页面继续" }).click();
  await expect(field(page, "客户姓名")).toBeEnabled();
  await handIn(page);
  await visit("receipt", page);
  await page.goto(`/result/${attemptId}`);
  await expect(page.getByTestId("marks")).toBeVisible();
  await visit("result", page);
  await page.getByRole("tab", { name: "过程" }).click();
  await table(page);
  await visit("events", page);
}
