import { expect, test, type Page } from "@playwright/test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { field, handIn, saved, start, take } from "./desk";
import { enter, somebody } from "./people";
import { wav } from "./sound";

const LABELS = ["客户姓名", "客户地址", "邮政编码", "联系电话", "电子邮箱"];
/** The first sound starts a process that has all of numpy and av to load. */
const WORKSHOP = { timeout: 60_000 };
const microphone = join(mkdtempSync(join(tmpdir(), "ccss-microphone-")), "voice.wav");
writeFileSync(microphone, wav(6));

test.use({
  launchOptions: {
    executablePath: process.env.CCSS_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--autoplay-policy=no-user-gesture-required",
      "--use-fake-ui-for-media-stream",
      "--use-fake-device-for-media-stream",
      `--use-file-for-fake-audio-capture=${microphone}`,
    ],
  },
});

const answer = (page: Page, label: string) => page.getByRole("textbox", { name: label, exact: true });
const settled = (page: Page): Promise<void> =>
  expect(page.getByTestId("saving")).toHaveAttribute("data-state", "saved");

/** A new task, left open. */
async function newTask(page: Page, title: string, folder = ""): Promise<void> {
  await page.goto("/bank");
  await page
    .getByRole("button", { name: /新建题目|写第一道题/ })
    .last()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("题目标题").fill(title);
  await dialog.getByLabel("文件夹").fill(folder);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: title })).toBeAttached();
}

/** The card of the item that is open, made up by the server. */
async function invent(page: Page): Promise<void> {
  await page.getByRole("button", { name: "生成虚构卡片" }).click();
  for (const label of LABELS) await expect(answer(page, label)).not.toHaveValue("");
}

/** Hears the recording to its end, and confirms it. */
async function confirm(page: Page): Promise<void> {
  const sound = page.getByRole("region", { name: "录音" });
  await expect(sound.getByTestId("level")).toHaveText("音量合适", WORKSHOP);
  await expect(sound.getByRole("button", { name: "试听并确认" })).toBeDisabled();
  await sound.getByRole("button", { name: "试听", exact: true }).click();
  await expect(sound.getByRole("button", { name: "试听并确认" })).toBeEnabled({ timeout: 40_000 });
  await sound.getByRole("button", { name: "试听并确认" }).click();
  await expect(sound.getByTestId("confirmed")).toBeVisible();
}

test("from a new task to a scored practice: invented, recorded in the page, confirmed, a paper", async ({
  page,
  browser,
}) => {
  test.setTimeout(180_000);
  const title = `录音题 ${Date.now()}`;
  await enter(page, "task_author");
  // The demo's bank holds examples: what an empty one shows is shown once.
  await page.route("**/bank/tasks?deleted=false", (route) => route.fulfill({ json: [] }), { times: 1 });
  await newTask(page, title, "网页录音");

  const texts = await test.step("five fields are invented, one is edited", async () => {
    await expect(page.getByTestId("fault-count")).toContainText("处错误");
    await invent(page);
    await answer(page, "电子邮箱").fill("Hello_2026@example.cn");
    await settled(page);
    await page.reload();
    await expect(answer(page, "电子邮箱")).toHaveValue("Hello_2026@example.cn");
    return Promise.all(LABELS.map((label) => answer(page, label).inputValue()));
  });

  await test.step("the text is read into the microphone", async () => {
    await page.getByRole("button", { name: "录音", exact: true }).click();
    await page.getByRole("button", { name: "打开话筒" }).click();
    await expect(page.getByLabel("要读的文字")).toContainText(texts[1]!);
    await expect
      .poll(async () => Number(await page.getByRole("meter").getAttribute("aria-valuenow")))
      .toBeGreaterThan(-40);
    const recorder = page.getByTestId("recorder");
    await page.getByRole("button", { name: "开始录音" }).click();
    await expect(recorder).toHaveAttribute("data-state", "counting");
    await expect(recorder).toHaveAttribute("data-state", "recording");
    await page.getByRole("button", { name: "暂停录音" }).click();
    await expect(recorder).toHaveAttribute("data-state", "paused");
    await page.getByRole("button", { name: "继续录音" }).click();
    await expect(recorder).toContainText("0:03");
    await page.getByRole("button", { name: "结束录音" }).click();
    await page.getByRole("button", { name: "采用这条录音" }).click();
    await confirm(page);
  });

  await test.step("it is seen as a contestant sees it, and nothing is kept of that", async () => {
    await page.getByRole("button", { name: "预览" }).click();
    await expect(page.getByText("内容不会保存")).toBeVisible();
    await field(page, "客户姓名").fill("试");
    await page.getByRole("button", { name: "播放", exact: true }).click();
    await expect(page.locator("[data-playing=true]")).toBeVisible();
    await page.getByRole("button", { name: "交卷", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "确认交卷" }).click();
    await expect(page.getByText("预览结束")).toBeVisible();
    await page.getByRole("button", { name: "返回编辑" }).click();
  });

  await test.step("a version, and a lesson paper that is open now", async () => {
    await expect(page.getByTestId("fault-count")).toContainText("没有错误");
    await page.getByRole("button", { name: "存为版本" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "存为版本" }).click();
    await expect(page.getByTestId("task-state")).toHaveText("版本 1");
    await page.getByRole("link", { name: "返回题库" }).click();
    await page.getByRole("checkbox", { name: `选择“${title}”` }).check();
    await page.getByRole("button", { name: "组卷" }).click();
    await expect(page.getByRole("dialog").getByLabel("用途")).toHaveValue("lesson");
    await page.getByRole("button", { name: "组成试卷" }).click();
    await expect(page.getByRole("link", { name: "去练习" })).toBeVisible();
  });

  await test.step("a contestant practises it and gets full marks", async () => {
    const pupil = await somebody(browser);
    await enter(pupil, "contestant");
    await take(pupil, title);
    await start(pupil);
    for (const [index, label] of LABELS.entries()) {
      await field(pupil, label).fill(texts[index]!);
      await saved(pupil, label);
    }
    await handIn(pupil);
    await pupil.getByRole("link", { name: "查看得分" }).click();
    await expect(pupil.getByTestId("marks")).toHaveText("10.00");
    await pupil.context().close();
  });
});

test("a recording is uploaded; faults stand at their fields; a change of the text asks for it anew", async ({
  page,
}) => {
  test.setTimeout(180_000);
  await enter(page, "task_author");
  await newTask(page, `上传题 ${Date.now()}`);
  await invent(page);
  await answer(page, "联系电话").fill("1380013");
  await settled(page);
  const row = page.getByRole("group", { name: "联系电话" });
  await expect(row.getByRole("listitem").first()).toBeVisible();
  await expect(answer(page, "联系电话")).toHaveAttribute("aria-invalid", "true");
  await answer(page, "客户姓名").focus();
  await page
    .getByRole("region", { name: "检查" })
    .getByRole("button", { name: /联系电话/ })
    .first()
    .click();
  await expect(answer(page, "联系电话")).toBeFocused();
  await answer(page, "联系电话").fill("13800138000");
  await settled(page);
  await expect(answer(page, "联系电话")).toHaveAttribute("aria-invalid", "false");

  await page.getByRole("button", { name: "上传", exact: true }).click();
  const files = page.locator("input[type=file]");
  await files.setInputFiles({ name: "a.mp3", mimeType: "audio/mpeg", buffer: Buffer.from("no sound") });
  await expect(page.getByRole("alert")).toContainText("读不出这个文件", WORKSHOP);
  await files.setInputFiles({ name: "读卡.wav", mimeType: "audio/wav", buffer: wav(2) });
  await confirm(page);
  await expect(page.getByTestId("fault-count")).toContainText("没有错误");

  await answer(page, "客户姓名").fill("欧阳文静");
  await expect(page.getByText("文字在录音后改过")).toBeVisible();
  await page.getByRole("button", { name: "存为版本" }).click();
  await expect(page.getByRole("dialog")).toContainText("处错误");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "试听并确认", exact: true }).click();
  await expect(page.getByTestId("confirmed")).toBeVisible();
});

test("a voice reads, or it is said why not", async ({ page }) => {
  await enter(page, "task_author");
  let known: object = {
    available: false,
    reason: { "zh-CN": "请运行 ccss voices install", en: "" },
    voices: [],
  };
  await page.route("**/bank/voices", (route) => route.fulfill({ json: known }));
  await newTask(page, `合成题 ${Date.now()}`);
  await invent(page);
  await expect(page.getByRole("note")).toContainText("ccss voices install");
  known = { available: true, reason: null, voices: [{ id: "zf", label: "女声" }] };
  let asked: unknown;
  let answer = (): void => undefined;
  await page.route("**/speech", async (route) => {
    asked = route.request().postDataJSON();
    await new Promise<void>((resolve) => (answer = resolve));
    await route.fulfill({
      status: 409,
      json: { code: "stage-runs", status: 409, retry: false, detail: "有竞赛环节正在进行，不能合成语音" },
    });
  });
  await page.reload();
  await page.getByLabel("语速 1.00").press("ArrowLeft");
  await page.getByLabel("遍数").selectOption({ label: "读一遍" });
  await page.getByRole("button", { name: "合成录音" }).click();
  await expect(page.getByText("正在合成，约需 15 秒…")).toBeVisible();
  await expect(page.getByRole("button", { name: "合成录音" })).toBeDisabled();
  answer();
  await expect(page.getByRole("alert")).toContainText("有竞赛环节正在进行");
  expect(asked).toMatchObject({ voice: "zf", speed: 0.95, readings: 1 });
});

test("what was typed is not lost when somebody else changed the task", async ({ page, browser }) => {
  await enter(page, "task_author");
  await newTask(page, `两页题 ${Date.now()}`);
  const other = await somebody(browser, "organiser");
  await other.goto(page.url());
  await answer(other, "客户姓名").fill("王小明");
  await settled(other);
  await answer(page, "客户地址").fill("浙江省杭州市西湖区文三路");
  await expect(page.getByTestId("overtaken")).toBeVisible();
  await expect(answer(page, "客户地址")).toHaveValue("浙江省杭州市西湖区文三路");
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", { name: "复制我的文字" }).click();
  await expect(page.getByRole("button", { name: "已复制" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("文三路");
  await page.getByRole("button", { name: "重新载入" }).click();
  await expect(answer(page, "客户姓名")).toHaveValue("王小明");
  await answer(page, "客户地址").fill("浙江省杭州市西湖区文三路");
  await settled(page);
  await other.context().close();
});

test("a table with a faulty row imports nothing; mended it does, and moves by the keyboard", async ({
  page,
}) => {
  await enter(page, "task_author");
  const mark = `导入${Date.now()}`;
  const head = "标题,姓名,联系地址,邮政编码,联系电话,电子邮箱";
  const good = `${mark}甲,章文彬,湖北省武汉市武昌区首义路86号,430060,02790350472,a_1@example.cn`;
  const choose = (rows: string[]): Promise<void> =>
    page.locator("input[type=file]").setInputFiles({
      name: "题目.csv",
      mimeType: "text/csv",
      buffer: Buffer.from([head, ...rows].join("\n")),
    });
  await page.getByRole("button", { name: "导入", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await choose([good, `${mark}乙,章文彬,湖北省武汉市武昌区首义路86号,430060,,a_2@example.cn`]);
  await expect(dialog.getByRole("row").filter({ hasText: "联系电话" }).first()).toContainText("3");
  await expect(dialog.getByRole("button", { name: "导入", exact: true })).toBeDisabled();
  await choose([good]);
  await dialog.getByRole("button", { name: "导入 1 道题" }).click();
  await expect(dialog).toHaveCount(0);

  await page.getByRole("searchbox").fill(mark);
  await expect(page.getByRole("row")).toHaveCount(2);
  await page.getByRole("checkbox", { name: "全选" }).press("Space");
  await page.getByRole("button", { name: "移动到…" }).press("Enter");
  await dialog.getByLabel("文件夹").fill(`${mark}/第一批`);
  await page.keyboard.press("Enter");
  const folders = page.getByRole("navigation", { name: "文件夹" });
  await expect(folders.getByRole("button", { name: "第一批" })).toContainText("1");
  await page
    .getByRole("link", { name: `${mark}甲` })
    .dragTo(folders.getByRole("button", { name: "全部题目" }));
  await expect(page.getByText("已把 1 道题移到“最外层”。")).toBeVisible();
  await page.getByRole("checkbox", { name: "全选" }).press("Space");
  await page.getByRole("button", { name: "删除" }).press("Enter");
  await dialog.getByRole("button", { name: "删除" }).press("Enter");
  await expect(page.getByText("已放进回收站。")).toBeVisible();
  await page.getByRole("button", { name: "回收站" }).click();
  await expect(page.getByRole("row").filter({ hasText: `${mark}甲` })).toBeVisible();
});
