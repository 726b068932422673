import { expect, type Browser, type Page } from "@playwright/test";
import { FINISHED } from "../hall";
import { Caller } from "../people";
import { as, shut, table, type Visit } from "../walk";

export async function organising(
  page: Page,
  visit: Visit,
  _browser: Browser,
  baseURL: string,
): Promise<void> {
  const organiser = await Caller.as("organiser", baseURL);
  const empty = await organiser.post<{ contest_id: string }>("/contests", { title: "还没有安排的竞赛" });
  await organiser.leave();
  const bare = `/contests/${empty.contest_id}`;
  await as(page, "organiser", "/contests");
  await table(page);
  await visit("contests", page);
  await page.getByRole("button", { name: "新建竞赛" }).click();
  await visit("contest-new", page);
  await shut(page);
  for (const [name, path, words] of [
    ["timetable-empty", "", "日程里还没有环节"],
    ["roster-empty", "/roster", "还没有名单"],
    ["placements-empty", "/placements", "还没有安排赛位"],
    ["announcements-empty", "/announcements", "还没有公告"],
    ["run-empty", "/run", "日程里还没有环节"],
    ["results-empty", "/results", "还没有环节"],
  ] as const) {
    await page.goto(bare + path);
    await expect(page.getByText(words).first()).toBeVisible();
    await visit(name, page);
    if (name === "timetable-empty") {
      await page.getByRole("button", { name: "添加环节" }).click();
      await expect(page.getByRole("dialog").getByRole("option")).not.toHaveCount(1);
      await visit("stage-new", page);
      await shut(page);
    }
    if (name === "roster-empty") {
      const buffer = Buffer.from("参赛证号,姓名,代表队\n001,甲,一队\n001,乙,一队\n,丙,二队\n004,丁,\n");
      const chosen = { name: "名单.csv", mimeType: "text/csv", buffer };
      await page.locator("input[type=file]").setInputFiles(chosen);
      await expect(page.getByRole("region", { name: "检查结果" })).toBeVisible();
      await visit("roster-faults", page);
    }
  }

  await page.goto("/contests");
  await page.getByRole("link", { name: FINISHED, exact: true }).click();
  await table(page);
  await visit("timetable", page);
  const tabs = page.getByRole("navigation", { name: "竞赛页面" });
  for (const [name, title] of [
    ["roster", "名单"],
    ["placements", "赛位"],
    ["announcements", "公告"],
    ["acts", "记录"],
  ] as const) {
    await tabs.getByRole("link", { name: title }).click();
    await expect(page.locator("main table, main article").first()).toBeVisible();
    await visit(name, page);
  }
  await page.goto("/papers");
  await table(page);
  await visit("papers", page);
  await page
    .getByRole("button", { name: /更改开放时间/ })
    .first()
    .click();
  await visit("paper-visibility", page);
  await shut(page);
  await page.goto("/places");
  await table(page);
  await visit("places", page);
  await page.getByRole("button", { name: "添加考场" }).click();
  await page.getByRole("dialog").getByLabel("考场").fill("Z");
  await visit("places-add", page);
  await shut(page);
  await page.goto("/people");
  await table(page);
  await visit("people", page);
  await page.getByRole("button", { name: "添加人员" }).click();
  await visit("person-new", page);
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("账号").fill(`judge-${Date.now()}`);
  await dialog.getByLabel("姓名").fill("张评委");
  await dialog.getByLabel("评分裁判").check();
  await dialog.getByRole("button", { name: "添加人员" }).click();
  await expect(page.getByRole("button", { name: "已记下" })).toBeVisible();
  await visit("password", page);
  await shut(page);
  await page.goto("/me");
  await expect(page.getByRole("button").last()).toBeVisible();
  await visit("me", page);
}

export async function printing(page: Page, visit: Visit): Promise<void> {
  const preview = page.getByRole("region", { name: "打印预览" });
  await as(page, "organiser", "/contests");
  await page.getByRole("link", { name: FINISHED, exact: true }).click();
  await page.getByRole("navigation", { name: "竞赛页面" }).getByRole("link", { name: "打印" }).click();
  for (const [name, title] of [
    ["print", "赛位标签"],
    ["print-slips", "选手登录条"],
    ["print-doors", "考场门口名单"],
  ] as const) {
    await page.getByRole("button", { name: title }).click();
    await expect(preview).toBeVisible();
    await visit(name, page);
  }
  await as(page, "trainer", "/classes");
  await page.getByRole("link", { name: "演示班" }).click();
  await page.getByRole("link", { name: "打印登录条" }).click();
  await expect(preview).toBeVisible();
  await visit("class-print", page);
}
