import { chromium, expect, test, type Browser, type Page } from "@playwright/test";
import { handIn, journal, watchAudio } from "./desk";
import { somebody, type Role } from "./people";
import { speech } from "./sound";
import {
  events,
  frames,
  heardBack,
  hearing,
  hears,
  likeness,
  lineIsUp,
  listenIn,
  loudness,
  sealed,
  soundFile,
  startRound,
} from "./voices";

const PUPIL_HZ = 210;
const FIRST_HZ = 330;
const SECOND_HZ = 520;
const VOICES = [PUPIL_HZ, FIRST_HZ, SECOND_HZ];
const PUPIL = speech(11, PUPIL_HZ, 1);
const FIRST = speech(9, FIRST_HZ, 2);
const SECOND = speech(7, SECOND_HZ, 3);
const PUPIL_FILE = soundFile(PUPIL);

test.use({
  permissions: ["microphone"],
  launchOptions: [({ launchOptions }, use) => use(hearing(PUPIL_FILE, launchOptions)), { scope: "worker" }],
});

/** Somebody at a machine of their own, who speaks with another voice. */
async function at(browser: Browser, baseURL: string, role: Role): Promise<Page> {
  const context = await browser.newContext({ baseURL, locale: "zh-CN", permissions: ["microphone"] });
  await listenIn(context);
  const page = await context.newPage();
  const headers = { "X-CCSS": "1" };
  const answer = await context.request.post("/api/v1/demo/sessions", { data: { role }, headers });
  expect(answer.ok(), await answer.text()).toBe(true);
  return page;
}

/** Finds the call among those that wait, reads the card, answers. */
async function takeCall(page: Page, attemptId: string): Promise<void> {
  await page.goto("/role");
  await page.locator(`a[href^="/role/${attemptId}/"]`).click({ timeout: 60_000 });
  await expect(page.getByText("喂，哪位？", { exact: true }).first()).toBeVisible();
}

test("a role player takes the call, another takes it over, somebody listens in, and both sides are kept", async ({
  browser,
  baseURL,
  launchOptions,
}) => {
  test.setTimeout(180_000);
  const pupil = await somebody(browser, "contestant");
  await listenIn(pupil.context());
  await watchAudio(pupil);
  await pupil.goto("/practice");
  const attemptId = await startRound(pupil, "语音服务角色扮演");
  await pupil.getByRole("tab", { name: /拨打与通话/ }).click();
  await pupil.getByTestId("dial").click();
  await pupil.getByRole("dialog").getByRole("button", { name: "拨打" }).click();
  await lineIsUp(pupil);
  await expect(pupil.getByText("正在等待客户接听…")).toBeVisible();

  const first = await chromium.launch(hearing(soundFile(FIRST), launchOptions));
  const second = await chromium.launch(hearing(soundFile(SECOND), launchOptions));
  try {
    const trainer = await at(first, baseURL!, "trainer");
    await test.step("the trainer answers, and both hear each other", async () => {
      await takeCall(trainer, attemptId);
      await trainer.getByRole("button", { name: "接听" }).click();
      await expect(pupil.getByTestId("call-bar")).toHaveAttribute("data-phase", "talking");
      await Promise.all([hears(pupil, [FIRST_HZ], VOICES), hears(trainer, [PUPIL_HZ], VOICES)]);
    });

    await test.step("who listens in hears both sides apart, and nobody is told", async () => {
      const acts = async (): Promise<unknown[]> =>
        (await journal(pupil, attemptId)).filter(({ type }) => !/\.speech_/.test(type));
      const before = await acts();
      const ear = await somebody(browser, "trainer");
      await listenIn(ear.context());
      await ear.goto("/watch");
      const row = ear.getByRole("row").filter({ has: ear.locator(`a[href^="/result/${attemptId}"]`) });
      await row.getByRole("button", { name: /^旁听/ }).click();
      await ear.getByTestId("listen").click();
      await expect(ear.getByText(/^正在旁听/)).toBeVisible();
      await hears(ear, [PUPIL_HZ, FIRST_HZ], VOICES);
      await Promise.all([hears(pupil, [FIRST_HZ], VOICES), hears(trainer, [PUPIL_HZ], VOICES)]);
      for (const page of [pupil, trainer]) await expect(page.locator("body")).not.toContainText("旁听");
      await ear.getByTestId("unlisten").click();
      await ear.context().close();
      expect(await acts()).toEqual(before);
    });

    await test.step("the role player's machine dies: the call goes on, another takes the customer's side", async () => {
      await first.close();
      await expect(pupil.getByTestId("call-bar")).toHaveAttribute("data-phase", "talking");
      const chief = await at(second, baseURL!, "chief_referee");
      await takeCall(chief, attemptId);
      // The call was answered before: the line is built at once, or after a click.
      const answer = chief.getByRole("button", { name: "接听" });
      await expect(answer.or(chief.getByRole("button", { name: "挂断" })).first()).toBeVisible();
      await Promise.all([hears(pupil, [SECOND_HZ], VOICES), hears(chief, [PUPIL_HZ], VOICES)]);
      await chief.getByRole("button", { name: "挂断" }).click();
      await expect(chief.getByText("还没有选择结果")).toBeVisible();
      await chief.keyboard.press("Escape");
      await chief.getByRole("button", { name: "成交" }).click();
      await expect(chief.getByRole("button", { name: "成交" })).toHaveAttribute("aria-pressed", "true");
      await chief.getByRole("button", { name: "挂断" }).click();
      await expect(chief.getByText("这通电话已经结束")).toBeVisible();
      await expect(pupil.getByText("客户已挂断。")).toBeVisible();
      await expect(pupil.getByText("成交", { exact: true })).toBeVisible();
      const ended = await events(pupil, attemptId, "call_ended");
      expect(ended).toHaveLength(1);
    });
  } finally {
    await Promise.all([first.close(), second.close()]);
  }

  await test.step("the recording says what was said: the pupil all the time, the role players in their turn", async () => {
    await handIn(pupil);
    const recording = await sealed(pupil, attemptId);
    const { agent, customer } = await heardBack(pupil, recording);
    const [own, theirs, other] = [PUPIL, FIRST, SECOND].map((file) => frames(file)[0]!);
    const lost = recording.stretches.filter(({ kind }) => kind === "gap");
    const whole = (index: number): boolean =>
      lost.every(({ from_ms, to_ms }) => to_ms <= index * 1000 || from_ms >= (index + 1) * 1000);
    const mine = likeness(agent, own!).filter((_, index) => index > 1 && whole(index));
    expect(mine.length).toBeGreaterThan(20);
    expect(mine.filter((one) => one > 0.85).length / mine.length).toBeGreaterThan(0.95);
    const before = likeness(customer, theirs!).filter((one) => one > 0.85).length;
    const after = likeness(customer, other!).filter((one) => one > 0.85).length;
    expect(before).toBeGreaterThan(5);
    expect(after).toBeGreaterThan(2);
  });

  await test.step("the pupil hears it again", async () => {
    await pupil.goto(`/replay/${attemptId}`);
    await expect(pupil.getByTestId("recording-state")).toContainText("已封存");
    await pupil.getByTestId("play").click();
    await expect.poll(() => loudness(pupil), { timeout: 15_000 }).toBeGreaterThan(-45);
  });
  await pupil.context().close();
});
