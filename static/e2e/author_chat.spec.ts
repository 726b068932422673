import { expect, test, type Page } from "@playwright/test";
import { enter } from "./people";

test.use({
  launchOptions: {
    executablePath: process.env.CCSS_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
  },
});

const settled = (page: Page): Promise<void> =>
  expect(page.getByTestId("saving")).toHaveAttribute("data-state", "saved");

/** Screenshots for whoever looks, where CCSS_SHOTS names a folder. */
const shot = async (page: Page, name: string): Promise<void> => {
  const folder = process.env.CCSS_SHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
};

async function newTask(page: Page, title: string): Promise<void> {
  await page.goto("/bank");
  await page
    .getByRole("button", { name: /新建题目|写第一道题/ })
    .last()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("题目标题").fill(title);
  await dialog.getByLabel("模块").selectOption({ label: "在线服务" });
  await dialog.getByRole("button", { name: "新建", exact: true }).click();
  await expect(page.getByRole("heading", { name: title })).toBeAttached();
}

test("a chat task from empty to a talk, a plan and a version", async ({ page }) => {
  test.setTimeout(240_000);
  const title = `客服题 ${Date.now()}`;
  await enter(page, "task_author");
  await newTask(page, title);
  await expect(page.getByTestId("fault-count")).toContainText("处错误");
  await shot(page, "chat-empty");

  await page.getByRole("tab", { name: /客户 1/ }).click();
  await page.getByRole("button", { name: "生成虚构客户" }).click();
  await expect(page.getByTestId("fault-count")).toContainText("没有错误");
  await expect(page.getByLabel("网名")).not.toHaveValue("");
  const customer = await page.getByLabel("网名").inputValue();
  await shot(page, "chat-persona");

  // A fault leads to its field: an answer that the reference doesn't give.
  await page.getByRole("button", { name: /2\. 库存/ }).click();
  const reference = page.getByRole("textbox", { name: /参考答案/ });
  const right = await reference.inputValue();
  await reference.fill("我看看哦");
  await settled(page);
  const fault = page.getByRole("button", { name: /参考答案没有答对这个需求/ });
  await expect(fault).toBeVisible();
  await page.getByRole("tab", { name: /设置与短语/ }).click();
  await fault.click();
  await expect(reference).toBeFocused();
  await shot(page, "chat-fault");
  await reference.fill(right);
  await settled(page);
  await expect(fault).toHaveCount(0);

  // The talk: judged at once, in simulated time.
  await page.getByTestId("try-out").click();
  const talk = page.getByTestId("try");
  await expect(talk.getByText(/提问 · 打招呼/)).toBeVisible();
  const box = talk.getByPlaceholder(/像选手一样回复/);
  await box.fill("您好，欢迎光临，请问有什么可以帮您？");
  await box.press("Enter");
  await expect(talk.getByText("需求满足：打招呼")).toBeVisible();
  await expect(talk.getByText(/现在有货吗/)).toBeVisible();
  await box.fill("缺货了");
  await box.press("Enter");
  await expect(talk.getByText(/：答错/)).toBeVisible();
  await box.fill(right);
  await box.press("Enter");
  await expect(talk.getByText(/需求满足：.*有没有货/)).toBeVisible();
  await shot(page, "chat-talk");
  await talk.getByRole("button", { name: "等 10 秒" }).click();
  await talk.getByRole("button", { name: "重新开始" }).click();
  await expect(talk.getByText("需求满足：打招呼")).toHaveCount(0);
  await talk.getByRole("button", { name: "关闭" }).click();

  for (const [tab, name] of [
    ["店铺与商品", "chat-shop"],
    ["促销与配送", "chat-terms"],
    ["知识库", "chat-articles"],
    ["设置与短语", "chat-settings"],
  ] as const) {
    await page.getByRole("tab", { name: new RegExp(tab) }).click();
    const first = page.getByRole("tabpanel").locator("button.title").first();
    if (await first.count()) await first.click();
    await shot(page, name);
  }
  await page.getByLabel("剩下的 20%").selectOption({ label: "按比例折算到 100%" });
  await settled(page);

  // A piece goes out as JSON and comes back as another customer; a broken file changes nothing.
  await page.getByRole("tab", { name: /0:05/ }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "导出 JSON" }).click();
  const path = await (await download).path();
  const files = page.locator('input[accept=".json,application/json"]');
  await files.setInputFiles({ name: "坏.json", mimeType: "application/json", buffer: Buffer.from('{"a": ') });
  await expect(page.getByRole("dialog")).toContainText("不是完整的 JSON");
  await page.getByRole("dialog").getByRole("button", { name: "关闭" }).last().click();
  await files.setInputFiles(path);
  await expect(page.getByRole("tab", { name: /0:05/ })).toHaveCount(2);
  await page.getByRole("tab", { name: /0:05/ }).last().click();
  await page.getByRole("button", { name: "删除此客户" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "删除此客户" }).click();
  await settled(page);

  await page.getByRole("tab", { name: /设置与短语/ }).click();
  await page.getByRole("link", { name: "到达计划（打印）" }).click();
  await expect(page.getByRole("region", { name: "打印预览" }).or(page.locator(".papers"))).toBeVisible();
  await expect(page.getByText(/计划校验码/).first()).toBeVisible();
  await shot(page, "chat-plan");
  await page.goBack();

  await page.getByRole("button", { name: "预览", exact: true }).click();
  await expect(page.getByText("内容不会保存")).toBeVisible();
  await expect(page.locator(".work input").first()).toBeVisible();
  await page.locator(".work input").first().fill("小晴");
  await page.keyboard.press("Enter");
  await expect(page.getByText(customer).first()).toBeVisible({ timeout: 20_000 });
  await shot(page, "chat-preview");
  await page.getByRole("button", { name: "返回编辑" }).click();
  await page.getByRole("button", { name: "存为版本" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "存为版本" }).click();
  await expect(page.getByRole("button", { name: "版本（1）" })).toBeVisible();
});
