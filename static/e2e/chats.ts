import { readFileSync } from "node:fs";
import { expect, type Locator, type Page } from "@playwright/test";
import { take } from "./desk";
import { enter } from "./people";

interface Paper {
  title: { "zh-CN": string };
  shop: { products: { name: string }[] };
  personas: { needs: { picture?: { sha256: string; width: number; alt: string } }[] }[];
}

/** The paper of tests/e2e_server.py whose five customers answer at once. */
export const PAPER = JSON.parse(readFileSync(new URL("chat_paper.json", import.meta.url), "utf8")) as Paper;

/** Reads the rules, ticks, starts, chooses a name; the desk is there. Whoever is logged in. */
export async function startChat(page: Page, title: string, nickname = "小径"): Promise<string> {
  const attemptId = await take(page, title);
  await page.getByRole("checkbox", { name: "我已阅读并遵守" }).check();
  await page.getByRole("button", { name: "开始作答" }).click();
  await nameDesk(page, nickname);
  return attemptId;
}

/** The name of the desk, by keyboard. */
export async function nameDesk(page: Page, nickname = "小径"): Promise<void> {
  await expect(page.getByLabel("您的花名")).toBeFocused();
  await page.keyboard.type(nickname);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("counts")).toBeVisible();
}

export async function beginChat(page: Page, title: string): Promise<string> {
  await enter(page, "contestant");
  return startChat(page, title);
}

export const pane = (page: Page, id: string): Locator => page.locator(`[data-pane="${id}"]`);
export const box = (page: Page, id: string): Locator => pane(page, id).getByRole("textbox");
const own = (page: Page, id: string): Locator => pane(page, id).locator(".message.agent:not(.sending)");

/** Brings a conversation to the screen by its number. */
export async function turnTo(page: Page, id: string): Promise<void> {
  await page.keyboard.press(`Alt+${id.slice(1)}`);
  await expect(pane(page, id)).toBeVisible();
}

/** What the customer said last. */
export async function lastWords(page: Page, id: string): Promise<string> {
  const words = await pane(page, id).locator(".message.customer .text").allTextContents();
  return words.at(-1) ?? "";
}

/** Types a reply and sends it; it stands in the conversation once. */
export async function reply(page: Page, id: string, words: string): Promise<void> {
  await expect(box(page, id)).toBeFocused();
  await page.keyboard.type(words);
  await page.keyboard.press("Enter");
  await expect(box(page, id)).toHaveValue("");
  await expect(own(page, id).filter({ hasText: words })).toHaveCount(1);
}

/** Fills the order form line by line, looks at the total, sends it. */
export async function order(
  page: Page,
  id: string,
  lines: readonly (readonly [sku: string, quantity: number])[],
  total: string,
): Promise<void> {
  const side = page.locator('[data-side="order"]');
  const pick = side.getByTestId("pick");
  for (const [sku, quantity] of lines) {
    await page.keyboard.press("Alt+o");
    await expect(pick).toBeFocused();
    for (let n = 0; (await pick.inputValue()) !== sku; n += 1) {
      expect(n, `${sku} is not offered`).toBeLessThan(60);
      await page.keyboard.press("ArrowDown");
    }
    await page.keyboard.press("Enter");
    await expect(side.locator(`[data-sku="${sku}"]`)).toBeFocused();
    if (quantity !== 1) await page.keyboard.type(String(quantity));
  }
  await expect(side.getByTestId("total")).toHaveText(total);
  await page.keyboard.press("Alt+s");
  await expect(pane(page, id).getByTestId("order-card")).toHaveAttribute("data-status", /sent|paid/);
  await expect(box(page, id)).toBeFocused();
}

/** Takes leave by a phrase and closes, with the reason that the dialog proposes. */
export async function goodbye(page: Page, id: string): Promise<void> {
  await expect(box(page, id)).toBeFocused();
  await page.keyboard.type("/");
  await expect(page.getByRole("listbox")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(box(page, id)).toHaveValue("感谢您的光临，再见！");
  await page.keyboard.press("Enter");
  await expect(own(page, id).filter({ hasText: "再见" })).toHaveCount(1);
  await page.keyboard.press("Alt+x");
  await expect(page.getByRole("dialog").getByRole("radio", { name: "已成交" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog")).toHaveCount(0);
}
