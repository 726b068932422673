import { expect, test } from "@playwright/test";
import { paper } from "./answers";
import { field, handIn, saved } from "./desk";
import { DICTATION, OwnContest, somebody } from "./people";

test("from the place's link over the desk to the receipt", async ({ browser, baseURL }) => {
  const own = await OwnContest.make(baseURL!, { title: "赛位走查", entrants: 2 });
  const here = own.placements[0]!;
  const page = await somebody(browser);

  await page.goto("/place");
  await expect(page.getByText("这台电脑还没有绑定赛位")).toBeVisible();
  await page.goto(`/place/${here.seat_id}`);
  await expect(page.getByTestId("label")).toHaveText(here.label);
  await expect(page.getByTestId("ticket")).toHaveText(here.ticket_number);
  // The link is opened once; afterwards the machine knows its place by itself.
  await expect(page).toHaveURL(/\/place$/);
  await own.sit(page, 0);
  await expect(page.getByText("请等待本环节开放")).toBeVisible();

  await own.order("arm");
  await page.waitForURL("**/desk/*");
  await expect(page.getByRole("heading", { name: paper("lesson").title["zh-CN"] })).toBeVisible();
  await page.getByRole("checkbox", { name: "我已阅读并遵守" }).check();
  await expect(page.getByText("等待裁判长统一开始。")).toBeVisible();
  await own.order("start");
  await expect(field(page, "客户姓名")).toBeEnabled();
  await field(page, "客户姓名").fill("张三");
  await saved(page, "客户姓名");
  await page.reload();
  await expect(field(page, "客户姓名")).toHaveValue("张三");
  await handIn(page);
  await expect(page.getByText("已交卷", { exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "查看得分" })).toHaveCount(0);
  await expect(page.getByText("你已完成全部环节")).toBeVisible();

  await own.addStage(DICTATION.warmup);
  await expect(page.getByText("下一环节：听打录入热身")).toBeVisible();
  await page.context().close();
  await own.leave();
});

test("a stage that was armed takes whoever logs in only then", async ({ browser, baseURL }) => {
  const own = await OwnContest.make(baseURL!, { title: "迟到走查", entrants: 1, spares: 1 });
  await own.order("arm");
  const page = await somebody(browser);
  const { seat_id, ticket_number } = own.placements[0]!;
  await page.goto(`/place/${seat_id}`);
  // Digits and letters out of an input method are full-width.
  const wide = ticket_number.replace(/./g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0));
  await page.getByLabel("请输入参赛证号").fill(wide);
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.waitForURL("**/desk/*");
  await expect(page.getByRole("checkbox", { name: "我已阅读并遵守" })).toBeVisible();
  await page.context().close();
  await own.leave();
});
