import { expect, type Page } from "@playwright/test";
import { FINISHED } from "../hall";
import { as, type Visit } from "../walk";

/** 46 recordings are put together by one process of low priority. */
const SEALING_MS = 180_000;

/** Shows one stage of the open contest alone; whether all 23 works of the demo are there. */
async function delivered(page: Page, module: string): Promise<boolean> {
  await expect(page.getByLabel("查找作品号")).toBeVisible();
  // There is nothing to choose from while one stage alone has works.
  const stages = page.getByRole("combobox", { name: "环节" });
  const option = stages.getByRole("option").filter({ hasText: module });
  if (await option.count()) await stages.selectOption({ label: (await option.innerText()).trim() });
  const rows = page.getByRole("row").filter({ hasText: module });
  return (await rows.count()) === 23 && (await page.getByRole("row").count()) === 24;
}

/**
 * The works of one stage of the finished contest. They are delivered stage by stage once the server has come up:
 * dictation at once, calls as soon as their recordings are sealed. A contest is known by a random code only.
 */
export async function arrived(page: Page, module: string, timeout = 60_000): Promise<void> {
  const contests = page.getByRole("navigation", { name: "赛事" }).getByRole("link");
  await expect(async () => {
    await page.goto("/grading");
    await expect(page.getByLabel("查找作品号")).toBeVisible({ timeout: 3_000 });
    for (let number = 0; !(await delivered(page, module)); number += 1)
      await contests.nth(number).click({ timeout: 1_000 });
  }).toPass({ timeout });
}

export async function judging(page: Page, visit: Visit): Promise<void> {
  await as(page, "chief_referee", "/contests");
  await page.getByRole("link", { name: FINISHED, exact: true }).click();
  await page.getByRole("navigation", { name: "竞赛页面" }).getByRole("link", { name: "成绩" }).click();
  const dictation = page.getByRole("navigation", { name: "环节" }).getByRole("link", { name: "听打录入" });
  await dictation.click();
  await expect(dictation).toHaveAttribute("aria-current", "page");
  await expect(page.getByTestId("stat-scored")).toHaveText("23");
  await visit("results", page);
  const results = page.url();
  await page.getByRole("button", { name: "投影" }).click();
  await expect(page.getByRole("button", { name: "退出投影" })).toBeVisible();
  await visit("results-wall", page);
  await page.goto(results);
  await page
    .getByRole("link", { name: /^查看 / })
    .first()
    .click();
  await expect(page.getByTestId("marks")).toBeVisible();
  await visit("work", page);
  await page.goto(results);
  await page.getByRole("navigation", { name: "环节" }).getByRole("link", { name: "语音服务" }).click();
  await expect(page.getByTestId("stat-works")).toHaveText("24");
  await visit("results-calls", page);
  await page
    .getByRole("link", { name: /^查看 / })
    .first()
    .click();
  await expect(page.getByRole("heading", { name: /^作品 / })).toBeVisible();
  await visit("work-calls", page);
  await page.goto(`${results}/key`);
  await page.getByRole("button", { name: /^修改/ }).first().click();
  await page.getByRole("textbox", { name: /第一行是标准答案/ }).fill("张晓明\n张小明");
  await visit("key", page);
}

export async function marking(page: Page, visit: Visit): Promise<void> {
  await as(page, "scoring_referee", "/grading");
  await arrived(page, "听打录入");
  await visit("marking", page);
  await page.getByLabel("查找作品号").fill("nothing");
  await expect(page.getByText("没有符合条件的作品")).toBeVisible();
  await visit("marking-none", page);
  await page.getByLabel("查找作品号").fill("");
  await page
    .getByRole("link", { name: /^查看作品/ })
    .first()
    .click();
  await expect(page.getByTestId("proposed")).toBeVisible();
  for (const details of await page.getByRole("main").locator("summary").all()) await details.click();
  await expect(page.getByTestId("key").getByRole("table")).toBeVisible();
  await visit("marking-work", page);
  const away = { status: 503, json: { code: "grading-away", detail: "评分服务暂时不可用", status: 503 } };
  await page.route("**/api/v1/grading/**", (route) => route.fulfill(away));
  await page.goto("/grading");
  await expect(page.getByText("评分服务暂时不可用").first()).toBeVisible();
  await visit("marking-away", page);
  await page.unroute("**/api/v1/grading/**");
}

/** Works with calls: they come later than the others. */
export async function markingCalls(page: Page, visit: Visit): Promise<void> {
  await as(page, "scoring_referee", "/grading");
  await arrived(page, "语音服务", SEALING_MS);
  await page
    .getByRole("link", { name: /^查看作品/ })
    .first()
    .click();
  await expect(page.getByRole("slider").first()).toBeVisible();
  await visit("marking-calls", page);
}
