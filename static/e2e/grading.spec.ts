import { expect, test } from "@playwright/test";
import { paper } from "./answers";
import { enter } from "./people";
import { arrived } from "./screens/judging";

test("the finished contest arrives by code, down to key and recordings", async ({ page }) => {
  await enter(page, "scoring_referee");
  await arrived(page, "听打录入");
  const main = page.getByRole("main");
  await expect(main).not.toContainText("演示选手");
  await expect(main).not.toContainText("代表队");
  await expect(main).not.toContainText("技能竞赛");

  const first = page.getByRole("row").nth(1);
  const code = await first.locator("code").innerText();
  await expect(first).toContainText("未看过");
  await first.getByRole("link").click();
  await page.waitForURL(`**/grading/*/${code}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`作品 ${code}`);
  const proposed = await page.getByTestId("proposed").innerText();
  await expect(page.getByTestId("marks")).toHaveText(proposed);
  await expect(main).toContainText(`= ${proposed} 分`);

  await page.getByText("测量值").click();
  await expect(page.getByRole("row").filter({ hasText: "typing_test.correct/1" })).toBeVisible();
  await page.getByText("标准答案", { exact: true }).click();
  await expect(page.getByTestId("key")).toContainText(paper("contest").items[0]!.answers.name!.text);
  await page.getByText(/^听打录音/).click();
  const audio = page.locator("audio").first();
  await audio.evaluate((element: HTMLAudioElement) => element.play());
  await expect.poll(() => audio.evaluate((one: HTMLAudioElement) => one.currentTime)).toBeGreaterThan(0);
  await audio.evaluate((element: HTMLAudioElement) => element.pause());

  await page.getByText(/^文件与校验值/).click();
  const downloading = page.waitForEvent("download");
  await page.getByRole("link", { name: "最终答案" }).click();
  expect((await downloading).suggestedFilename()).toMatch(new RegExp(`^${code}-answers-[0-9a-f]{8}\\.json$`));

  await page.getByRole("heading", { level: 1 }).click();
  await page.keyboard.press("j");
  await expect(page.getByRole("heading", { level: 1 })).not.toHaveText(`作品 ${code}`);
  await page.keyboard.press("k");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`作品 ${code}`);
  await page.getByRole("link", { name: "返回作品列表" }).click();
  await expect(page.getByRole("row").filter({ hasText: code })).toContainText("已看");
  await page.getByLabel("查找作品号").fill(code.toLowerCase());
  await expect(page.getByRole("row")).toHaveCount(2);
});

test("nobody else gets in, and an absence is explained", async ({ page }) => {
  await enter(page, "technician");
  await page.goto("/grading");
  await expect(page.getByText("没有权限")).toBeVisible();
  await page.goto("/");
  await page.getByRole("button", { name: "以评分裁判身份进入" }).click();
  await page.waitForURL("**/grading**");
  const away = {
    status: 503,
    json: { code: "grading-away", detail: "评分服务暂时不可用，成绩和作品不会丢失", status: 503 },
  };
  await page.route("**/api/v1/grading/**", (route) => route.fulfill(away));
  await page.reload();
  await expect(page.getByText("成绩和作品不会丢失").first()).toBeVisible();
  await page.unroute("**/api/v1/grading/**");
  await page.getByRole("button", { name: "重试" }).click();
  await expect(page.getByRole("row").first()).toBeVisible();
});
