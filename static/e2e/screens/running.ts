import { expect, type Browser, type Locator, type Page } from "@playwright/test";
import { field, handIn, saved } from "../desk";
import { begin, cell } from "../hall";
import { DICTATION, OwnContest, somebody } from "../people";
import { robotsAt } from "../robots";
import { as, shut, type Visit } from "../walk";

const ROBOTS = 28;

export async function running(page: Page, visit: Visit, browser: Browser, baseURL: string): Promise<void> {
  const own = await OwnContest.make(baseURL, {
    title: "全省职业院校技能大赛客户信息服务赛项",
    entrants: ROBOTS + 6,
    spares: 2,
    paper: DICTATION.contest,
  });
  await own.addStage(DICTATION.lesson, { title: "语音服务" });
  // Robots take the first places.
  const [here, there] = [own.placements[ROBOTS]!, own.placements[ROBOTS + 1]!];
  const seat = await somebody(browser);
  await seat.goto("/place");
  await expect(seat.getByText("这台电脑还没有绑定赛位")).toBeVisible();
  await visit("place-unbound", seat);
  await seat.goto(`/place/${here.seat_id}`);
  await expect(seat.getByTestId("ticket")).toBeVisible();
  await visit("place", seat);
  await seat.getByLabel("请输入参赛证号").fill(there.ticket_number);
  await seat.keyboard.press("Enter");
  await expect(seat.getByRole("alert")).toContainText("应坐");
  await visit("place-wrong", seat);
  await own.announce("请确认耳机音量合适，9:00 统一开始。桌面上除身份证件外不得有其他物品。");
  await own.sit(seat, ROBOTS);
  await visit("place-waiting", seat);

  await as(page, "chief_referee", `/contests/${own.contestId}/run`);
  await expect(page.locator("[data-key]").first()).toBeVisible();
  await visit("run-not-open", page);
  const robots = robotsAt(own.contestId, ROBOTS);
  await own.order("arm");
  await seat.waitForURL("**/desk/*");
  await expect(seat.getByText("请戴好耳机")).toBeVisible();
  await visit("waiting-contest", seat);
  await seat.getByRole("checkbox").check();
  await page.goto(`/clock/${own.contestId}`);
  await expect(page.getByTestId("figures")).toBeVisible();
  await visit("clock-armed", page);
  await own.order("start");
  await expect(field(seat, "客户姓名")).toBeEnabled();
  await visit("desk-announcement", seat);
  await seat.getByRole("button", { name: "我知道了" }).click();
  await field(seat, "客户姓名").fill("王小明");
  await saved(seat, "客户姓名");
  await seat.getByRole("button", { name: "求助" }).click();

  await page.goto(`/contests/${own.contestId}/run`);
  await expect(cell(page, here.label)).toContainText("求助");
  const atWork = page.locator("[data-key]").filter({ hasText: /[1-9]\d*\/10/ });
  if (robots) await expect(atWork).not.toHaveCount(0, { timeout: 30_000 });
  await visit("run", page);
  await page.getByRole("button", { name: "表格", exact: true }).click();
  await visit("run-table", page);
  await page.getByRole("button", { name: "格子", exact: true }).click();
  await cell(page, here.label).click();
  await expect(page.getByRole("complementary", { name: `赛位 ${here.label}` })).toBeVisible();
  await visit("run-place", page);
  await page.getByRole("button", { name: "补时（计入用时）" }).last().click();
  const dialog: Locator = page.getByRole("dialog");
  await expect(dialog).toContainText("将影响 1 个赛位");
  await visit("run-grant", page);
  await shut(page);
  await page.getByRole("button", { name: "关闭", exact: true }).click();
  const closing = await begin(page, "结束环节");
  await expect(closing).toContainText("个赛位");
  await visit("run-close", page);
  await closing.getByRole("button", { name: "提交，等待第二人确认" }).click();
  await expect(page.getByRole("group", { name: "待确认指令" })).toBeVisible();
  await visit("run-pending", page);
  await page.getByRole("button", { name: "撤回" }).click();
  await expect(page.getByRole("group", { name: "待确认指令" })).toHaveCount(0);

  await page.goto(`/clock/${own.contestId}`);
  await expect(page.getByRole("main")).toContainText("作答中");
  await visit("clock", page);
  await page.goto("/clock?choose=1");
  await expect(page.getByRole("listitem").first()).toBeVisible();
  await visit("clock-choose", page);
  await own.order("pause", { keys: [here.seat_id] });
  await expect(seat.locator("[data-kind=paused]")).toBeVisible();
  await visit("paused", seat);
  await own.order("resume", { keys: [here.seat_id] });
  await handIn(seat);
  await expect(seat.getByText("下一环节：语音服务")).toBeVisible();
  await visit("receipt-contest", seat);
  robots?.();
  await seat.context().close();
  await own.leave();
}
