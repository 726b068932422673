import { expect, test, type Page } from "@playwright/test";
import { take } from "./desk";
import { enter, somebody } from "./people";
import { wav } from "./sound";

/** The first sound starts a process that has all of numpy and av to load. */
const WORKSHOP = { timeout: 60_000 };

test.use({
  launchOptions: {
    executablePath: process.env.CCSS_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--autoplay-policy=no-user-gesture-required",
    ],
  },
});

const settled = (page: Page): Promise<void> =>
  expect(page.getByTestId("saving")).toHaveAttribute("data-state", "saved");

/** A new voice task, left open. */
async function newTask(page: Page, title: string): Promise<void> {
  await page.goto("/bank");
  await page
    .getByRole("button", { name: /新建题目|写第一道题/ })
    .last()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("题目标题").fill(title);
  await dialog.getByLabel("模块").selectOption({ label: "语音服务" });
  await dialog.getByRole("button", { name: "新建", exact: true }).click();
  await expect(page.getByRole("heading", { name: title })).toBeAttached();
}

/** Hands a recording of the line in, hears it to its end, confirms it. */
async function give(page: Page, seconds: number): Promise<void> {
  await page.getByRole("button", { name: /^客户的话：\s*没有录音/ }).click();
  const sound = page.getByRole("region", { name: "录音" });
  await sound.getByRole("button", { name: "上传", exact: true }).click();
  await expect(sound.getByLabel("遍数")).toHaveCount(0);
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "客户.wav", mimeType: "audio/wav", buffer: wav(seconds) });
  await expect(sound.getByTestId("level")).toHaveText("音量合适", WORKSHOP);
  await sound.getByRole("button", { name: "试听", exact: true }).click();
  await expect(sound.getByRole("button", { name: "试听并确认" })).toBeEnabled({ timeout: 40_000 });
  await sound.getByRole("button", { name: "试听并确认" }).click();
  await expect(sound.getByTestId("confirmed")).toBeVisible();
  await page.getByRole("button", { name: /^客户的话：\s*已确认/ }).click();
}

test("an inbound call from empty to a paper in practice", async ({ page, browser }) => {
  test.setTimeout(240_000);
  const title = `呼入题 ${Date.now()}`;
  await enter(page, "task_author");
  await newTask(page, title);

  await test.step("a case is made up, and cut down to two turns by the keyboard", async () => {
    await expect(page.getByTestId("fault-count")).toContainText("处错误");
    await page.getByRole("button", { name: "生成虚构情景" }).click();
    await expect(page.getByLabel("公司", { exact: true })).toHaveValue(/^演示/);
    const turns = page.getByRole("tablist", { name: "轮次" });
    await expect(turns.getByRole("tab")).toHaveCount(6);
    await turns.getByRole("tab").first().press("ArrowDown");
    for (let left = 5; left >= 2; left -= 1) {
      await page.getByRole("button", { name: "删除此轮" }).press("Enter");
      await expect(turns.getByRole("tab")).toHaveCount(left);
    }
    await settled(page);
    await page.reload();
    await expect(turns.getByRole("tab")).toHaveCount(2);
  });

  await test.step("a fault stands at its field, and the list leads there", async () => {
    const hint = page.getByLabel("显示提示", { exact: true });
    await hint.fill("");
    await settled(page);
    await expect(hint).toHaveAttribute("aria-invalid", "true");
    await page.getByRole("tab", { name: "整题设置" }).click();
    await page
      .getByRole("region", { name: "检查" })
      .getByRole("button", { name: /显示提示/ })
      .first()
      .click();
    await expect(hint).toBeFocused();
    await hint.fill("规范播报开头语");
    await settled(page);
  });

  await test.step("each line gets its own recording", async () => {
    await give(page, 5);
    await page.getByRole("tablist", { name: "轮次" }).getByRole("tab").nth(1).click();
    await give(page, 3);
    await expect(page.getByTestId("fault-count")).toContainText("没有错误");
  });

  await test.step("it is seen as a contestant reads it", async () => {
    await page.getByRole("button", { name: "预览" }).click();
    await expect(page.getByText("要在练习中试做")).toBeVisible();
    await expect(page.getByLabel(/规范播报开头语/)).toBeVisible();
    await page.getByRole("button", { name: "结束预览" }).click();
    await page.getByRole("button", { name: "返回编辑" }).click();
  });

  await test.step("a version, a lesson paper, and a contestant who opens it", async () => {
    await page.getByRole("button", { name: "存为版本" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "存为版本" }).click();
    await expect(page.getByTestId("task-state")).toHaveText("版本 1");
    await page.getByRole("link", { name: "返回题库" }).click();
    await page.getByRole("checkbox", { name: `选择“${title}”` }).check();
    await page.getByRole("button", { name: "组卷" }).click();
    await page.getByRole("button", { name: "组成试卷" }).click();
    await expect(page.getByRole("link", { name: "去练习" })).toBeVisible();
    const pupil = await somebody(browser);
    await enter(pupil, "contestant");
    await take(pupil, title);
    await expect(pupil.getByRole("checkbox", { name: "我已阅读并遵守" })).toBeVisible();
    await pupil.context().close();
  });
});

test("an outbound call: a line that presumes an answer is told, records are looked after", async ({
  page,
}) => {
  test.setTimeout(120_000);
  await enter(page, "task_author");
  await newTask(page, `呼出题 ${Date.now()}`);
  await page.getByLabel("形式").selectOption({ label: "呼出" });
  await page.getByRole("button", { name: "添加部分" }).click();
  await page.getByRole("button", { name: "生成虚构情景" }).click();
  const line = page.getByLabel("台词 1", { exact: true });
  await expect(line).toHaveValue(/./);
  await line.fill("那好吧，就按你说的办。");
  await settled(page);
  const check = page.getByRole("region", { name: "检查" });
  await page.getByRole("tab", { name: "知识库与业务系统" }).click();
  await check.getByRole("button", { name: /任何时候都说得通/ }).click();
  await expect(line).toBeFocused();

  await page.getByRole("tab", { name: "知识库与业务系统" }).click();
  await page.getByRole("button", { name: "添加记录" }).click();
  await page.getByLabel("单号或会员号").fill("YD20260001");
  await page.getByLabel("客户", { exact: true }).fill("赵先生");
  await page.getByRole("button", { name: "复制成相近的记录" }).click();
  await settled(page);
  await expect(check.getByRole("button", { name: /选手分不清/ })).toBeVisible();
  await page.getByLabel("单号或会员号").fill("YD20260010");
  await settled(page);
  await expect(check.getByRole("button", { name: /选手分不清/ })).toHaveCount(0);
});
