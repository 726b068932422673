import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { paper } from "./answers";
import { somebody } from "./people";

const HEADINGS = "参赛证号,姓名,代表队,指导教师";
const FAULTY = [
  HEADINGS,
  "B01,王一,甘肃队,赵老师",
  "B01,李二,甘肃队,赵老师",
  ",张三,青海队,钱老师",
  "B 04,,宁夏队,孙老师",
].join("\n");
const GOOD = [HEADINGS, "B01,王一,甘肃队,赵老师", "B02,李二,甘肃队,赵老师", "B03,张三,青海队,"].join("\n");
const file = (text: string) => ({ name: "名单.csv", mimeType: "text/csv", buffer: Buffer.from(text) });

test("a contest is organised: stage, roster, places, and what was done", async ({ browser }) => {
  const title = "西北赛区选拔赛";
  const organiser = await somebody(browser, "organiser");
  const tab = (name: string) =>
    organiser.getByRole("navigation", { name: "竞赛页面" }).getByRole("link", { name }).click();
  const dialog = organiser.getByRole("dialog");

  await test.step("contest and stage", async () => {
    await organiser.goto("/contests");
    await organiser.getByRole("button", { name: "新建竞赛" }).click();
    await dialog.getByLabel("名称").fill(title);
    await dialog.getByRole("button", { name: "新建", exact: true }).click();
    await expect(organiser.getByRole("heading", { name: title })).toBeVisible();
    await expect(organiser.getByText("日程里还没有环节")).toBeVisible();
    await organiser.getByRole("button", { name: "添加环节" }).click();
    const choice = dialog.getByLabel("试卷");
    await expect(choice.getByRole("option")).not.toHaveCount(1);
    await choice.selectOption({ label: `${paper("contest").title["zh-CN"]} · 竞赛卷` });
    await expect(dialog.getByLabel("时长（分钟）")).toHaveValue("10");
    await dialog.getByLabel("环节名称").fill("听打初赛");
    await dialog.getByLabel("计划开始").fill("2031-05-18T09:00");
    await dialog.getByRole("button", { name: "添加环节" }).click();
    const row = organiser.getByRole("row").filter({ hasText: "听打初赛" });
    await expect(row).toContainText("未开放");
    await expect(row).toContainText("2031-05-18 09:00");
  });

  await test.step("the roster's template", async () => {
    await tab("名单");
    const coming = organiser.waitForEvent("download");
    await organiser.getByRole("link", { name: "下载模板" }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toMatch(/\.xlsx$/);
    // An .xlsx is a zip.
    expect(
      readFileSync(await download.path())
        .subarray(0, 2)
        .toString(),
    ).toBe("PK");
  });

  await test.step("a faulty roster is refused, row by row", async () => {
    await organiser.locator("input[type=file]").setInputFiles(file(FAULTY));
    await expect(organiser.getByText("没有导入任何内容")).toBeVisible();
    const faults = organiser.getByRole("region", { name: "检查结果" }).getByRole("row");
    for (const [row, words] of [
      ["3", "与第 2 行重复"],
      ["4", "没有填写参赛证号"],
      ["5", "只能由 1–20 个字母"],
      ["5", "没有填写姓名"],
    ] as const)
      await expect(
        faults.filter({ has: organiser.getByRole("cell", { name: row, exact: true }), hasText: words }),
      ).toHaveCount(1);
    await expect(organiser.getByRole("button", { name: /确认导入/ })).toHaveCount(0);
    await expect(organiser.getByText("名单（0 人）")).toBeVisible();
  });

  await test.step("the right one is looked through, then imported", async () => {
    await organiser.locator("input[type=file]").setInputFiles(file(GOOD));
    await expect(organiser.getByText("检查通过：共 3 行，1 处提醒，尚未导入。")).toBeVisible();
    await expect(organiser.getByText("没有填写指导教师")).toBeVisible();
    await organiser.getByRole("button", { name: "确认导入 3 行" }).click();
    await expect(organiser.getByText("已导入 3 行。")).toBeVisible();
    await expect(organiser.getByText("名单（3 人）")).toBeVisible();
    await expect(organiser.getByRole("row").filter({ hasText: "B03" })).toContainText("青海队");
  });

  await test.step("room B, and everybody seated by ticket", async () => {
    await organiser.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "赛位" }).click();
    await organiser.getByRole("button", { name: "添加考场" }).click();
    await dialog.getByLabel("考场").fill("B");
    await dialog.getByLabel("数量").fill("4");
    await dialog.getByLabel("其中备用").fill("1");
    await expect(dialog).toContainText("考场 B 的 1 号到 4 号，最后 1 个为备用赛位。");
    await dialog.getByRole("button", { name: "添加 4 个赛位" }).click();
    await expect(organiser.getByText("共 4 个，备用 1 个，已绑定 0 个，在线 0 个。")).toBeVisible();
    await organiser.getByRole("navigation", { name: "主导航" }).getByRole("link", { name: "竞赛" }).click();
    await organiser.getByRole("link", { name: title, exact: true }).click();
    await tab("赛位");
    await organiser.getByRole("button", { name: "按证号顺序安排" }).click();
    await dialog.getByLabel("B", { exact: true }).check();
    await expect(dialog).toContainText("可用赛位 3 个，需要 3 个。");
    await dialog.getByRole("button", { name: "安排 3 人" }).click();
    await expect(organiser.getByText("赛位安排（3 / 3）")).toBeVisible();
    for (const number of [1, 2, 3])
      await expect(organiser.getByRole("row").filter({ hasText: `B0${number}` })).toContainText(
        `B-0${number}`,
      );
  });

  await test.step("what was done stands in the record", async () => {
    await tab("记录");
    const acts = organiser.getByRole("region", { name: "赛场记录" }).getByRole("row");
    for (const words of ["新建竞赛", "添加环节", "导入名单", "安排赛位"])
      await expect(acts.filter({ hasText: words })).toHaveCount(1);
    await expect(acts.filter({ hasText: "导入名单" })).toContainText("行数 3");
    await expect(acts.filter({ hasText: "安排赛位" })).toContainText("演示赛务管理员");
  });
});

test("people: roles that clash are refused, a password is shown once", async ({ browser }) => {
  const organiser = await somebody(browser, "organiser");
  const dialog = organiser.getByRole("dialog");
  await organiser.goto("/people");
  await organiser.getByRole("button", { name: "添加人员" }).click();
  await dialog.getByLabel("账号").fill("referee-wang");
  await dialog.getByLabel("姓名").fill("王裁判");
  await dialog.getByLabel("裁判长").check();
  await dialog.getByLabel("加密裁判").check();
  await dialog.getByRole("button", { name: "添加人员" }).click();
  await expect(dialog.getByRole("alert")).toContainText("不能由同一人兼任");
  await expect(dialog.getByRole("alert")).toContainText("裁判长与加密裁判");
  await dialog.getByLabel("加密裁判").uncheck();
  await dialog.getByRole("button", { name: "添加人员" }).click();

  const once = organiser.getByRole("dialog", { name: "王裁判 的密码" });
  const password = await once.locator("code").last().innerText();
  expect(password.length).toBeGreaterThanOrEqual(8);
  await once.getByRole("button", { name: "已记下" }).click();
  await expect(organiser.getByText(password)).toHaveCount(0);
  await organiser.reload();
  await expect(organiser.getByRole("row").filter({ hasText: "王裁判" })).toContainText("裁判长");
  await expect(organiser.getByText(password)).toHaveCount(0);

  const wang = await somebody(browser);
  await wang.goto("/");
  await wang.getByText("用账号或班级码登录").click();
  await wang.getByLabel("账号", { exact: true }).fill("referee-wang");
  await wang.getByLabel("密码", { exact: true }).fill(password);
  await wang.getByRole("button", { name: "登录", exact: true }).click();
  await wang.waitForURL("**/contests");
  await expect(wang.getByRole("link", { name: "人员" })).toHaveCount(0);
});
