import { expect, test } from "@playwright/test";
import { marks, paper, percent, counted } from "./answers";
import { field, handIn, saved } from "./desk";
import { somebody } from "./people";

const TITLE = "电商 2301 班";
const NAME = "欧阳小红";
const NUMBER = "2301-07";

test("a lesson from the class's code to the score sheet", async ({ browser }) => {
  const lesson = paper("lesson");
  const [trainer, pupil] = await Promise.all([somebody(browser, "trainer"), somebody(browser)]);

  const code = await test.step("a class, its code, and a pupil who registers by it", async () => {
    await trainer.goto("/classes");
    await trainer.getByLabel("班级名称").fill(TITLE);
    await trainer.getByRole("button", { name: "新建", exact: true }).click();
    await expect(trainer.getByRole("heading", { name: TITLE })).toBeVisible();
    await expect(trainer.getByText("班里还没有学生")).toBeVisible();
    const box = trainer.getByRole("region", { name: "班级码" });
    await expect(box.getByText("登记开放", { exact: true })).toBeVisible();
    return box.getByTestId("class-code").innerText();
  });

  await test.step("registration can be closed and opened", async () => {
    const box = trainer.getByRole("region", { name: "班级码" });
    const enter = async (): Promise<void> => {
      await pupil.getByRole("button", { name: "设定密码并登录" }).click();
    };
    await box.getByRole("button", { name: "关闭登记" }).click();
    await expect(box.getByText("登记关闭", { exact: true })).toBeVisible();
    await pupil.goto("/");
    await pupil.getByText("用账号或班级码登录").click();
    await pupil.getByRole("tab", { name: "班级登录" }).click();
    await pupil.getByLabel("班级码").fill(code.toLowerCase());
    await pupil.getByLabel("学号").fill(NUMBER);
    await pupil.getByLabel("首次登录").check();
    await pupil.getByLabel("姓名（名单里没有时填写）").fill(NAME);
    await pupil.getByLabel("设定密码（至少 4 位）").fill("abcd1234");
    await pupil.getByLabel("再输一次密码").fill("abcd1234");
    await enter();
    await expect(pupil.getByRole("alert")).toBeVisible();
    await box.getByRole("button", { name: "开放登记" }).click();
    await expect(box.getByText("登记开放", { exact: true })).toBeVisible();
    await enter();
    await pupil.waitForURL("**/practice");
    await trainer.reload();
    const row = trainer.getByRole("row").filter({ hasText: NUMBER });
    await expect(row).toContainText(NAME);
    await expect(row).toContainText("已设置");
  });

  await test.step("two items and a quarter of an hour", async () => {
    await trainer.getByRole("link", { name: "开始上课" }).click();
    await trainer.getByRole("radio", { name: lesson.title["zh-CN"] }).check();
    await trainer.getByRole("button", { name: "全不选" }).click();
    await expect(trainer.getByText("请至少勾选一条。")).toBeVisible();
    const items = trainer.getByRole("group", { name: "第二步：勾选条目" }).getByRole("checkbox");
    await items.nth(0).check();
    await items.nth(2).check();
    await expect(trainer.getByTestId("chosen")).toContainText("已选 2 / 3 条");
    await trainer.getByLabel("时长（分钟）").fill("15");
    await trainer.getByRole("button", { name: "准备上课" }).click();
    await trainer.waitForURL("**/run");
  });

  await test.step("the pupil is taken there, and finds the way back", async () => {
    await pupil.waitForURL("**/desk/*");
    await pupil.getByRole("checkbox", { name: "我已阅读并遵守" }).check();
    await expect(pupil.getByText("等待教师开始。")).toBeVisible();
    await pupil.goto("/practice");
    await expect(pupil.getByRole("heading", { name: "正在上课" })).toBeVisible();
    await pupil.getByRole("link", { name: "进入" }).click();
    await pupil.waitForURL("**/desk/*");
    const cell = trainer.locator("[data-key]");
    await expect(cell).toContainText(NAME);
    await expect(cell).toContainText("待命");
  });

  await test.step("start: the teacher needs no second person", async () => {
    await trainer.getByRole("group", { name: "指令" }).getByRole("button", { name: "开始" }).click();
    const dialog = trainer.getByRole("dialog");
    await expect(dialog).toContainText("将影响 1 个赛位");
    await dialog.getByRole("button", { name: "开始", exact: true }).click();
    await expect(field(pupil, "客户姓名")).toBeEnabled();
    await expect(pupil.getByTestId("left")).toHaveText(/^1[45]:\d\d$/);
    for (const { key, label } of lesson.fields)
      await field(pupil, label["zh-CN"]).fill(lesson.items[0]!.answers[key]!.text);
    await saved(pupil, lesson.fields.at(-1)!.label["zh-CN"]);
    await expect(trainer.locator("[data-key]")).toContainText("1/2");
    await handIn(pupil);
    await expect(trainer.locator("[data-key]")).toContainText("已结束");
  });

  const scored = [lesson.items[0]!, lesson.items[2]!].map((item) =>
    Object.values(item.answers).reduce((sum, answer) => sum + counted(answer.text), 0),
  );
  const accuracy = percent(scored[0]!, scored[0]! + scored[1]!);

  await test.step("the end, results with names, and the wall without", async () => {
    await trainer.getByRole("group", { name: "指令" }).getByRole("button", { name: "结束环节" }).click();
    await trainer.getByRole("dialog").getByRole("button", { name: "结束环节", exact: true }).click();
    await expect(trainer.getByRole("navigation", { name: "环节" })).toContainText("已结束");
    await trainer.getByRole("navigation", { name: "竞赛页面" }).getByRole("link", { name: "成绩" }).click();
    const row = trainer.getByRole("row").filter({ hasText: NAME });
    await expect(row).toContainText(NUMBER);
    await expect(row).toContainText(marks(accuracy));
    await trainer.getByRole("button", { name: "投影" }).click();
    await expect(trainer.getByRole("heading", { name: lesson.title["zh-CN"] })).toBeVisible();
    await expect(trainer.getByTestId("stat-works")).toHaveText("1");
    await expect(trainer.locator("body")).not.toContainText(NAME);
    await expect(trainer.locator("body")).not.toContainText(NUMBER);
    await trainer.getByLabel("显示姓名").check();
    await expect(trainer.getByRole("table").last()).toContainText(NAME);
    await trainer.getByRole("button", { name: "退出投影" }).click();
    await expect(trainer.getByRole("navigation", { name: "主导航" })).toBeVisible();
  });

  await test.step("the score sheet", async () => {
    await pupil.getByRole("link", { name: "查看得分" }).click();
    await expect(pupil.getByTestId("accuracy")).toHaveText(`${accuracy}%`);
    await expect(pupil.getByTestId("marks")).toHaveText(marks(accuracy));
    await pupil.goto("/practice");
    await expect(pupil.getByRole("heading", { name: "正在上课" })).toBeHidden();
  });
});
