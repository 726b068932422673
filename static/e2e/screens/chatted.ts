import { readFileSync } from "node:fs";
import { expect, type Page } from "@playwright/test";
import { FINISHED } from "../hall";
import { enter } from "../people";
import { as, shut, table, type Visit } from "../walk";
import { arrived } from "./judging";

/** The title of a paper of 在线服务 that the demo brings along. */
const TITLE = (
  JSON.parse(readFileSync(new URL("../../../chat_sim/demo/contest.json", import.meta.url), "utf8")) as {
    title: { "zh-CN": string };
  }
).title["zh-CN"];

const view = (page: Page, name: string): Promise<void> =>
  page.getByRole("tab", { name, exact: true }).click();

/** Into the thick of a round. */
async function midway(page: Page): Promise<void> {
  await expect(page.getByTestId("desk-replay")).toBeVisible();
  const line = page.getByTestId("timeline");
  const box = (await line.boundingBox())!;
  await line.click({ position: { x: box.width / 2, y: 10 } });
  await expect(page.getByTestId("then").locator("li")).not.toHaveCount(0);
}

/** A pupil's own round: figures, conversations, the whole desk again. */
export async function chatResults(page: Page, visit: Visit): Promise<void> {
  await enter(page, "contestant");
  const row = page.getByRole("row").filter({ hasText: TITLE }).filter({ hasText: "系统评分" }).first();
  await row.getByRole("link", { name: "查看得分" }).click();
  await expect(page.getByTestId("chat-sheet")).toBeVisible();
  await page.getByTestId("indicators").getByRole("button", { name: "服务准确率", exact: true }).click();
  await expect(page.getByTestId("drill")).toBeVisible();
  for (const details of await page.getByRole("main").locator("summary").all()) await details.click();
  await visit("chat-result", page);
  await page
    .getByRole("button", { name: /accuracy\.needs\/1/ })
    .first()
    .click();
  await expect(page.getByRole("dialog")).toContainText("定义");
  await visit("chat-formula", page);
  await shut(page);
  await view(page, "会话");
  await expect(page.locator("[data-need]").first()).toBeVisible();
  await visit("chat-result-talk", page);
  await view(page, "全程回放");
  await midway(page);
  await visit("chat-replay", page);
}

/** The same works before referees: in the results with names, for grading by their code alone. */
export async function markingChats(page: Page, visit: Visit): Promise<void> {
  await as(page, "chief_referee", "/contests");
  await page.getByRole("link", { name: FINISHED, exact: true }).click();
  await page.getByRole("navigation", { name: "竞赛页面" }).getByRole("link", { name: "成绩" }).click();
  await page.getByRole("navigation", { name: "环节" }).getByRole("link", { name: "在线服务" }).click();
  await expect(page.getByTestId("stat-works")).toHaveText("24");
  await visit("results-chats", page);
  await page
    .getByRole("link", { name: /^查看 / })
    .first()
    .click();
  await expect(page.getByTestId("chat-sheet")).toBeVisible();
  await visit("work-chat", page);

  await as(page, "scoring_referee", "/grading");
  await arrived(page, "在线服务");
  await visit("marking-chats", page);
  await page
    .getByRole("link", { name: /^查看作品/ })
    .first()
    .click();
  await expect(page.getByTestId("overruled")).toBeVisible();
  await visit("marking-chat", page);
  await view(page, "会话");
  await page.getByRole("button", { name: /^改判/ }).first().click();
  await page.getByRole("dialog").getByLabel("理由").fill("复核对话后改判");
  await visit("marking-overrule", page);
  await shut(page);
  await visit("marking-chat-talk", page);
  await view(page, "全程回放");
  await midway(page);
  await visit("marking-chat-replay", page);
}

/** A chat task of the demo: shop, terms, articles, settings, a customer, a talk with it, the plan, the desk itself. */
export async function chatAuthoring(page: Page, visit: Visit): Promise<void> {
  await as(page, "task_author", "/bank");
  await table(page);
  await page
    .getByRole("link", { name: new RegExp(`^${TITLE}`) })
    .first()
    .click();
  const tabs = page.getByRole("tablist", { name: "店铺与客户" }).getByRole("tab");
  const panel = page.getByRole("tabpanel");
  for (const [name, title] of [
    ["shop", "店铺与商品"],
    ["terms", "促销与配送"],
    ["articles", "知识库"],
    ["settings", "设置与短语"],
  ] as const) {
    await tabs.filter({ hasText: title }).click();
    await expect(panel).toBeVisible();
    const folded = panel.locator("button.title").first();
    if (await folded.count()) await folded.click();
    await visit(`chat-task-${name}`, page);
  }
  await tabs.nth(4).click();
  await expect(page.getByLabel("网名")).not.toHaveValue("");
  await panel.locator("button.title").first().click();
  await visit("chat-task-customer", page);

  await page.getByTestId("try-out").click();
  const talk = page.getByTestId("try");
  await expect(talk.getByText(/提问 · /).first()).toBeVisible();
  const box = talk.getByPlaceholder(/像选手一样回复/);
  await box.fill("您好，欢迎光临，请问有什么可以帮您？");
  await box.press("Enter");
  await expect(talk.getByText(/需求满足：/).first()).toBeVisible();
  await visit("chat-task-talk", page);

  await page.getByRole("tab", { name: /设置与短语/ }).click();
  await page.getByRole("link", { name: "到达计划（打印）" }).click();
  await expect(page.getByText(/计划校验码/).first()).toBeVisible();
  await visit("chat-plan", page);
  await page.goBack();
  await page.getByRole("button", { name: "预览", exact: true }).click();
  await expect(page.getByLabel("您的花名")).toBeVisible();
  await visit("chat-task-preview", page);
}
