import { expect, test } from "@playwright/test";
import { handIn } from "./desk";
import { turn } from "./sound";
import {
  answerCall,
  begin,
  events,
  hangUp,
  hearing,
  lineIsUp,
  soundFile,
  soundHere,
  speakTurn,
  talkKey,
} from "./voices";

const SPOKEN = soundFile(turn(2.4, 2.6));

test.use({
  permissions: ["microphone"],
  launchOptions: [({ launchOptions }, use) => use(hearing(SPOKEN, launchOptions)), { scope: "worker" }],
});

test("an inbound case: rings, is answered, written and spoken turn by turn, outlives a reload", async ({
  page,
}) => {
  test.setTimeout(150_000);
  const attemptId = await begin(page, "语音服务热身");
  await answerCall(page);
  await lineIsUp(page);

  const rows = page.locator("li.turn");
  const count = await rows.count();
  expect(count).toBeGreaterThanOrEqual(3);
  await speakTurn(page, rows.nth(0), "您好，工号 8001 为您服务。");

  await test.step("a reload in the middle: the words stand, the line comes back under the same call", async () => {
    await expect(rows.nth(1)).toHaveAttribute("aria-current", "step");
    await rows.nth(1).locator("textarea").fill("请问有什么可以帮您？");
    await page.reload();
    await expect(rows.nth(1).locator("textarea")).toHaveValue("请问有什么可以帮您？");
    await lineIsUp(page);
    const seen = async (name: string): Promise<number> =>
      new Set((await events(page, attemptId, "leg_changed")).map((leg) => leg[name])).size;
    await expect.poll(() => seen("connection")).toBe(2);
    expect(await seen("call")).toBe(1);
  });

  for (let n = 1; n < count; n += 1) await speakTurn(page, rows.nth(n), `第 ${n + 1} 轮的话术。`);
  await hangUp(page);

  const takes = await events(page, attemptId, "take_ended");
  expect(takes.filter(({ done }) => done)).toHaveLength(count);
  for (const one of takes) expect(Number(one.spoken_ms)).toBeGreaterThan(500);
  const heard = await events(page, attemptId, "line_ended");
  expect(heard.length).toBeGreaterThan(0);
  expect(heard.some((line) => line.heard)).toBe(true);

  await test.step("all sound of this machine reaches the server; the hand-in does not wait for it", async () => {
    await handIn(page);
    await expect.poll(() => soundHere(page), { timeout: 30_000 }).toBe(0);
    await expect(page.getByTestId("receipt-unsent")).toHaveCount(0);
  });
});

test("an outbound call: the simulated customer answers a pause and the key, and is left with a question asked", async ({
  page,
}) => {
  test.setTimeout(150_000);
  const attemptId = await begin(page, "语音服务演示卷");
  await page.locator("nav.parts button").nth(1).click();
  await page.getByLabel("开场白", { exact: true }).fill("您好，这里是客服中心。");
  await page.getByRole("tab", { name: /常见问答/ }).click();
  await page.getByLabel("问题 1", { exact: true }).fill("多少钱？");
  await page.getByLabel("回答 1", { exact: true }).fill("每月几十元。");
  await page.getByLabel("问题 2", { exact: true }).fill("多少钱");
  await expect(page.getByTestId("faq-count")).toContainText("1");
  await expect(page.getByText("与前面的问题重复")).toBeVisible();
  await page.getByRole("tab", { name: /拨打与通话/ }).click();
  await page.getByTestId("dial").click();
  await page.getByRole("dialog").getByRole("button", { name: "拨打" }).click();
  await expect(page.getByTestId("call-bar")).toHaveAttribute("data-phase", "talking", { timeout: 15_000 });
  await lineIsUp(page);

  const asked = async (): Promise<unknown[]> =>
    (await events(page, attemptId, "line_began")).map(({ cause }) => cause);
  await expect.poll(asked, { timeout: 30_000 }).toContain("turn_ended");
  expect((await asked())[0]).toBe("answered");
  await expect
    .poll(async () => (await events(page, attemptId, "turn_ended")).map(({ cause }) => cause), {
      timeout: 60_000,
    })
    .toContain("pause");
  await expect(talkKey(page)).toBeEnabled({ timeout: 30_000 });
  await page.keyboard.press("Alt+1");
  await expect
    .poll(async () => (await events(page, attemptId, "turn_ended")).map(({ cause }) => cause))
    .toContain("key");

  await hangUp(page);
  await page.getByRole("button", { name: "交卷", exact: true }).click();
  await expect(page.getByTestId("unfinished")).toContainText("5 部分话术没有写");
});
