import { readFileSync } from "node:fs";
import { expect, test, type Page } from "@playwright/test";
import { enter } from "./people";
import { arrived } from "./screens/judging";

const TITLE = (
  JSON.parse(readFileSync(new URL("../../chat_sim/demo/contest.json", import.meta.url), "utf8")) as {
    title: { "zh-CN": string };
  }
).title["zh-CN"];

const position = (page: Page) => page.getByTestId("position");
const tab = (page: Page, name: string) => page.getByRole("tab", { name, exact: true });

/** A finished round of the demo's pupil. */
async function round(page: Page, link: "回放" | "查看得分"): Promise<void> {
  await enter(page, "contestant");
  const row = page.getByRole("row").filter({ hasText: TITLE }).filter({ hasText: "系统评分" }).first();
  await expect(row).toContainText("其余由裁判评分");
  await row.getByRole("link", { name: link }).click();
  await expect(page.getByTestId("chat-sheet")).toBeVisible();
}

test("a round again by keyboard: by message, by conversation, at three paces", async ({ page }) => {
  await round(page, "回放");
  await expect(page.getByTestId("desk-replay")).toBeVisible();
  await expect(position(page)).toHaveText("00:00");
  await expect(page.getByTestId("then")).toContainText("此刻屏幕上没有会话");

  await page.keyboard.press("ArrowDown");
  const first = await position(page).innerText();
  expect(first).not.toBe("00:00");
  await expect(page.getByRole("status").filter({ hasText: "第 1 /" })).toBeVisible();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(position(page)).toHaveText(first);

  await page.keyboard.press("]");
  await page.keyboard.press("]");
  await expect(page.getByTestId("follow")).not.toHaveValue("");
  const second = page.getByTestId("then").locator("[aria-pressed=true]");
  await expect(second).toBeVisible();
  await page.keyboard.press("End");
  const end = await position(page).innerText();
  await expect(second).toContainText("已结束");

  await page.keyboard.press("Home");
  await page.keyboard.press(".");
  await expect(page.getByRole("button", { name: "16×" })).toHaveAttribute("aria-pressed", "true");
  await page.keyboard.press("Space");
  await expect(page.getByTestId("play")).toHaveText("暂停");
  await expect(position(page)).not.toHaveText("00:00");
  await page.keyboard.press("Space");
  const stopped = await position(page).innerText();
  expect(stopped < end).toBe(true);
  await expect(page.getByTestId("play")).toHaveText("播放");
  await expect(position(page)).toHaveText(stopped);

  const line = page.getByTestId("timeline");
  const box = (await line.boundingBox())!;
  await page.mouse.click(box.x + box.width / 2, box.y + 10);
  await expect(line).toHaveAttribute("aria-valuenow", /^\d{2,}$/);
  await expect(position(page)).not.toHaveText(stopped);
});

test("from a figure to the conversation, to the message, to the moment; and out as files", async ({
  page,
}) => {
  await round(page, "查看得分");
  await expect(page.getByTestId("marks")).toHaveText(/^系统评分 9(\.00)? 分中 \d\.\d\d 分$/);

  await page
    .getByRole("button", { name: /^accuracy|公式 accuracy\.needs\/1/ })
    .first()
    .click();
  const definition = page.getByRole("dialog");
  await expect(definition).toContainText("accuracy.needs/1");
  await expect(definition).toContainText("定义");
  await definition.getByRole("button", { name: "关闭" }).click();

  await page.getByTestId("indicators").getByRole("button", { name: "服务准确率", exact: true }).click();
  const bars = page.getByTestId("drill").getByRole("button");
  const name = (await bars.nth(1).locator(".name").innerText()).replace(/^\d+\. /, "");
  await bars.nth(1).click();
  await expect(tab(page, "会话")).toHaveAttribute("aria-selected", "true");
  const conversation = page.getByRole("article", { name: `与 ${name} 的会话` });
  await expect(conversation.getByRole("list", { name: "消息" })).toBeVisible();
  await expect(conversation.locator("[data-need]").first()).toContainText("参考答案");

  const downloading = page.waitForEvent("download");
  await page.getByTestId("save-one").click();
  const text = readFileSync(await (await downloading).path(), "utf8");
  expect(text).toContain(name);
  expect(text).toContain("应答关键点");
  const book = page.waitForEvent("download");
  await page.getByTestId("save-book").click();
  expect((await book).suggestedFilename()).toMatch(/\.xlsx$/);

  const reply = conversation.locator("li.agent").first();
  const at = await reply.locator(".time").innerText();
  await reply.locator(".time").click();
  await expect(position(page)).toHaveText(at);
  await expect(page.getByTestId("then")).toContainText(name);

  await page.getByRole("tab", { name: "过程", exact: true }).click();
  await expect(page.getByRole("cell", { name: /^会话 1 · 客户：/ }).first()).toBeVisible();
  await expect(page.getByText(/^chat_sim\.\w+$/)).toHaveCount(0);
});

test("a referee sees the desk by code alone, and overrules a judgement with a reason", async ({ page }) => {
  test.setTimeout(240_000);
  await enter(page, "scoring_referee");
  await arrived(page, "在线服务", 180_000);
  await page.getByRole("row").nth(1).getByRole("link").click();
  const main = page.getByRole("main");
  await expect(page.getByTestId("chat-sheet")).toBeVisible();
  for (const word of ["演示选手", "代表队", "技能竞赛"]) await expect(main).not.toContainText(word);
  await expect(page.getByTestId("partly")).toContainText("其余 70% 由裁判评分");
  await expect(page.getByTestId("save-book")).toHaveCount(0);

  const overruled = page.getByTestId("overruled");
  await expect(overruled).toContainText("还没有改判");
  await tab(page, "会话").click();
  const need = page
    .locator("[data-need]")
    .filter({ has: page.getByRole("button", { name: /^改判/ }) })
    .first();
  const before = (await need.innerText()).includes("未满足");
  await need.getByRole("button", { name: /^改判/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("理由").fill("复核对话后改判");
  await dialog.getByRole("button", { name: before ? "改判为已满足" : "改判为未满足" }).click();
  await expect(dialog).toHaveCount(0);
  await expect(need).toContainText(before ? "改判为已满足" : "改判为未满足");
  await expect(page.getByTestId("suggestion")).toContainText("系统评分建议由");
  await expect(page.getByTestId("overruled-words")).toContainText("复核对话后改判");

  await page.reload();
  await expect(page.getByTestId("overruled-words")).toContainText("复核对话后改判");
  await tab(page, "会话").click();
  await need.getByRole("button", { name: /^改判/ }).click();
  await dialog.getByRole("button", { name: "撤销改判" }).click();
  await expect(overruled).toContainText("还没有改判");

  await tab(page, "全程回放").click();
  await page.keyboard.press("End");
  await expect(page.getByTestId("then").locator("li")).not.toHaveCount(0);
});
