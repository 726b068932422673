import { expect, type Browser, type Locator, type Page } from "@playwright/test";
import { paper } from "./answers";
import { authoring } from "./authoring";
import { compose, countTones, field, handIn, saved, start, take } from "./desk";
import { begin, cell, FINISHED } from "./hall";
import { Caller, enter, OwnContest, somebody } from "./people";
import { robotsAt } from "./robots";
import { as, shut, table, type Visit, type Walk } from "./walk";

const ROBOTS = 28;

/** The finished contest of the demo is delivered shortly after the server has come up. */
export async function arrived(page: Page): Promise<void> {
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole("status").filter({ hasText: /2[34] \/ 2[34] 份/ })).toBeVisible({
      timeout: 3_000,
    });
  }).toPass({ timeout: 60_000 });
}

async function first(page: Page, visit: Visit): Promise<void> {
  await page.goto("/");
  await expect(page.getByRole("button", { name: /以选手身份进入/ })).toBeVisible();
  await visit("home", page);
  const site = await page.evaluate(async () => (await fetch("/api/v1/site")).json());
  await page.route("**/api/v1/site", (route) =>
    route.fulfill({ json: { ...site, profile: "installed", demo_roles: [] } }),
  );
  await page.reload();
  await expect(page.getByLabel("密码")).toBeVisible();
  await visit("log-in", page);
  await page.getByRole("tab", { name: "班级登录" }).click();
  await page.getByLabel("首次登录").check();
  await visit("log-in-class", page);
  await page.unroute("**/api/v1/site");
  await page.goto("/nowhere");
  await expect(page.getByRole("heading", { name: "没有这个页面" })).toBeVisible();
  await visit("lost", page);
  for (const [name, path] of [
    ["help", "/help"],
    ["help-contestant", "/help/contestant"],
  ] as const) {
    await page.goto(path);
    await expect(page.getByRole("navigation", { name: "手册" })).toBeVisible();
    await visit(name, page);
  }
  await page.goto("/trust");
  await expect(page.getByTestId("trust")).toBeVisible();
  await visit("trust", page);
}

async function practice(page: Page, visit: Visit): Promise<void> {
  await enter(page, "contestant");
  await table(page);
  await visit("practice", page);
  const attemptId = await take(page, paper("lesson").title["zh-CN"]);
  await expect(page.getByRole("checkbox")).toBeVisible();
  await visit("waiting", page);
  await page.getByRole("button", { name: "开始设备测试" }).click();
  await countTones(page);
  await field(page, "请用平时的输入法录入： 草字头黄").focus();
  await compose(await page.context().newCDPSession(page), "caozitouhuang", "草字头黄");
  await visit("device", page);
  await page.keyboard.press("Escape");
  await start(page);
  await field(page, "客户姓名").fill("张１２３");
  await field(page, "客户地址").fill("杭州市西湖区文三路");
  await page.keyboard.press("F8");
  await expect(page.locator("[data-playing=true]")).toBeVisible();
  await visit("desk", page);
  await page.getByRole("button", { name: "快捷键" }).click();
  await visit("keys", page);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "交卷", exact: true }).click();
  await visit("hand-in", page);
  await page.keyboard.press("Escape");

  const other = await page.context().newPage();
  await other.goto(page.url());
  await expect(page.locator("[data-kind=stale]")).toBeVisible();
  await visit("stale", page);
  await other.close();
  await page.getByRole("button", { name: "在此页面继续" }).click();
  await expect(field(page, "客户姓名")).toBeEnabled();
  await handIn(page);
  await visit("receipt", page);
  await page.goto(`/result/${attemptId}`);
  await expect(page.getByTestId("marks")).toBeVisible();
  await visit("result", page);
  await page.getByRole("tab", { name: "过程" }).click();
  await table(page);
  await visit("events", page);
}

async function teaching(page: Page, visit: Visit, _browser: Browser, baseURL: string): Promise<void> {
  await as(page, "trainer", "/watch");
  await table(page);
  await visit("watch", page);
  await page.goto("/classes");
  await table(page);
  await visit("classes", page);
  await page.getByRole("link", { name: "演示班" }).click();
  await expect(page.getByRole("row").filter({ hasText: "练习选手" })).toContainText("%");
  await visit("class", page);
  await page.getByRole("button", { name: "导入名单" }).click();
  const buffer = Buffer.from("学号,姓名\n04,学员丙\n04,学员丁\n,学员戊\n");
  await page.locator("input[type=file]").setInputFiles({ name: "名单.csv", mimeType: "text/csv", buffer });
  await expect(page.getByRole("dialog").getByRole("table")).toBeVisible();
  await visit("class-import", page);
  await shut(page);
  await page.getByRole("link", { name: "练习选手的记录" }).click();
  await expect(page.getByRole("heading", { name: "练习选手" })).toBeVisible();
  await visit("pupil", page);
  await page.getByRole("link", { name: "返回班级" }).click();
  await page.getByRole("link", { name: "开始上课" }).click();
  await expect(page.getByTestId("chosen")).toBeVisible();
  await visit("lesson-setup", page);

  const trainer = await Caller.as("trainer", baseURL);
  const made = await trainer.post<{ class_id: string }>("/classes", { title: "电商 2302 班" });
  await page.goto(`/classes/${made.class_id}`);
  await expect(page.getByText("班里还没有学生")).toBeVisible();
  await visit("class-empty", page);
  const names = ["赵敏", "钱进", "孙丽华", "李想", "周正", "吴迪", "郑爽", "王小明"];
  const rows = names.map((name, index) => `${String(index + 1).padStart(2, "0")},${name}`);
  await trainer.post(`/classes/${made.class_id}/pupils?name=a.csv`, ["学号,姓名", ...rows].join("\n"));
  const offers = await trainer.get<{ paper_id: string; title: { "zh-CN": string } }[]>("/lesson-offers");
  const offer = offers.find((one) => one.title["zh-CN"] === paper("lesson").title["zh-CN"]);
  const { contest_id, stages } = await trainer.post<{
    contest_id: string;
    stages: { stage_id: string }[];
  }>(`/classes/${made.class_id}/lessons`, { paper_id: offer!.paper_id });
  await page.goto(`/contests/${contest_id}/run`);
  await expect(page.locator("[data-key]").first()).toBeVisible();
  await visit("lesson-run", page);
  for (const act of ["start", "close"]) {
    const { revision } = await trainer.get<{ revision: number }>(`/contests/${contest_id}`);
    await trainer.post(`/contests/${contest_id}/stages/${stages[0]!.stage_id}/orders`, {
      act,
      seen: revision,
    });
  }
  await trainer.leave();
  await page.goto(`/contests/${contest_id}/results`);
  await expect(page.getByTestId("stat-scored")).toHaveText("0");
  await visit("lesson-results", page);
}

async function organising(page: Page, visit: Visit, _browser: Browser, baseURL: string): Promise<void> {
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

async function printing(page: Page, visit: Visit): Promise<void> {
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

async function judging(page: Page, visit: Visit): Promise<void> {
  await as(page, "chief_referee", "/contests");
  await page.getByRole("link", { name: FINISHED, exact: true }).click();
  await page.getByRole("navigation", { name: "竞赛页面" }).getByRole("link", { name: "成绩" }).click();
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
  await page.goto(`${results}/key`);
  await page.getByRole("button", { name: /^修改/ }).first().click();
  await page.getByRole("textbox", { name: /第一行是标准答案/ }).fill("张晓明\n张小明");
  await visit("key", page);
}

async function marking(page: Page, visit: Visit): Promise<void> {
  await as(page, "scoring_referee", "/grading");
  await arrived(page);
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

async function running(page: Page, visit: Visit, browser: Browser, baseURL: string): Promise<void> {
  const own = await OwnContest.make(baseURL, {
    title: "全省职业院校技能大赛客户信息服务赛项",
    entrants: ROBOTS + 6,
    spares: 2,
    kind: "contest",
  });
  await own.addStage("lesson", { title: "语音服务" });
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

/** Walks that together lead over every screen and call `visit` on each. */
export const WALKS: Record<string, Walk> = {
  first,
  practice,
  teaching,
  organising,
  printing,
  judging,
  authoring,
  marking,
  running,
};
