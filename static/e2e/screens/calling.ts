import { expect, type Browser, type Page } from "@playwright/test";
import { countTones, handIn, take } from "../desk";
import { enter, OwnContest, somebody, VOICE } from "../people";
import { answerCall, hangUp, lineIsUp, startHere, startRound, talkKey } from "../voices";
import { as, type Visit } from "../walk";

async function dial(page: Page): Promise<void> {
  await page.getByRole("tab", { name: /拨打与通话/ }).click();
  await page.getByTestId("dial").click();
  await page.getByRole("dialog").getByRole("button", { name: "拨打" }).click();
}

async function inbound(page: Page, visit: Visit): Promise<void> {
  await visit("voice-desk", page);
  await page.getByTestId("let-ring").click();
  await expect(page.getByTestId("ring")).toBeVisible();
  await visit("voice-ringing", page);
  await page.keyboard.press("F2");
  await lineIsUp(page);
  const turn = page.locator("li.turn").first();
  await turn.locator("textarea").fill("您好，云鹊速运客户服务中心，工号 8001，请问有什么可以帮您？");
  await expect(talkKey(page)).toBeEnabled({ timeout: 40_000 });
  await page.keyboard.press("Alt+1");
  await expect(talkKey(page)).toHaveText(/说完了/);
  const search = page.getByRole("searchbox", { name: "输入关键词" });
  await search.fill("签收");
  await search.press("Enter");
  await expect(page.getByRole("list", { name: "查询结果" })).toBeVisible();
  await visit("voice-inbound", page);
  await page.getByRole("list", { name: "查询结果" }).getByRole("button").first().click();
  await expect(page.getByTestId("article")).toBeVisible();
  await visit("voice-article", page);
  await page.keyboard.press("Alt+1");
  await expect(turn).toHaveClass(/\bdone\b/);
  await page.getByRole("tab", { name: /业务系统/ }).click();
  const look = page.getByRole("searchbox", { name: "单号、电话或姓名" });
  await look.fill("7301648");
  await look.press("Enter");
  await page.getByRole("table", { name: "查询结果" }).getByRole("button").first().click();
  await expect(page.getByLabel("核对证件后四位")).toBeVisible();
  await page.getByTestId("call-bar").getByRole("button", { name: "转接" }).click();
  await visit("voice-record", page);
  await page.keyboard.press("Escape");
  await page.getByTestId("call-bar").getByRole("button", { name: "挂机" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await visit("voice-hang-up", page);
  await page.getByRole("dialog").getByRole("button", { name: "挂机" }).click();
  await expect(page.getByText("通话已由您挂断。")).toBeVisible();
  await visit("voice-inbound-over", page);
}

async function outbound(page: Page, visit: Visit): Promise<void> {
  await page.locator("nav.parts button").nth(1).click();
  const script = page.getByRole("tabpanel").getByRole("textbox");
  await script
    .first()
    .fill("周先生您好，这里是星湾宽带，工号 8001。您家的宽带 4 月 30 日到期，现在方便说两分钟吗？");
  await script.nth(1).fill("您家里平时几个人上网？晚上用起来速度怎么样？");
  await visit("voice-script", page);
  await page.getByRole("tab", { name: /常见问答/ }).click();
  await page.getByLabel("问题 1", { exact: true }).fill("续约要多少钱？");
  await page
    .getByLabel("回答 1", { exact: true })
    .fill("300 兆每月 79 元，500 兆每月 99 元，1000 兆每月 129 元。");
  await page.getByLabel("问题 2", { exact: true }).fill("续约要多少钱");
  await expect(page.getByText("与前面的问题重复")).toBeVisible();
  await visit("voice-faq", page);
  await dial(page);
  await lineIsUp(page);
  await visit("voice-call", page);
  await hangUp(page);
}

/** The desk of calls, from the device check to the score sheet. */
export async function calling(page: Page, visit: Visit): Promise<void> {
  await enter(page, "contestant");
  const attemptId = await take(page, VOICE.contest);
  await page.getByRole("button", { name: "开始设备测试" }).click();
  await countTones(page);
  await page.getByRole("button", { name: "打开麦克风" }).click();
  await expect(page.getByText(/麦克风正常/)).toBeVisible();
  await page.getByRole("button", { name: /再放给自己听/ }).click();
  await expect(page.getByRole("group", { name: "听清楚了吗？" })).toBeVisible({ timeout: 20_000 });
  await visit("voice-device", page);
  await page.keyboard.press("Escape");
  await startHere(page);
  await inbound(page, visit);
  await outbound(page, visit);
  await page.getByRole("button", { name: "交卷", exact: true }).click();
  await expect(page.getByTestId("unfinished")).toBeVisible();
  await visit("voice-hand-in", page);
  await page.keyboard.press("Escape");
  await handIn(page);
  await visit("voice-receipt", page);
  await page.goto(`/result/${attemptId}`);
  await expect(page.getByRole("main").getByRole("heading").first()).toBeVisible();
  await visit("voice-result", page);
}

/** Recordings of the demo's pupil with what the trainer remarked. */
export async function hearing(page: Page, visit: Visit): Promise<void> {
  await as(page, "trainer", "/classes");
  await page.getByRole("link", { name: "演示班" }).click();
  await page.getByRole("link", { name: "练习选手的记录" }).click();
  await page
    .getByRole("row")
    .filter({ hasText: VOICE.contest })
    .last()
    .getByRole("link", { name: /听录音/ })
    .click();
  await expect(page.getByRole("slider").first()).toBeVisible();
  await expect(page.getByRole("paragraph").filter({ hasText: "接通以后先报公司名称和工号" })).toBeVisible();
  await visit("replay", page);
  await page.getByRole("button", { name: "对照" }).first().click();
  await expect(page.getByRole("button", { name: "先听 A 再看 B" })).toBeVisible();
  await visit("replay-compare", page);
  await page.getByRole("navigation", { name: "通话" }).getByRole("button").nth(1).click();
  await page.getByRole("button", { name: "测量值" }).click();
  await expect(page.getByRole("columnheader", { name: "公式编号" })).toBeVisible();
  await visit("replay-measures", page);
}

/** Somebody who plays the customer, and the seat that calls. */
export async function acting(page: Page, visit: Visit, browser: Browser): Promise<void> {
  await as(page, "trainer", "/role");
  await expect(page.getByText("现在没有等待接听的电话")).toBeVisible();
  await visit("role-empty", page);
  const seat = await somebody(browser);
  await enter(seat, "contestant");
  await startRound(seat, VOICE.rolePlay);
  await dial(seat);
  await expect(page.getByRole("list", { name: "等待接听的电话" })).toBeVisible();
  await visit("role", page);
  await page
    .getByRole("link", { name: /查看并接听/ })
    .first()
    .click();
  await expect(page.getByText("电话在响")).toBeVisible();
  await visit("role-ringing", page);
  await page.getByRole("button", { name: "接听", exact: true }).click();
  await expect(page.getByRole("timer")).toBeVisible({ timeout: 20_000 });
  await lineIsUp(seat);
  await visit("role-call", page);
  await visit("voice-call-played", seat);
  await page.getByRole("button", { name: "挂断" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "直接挂断" }).click();
  await expect(page.getByText("这通电话已经结束")).toBeVisible();
  await visit("role-over", page);
  await seat.context().close();
}

/** The chief's console while somebody is on the phone. */
export async function calls(page: Page, visit: Visit, browser: Browser, baseURL: string): Promise<void> {
  const own = await OwnContest.make(baseURL, {
    title: "客户信息服务赛项（语音服务）",
    entrants: 6,
    paper: VOICE.contest,
  });
  const here = own.placements[0]!;
  const seat = await somebody(browser);
  await own.sit(seat, 0);
  await own.order("arm");
  await seat.waitForURL("**/desk/*");
  await seat.getByRole("checkbox").check();
  await own.order("start");
  await answerCall(seat);
  await lineIsUp(seat);
  await as(page, "chief_referee", `/contests/${own.contestId}/run`);
  const place = page.locator("[data-key]").filter({ has: page.getByText(here.label, { exact: true }) });
  await expect(place).toContainText("通话");
  await visit("run-calls", page);
  await page.getByRole("button", { name: "表格", exact: true }).click();
  await visit("run-calls-table", page);
  await page.getByRole("button", { name: "格子", exact: true }).click();
  await place.click();
  await page.getByTestId("listen").click();
  await expect(page.getByText(`正在旁听 ${here.label}`)).toBeVisible({ timeout: 20_000 });
  await visit("run-calls-listen", page);
  await page.getByTestId("unlisten").click();
  await hangUp(seat);
  await seat.context().close();
  await own.leave();
}
