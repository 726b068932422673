import { expect, type Page } from "@playwright/test";
import { box, lastWords, nameDesk, order, pane, PAPER, reply, turnTo } from "../chats";
import { take } from "../desk";
import { enter } from "../people";
import { shut, type Visit } from "../walk";

const DEMO = "在线服务演示卷";

async function side(page: Page, visit: Visit, name: string, key: string): Promise<void> {
  await page.keyboard.press(key);
  await visit(`chat-${name}`, page);
}

/** The desk of an online shop: its name, its queue, what stands around a conversation, what ends it. */
export async function chatting(page: Page, visit: Visit): Promise<void> {
  await enter(page, "contestant");
  await take(page, DEMO);
  await page.getByRole("checkbox", { name: "我已阅读并遵守" }).check();
  await page.getByRole("button", { name: "开始作答" }).click();
  await expect(page.getByLabel("您的花名")).toBeVisible();
  await visit("chat-start", page);
  await page.getByLabel("您的花名").focus();
  await nameDesk(page);
  await visit("chat-empty", page);
  await page.locator("[data-product]").first().click();
  await expect(page.getByTestId("product").locator("img")).toBeVisible();
  await visit("chat-product", page);
  await side(page, visit, "terms", "Alt+r");

  await page.goto("/practice");
  await take(page, PAPER.title["zh-CN"]);
  await page.getByRole("checkbox", { name: "我已阅读并遵守" }).check();
  await page.getByRole("button", { name: "开始作答" }).click();
  await nameDesk(page);
  await expect(page.locator("[data-waiting]")).toHaveCount(5);
  for (let n = 1; n <= 3; n += 1) {
    await page.keyboard.press("F2");
    await expect(box(page, `c${n}`)).toBeFocused();
  }
  await reply(page, "c3", "您好，我是小径，很高兴为您服务。");
  await turnTo(page, "c1");
  await reply(page, "c1", "您好，我是小径，很高兴为您服务。");
  await expect.poll(() => lastWords(page, "c1")).toContain("穿几码");
  await page.keyboard.type("/");
  await expect(page.getByRole("listbox")).toBeVisible();
  // A change of language takes the focus away, and with it the list.
  await visit("chat-desk", page);
  await turnTo(page, "c1");
  await page.keyboard.press("End");
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Alt+k");
  await page.keyboard.type("尺码");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("list", { name: "搜索结果" })).toBeVisible();
  await visit("chat-hits", page);
  await page.getByRole("list", { name: "搜索结果" }).getByRole("button").first().click();
  await expect(page.getByTestId("article")).toBeVisible();
  await visit("chat-article", page);
  await page.keyboard.press("Alt+j");
  await page.locator('[data-side="prices"]').getByTestId("pick").selectOption("poles-1");
  await page.locator('[data-side="prices"]').getByTestId("pick").press("Enter");
  await page.keyboard.press("Enter");
  await expect(page.locator('[data-side="prices"]').getByTestId("total")).toBeVisible();
  await visit("chat-prices", page);
  await side(page, visit, "customer", "Alt+u");
  await turnTo(page, "c1");
  await order(page, "c1", [["shoe-38", 1], ["poles-1", 2]], "¥917"); // prettier-ignore
  await page.keyboard.press("Alt+o");
  await visit("chat-order", page);
  await page.keyboard.press("F9");
  await page.keyboard.press("F9");
  await expect(pane(page, "c3")).toBeVisible();
  await visit("chat-columns", page);
  await turnTo(page, "c1");
  await page.keyboard.press("Alt+x");
  await visit("chat-close", page);
  await shut(page);
  await page.getByRole("button", { name: "交卷", exact: true }).click();
  await visit("chat-hand-in", page);
}
