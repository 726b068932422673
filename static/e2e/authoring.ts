import { expect, type Page } from "@playwright/test";
import { VOICE } from "./people";
import { as, shut, table, type Visit } from "./walk";

/** Every screen of the task bank. */
export async function authoring(page: Page, visit: Visit): Promise<void> {
  await page.route("**/api/v1/bank/tasks?deleted=false", (route) => route.fulfill({ json: [] }), {
    times: 1,
  });
  await as(page, "task_author", "/bank");
  await expect(page.getByText("题库还是空的")).toBeVisible();
  await visit("bank-empty", page);
  await page.getByRole("button", { name: "导入", exact: true }).first().click();
  const rows = [
    "标题,姓名,联系地址,邮政编码,联系电话,电子邮箱",
    "甲,章文彬,湖北省武汉市武昌区,430060,,a@b.cn",
  ];
  const buffer = Buffer.from(rows.join("\n"));
  await page.locator("input[type=file]").setInputFiles({ name: "题目.csv", mimeType: "text/csv", buffer });
  await expect(page.getByRole("dialog").getByRole("table")).toBeVisible();
  await visit("bank-import", page);
  await shut(page);
  await page.goto("/bank");
  await table(page);
  await page.getByRole("checkbox").nth(1).check();
  await page.getByRole("checkbox").nth(2).check();
  await visit("bank", page);
  await page.getByRole("button", { name: "组卷" }).click();
  await visit("bank-paper", page);
  await shut(page);
  await page
    .getByRole("link", { name: /第 1 条/ })
    .first()
    .click();
  await expect(page.locator("summary")).toBeVisible();
  await visit("task", page);
  await page.locator("summary").click();
  await page.getByRole("button", { name: "换一条录音" }).click();
  await page.getByRole("button", { name: "上传", exact: true }).click();
  await visit("task-sound", page);
  await page.getByRole("button", { name: /^版本（/ }).click();
  await page
    .getByRole("button", { name: /与现在比较/ })
    .first()
    .click();
  await expect(page.getByText("与现在相同")).toBeVisible();
  await visit("task-versions", page);
  await shut(page);
  await page.getByRole("button", { name: "预览" }).click();
  await expect(page.getByRole("button", { name: "交卷" })).toBeVisible();
  await visit("task-preview", page);
  await page.goto("/bank");
  await page.getByRole("button", { name: "新建题目" }).click();
  await visit("task-new", page);
  await page.getByRole("dialog").getByLabel("题目标题").fill("空白的题目");
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("fault-count")).toContainText("处错误");
  await visit("task-faults", page);
}

/** A voice task of the demo: an inbound case, a campaign, what they draw on. */
export async function voiceAuthoring(page: Page, visit: Visit): Promise<void> {
  await as(page, "task_author", "/bank");
  await table(page);
  const tasks = page.getByRole("link", { name: new RegExp(VOICE.contest) });
  await tasks.filter({ hasText: "呼入" }).click();
  const turns = page.getByRole("tablist", { name: "轮次" }).getByRole("tab");
  await turns.nth(1).click();
  await visit("voice-task", page);
  await page
    .getByRole("button", { name: /^客户的话：/ })
    .first()
    .click();
  await expect(page.getByRole("region", { name: "录音" })).toBeVisible();
  await visit("voice-task-sound", page);
  await page.getByRole("tab", { name: "知识库与业务系统" }).click();
  await visit("voice-task-knowledge", page);
  await page.getByRole("button", { name: "预览" }).click();
  await expect(page.getByText("要在练习中试做")).toBeVisible();
  await visit("voice-task-preview", page);
  await page.goto("/bank");
  await tasks.filter({ hasText: "呼出" }).click();
  await expect(page.getByLabel("台词 1", { exact: true })).toBeVisible();
  await visit("voice-task-outbound", page);
}
