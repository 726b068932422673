import { expect, type Page } from "@playwright/test";
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
