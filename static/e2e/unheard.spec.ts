import { expect, test, type Browser, type BrowserContext, type Page } from "@playwright/test";
import { handIn } from "./desk";
import { enter, somebody } from "./people";
import { Wire } from "./proxy";
import { speech } from "./sound";
import {
  answerCall,
  begin,
  endTake,
  events,
  frames,
  hangUp,
  heardBack,
  hearing,
  likeness,
  lineIsUp,
  sealed,
  soundFile,
  soundHere,
  speakTurn,
  startRound,
  startTake,
  talkKey,
  listenIn,
} from "./voices";

const PAPER = "语音服务热身";
const CUT_MS = 10_000;
const HZ = 240;
const SPOKEN = speech(11, HZ, 7);
const SPOKEN_FILE = soundFile(SPOKEN);

test.use({
  permissions: ["microphone"],
  launchOptions: [
    ({ launchOptions }, use) => use(hearing(SPOKEN_FILE, launchOptions, false)),
    { scope: "worker" },
  ],
});

interface Plugs {
  /** The device at work; "" while none is plugged in. */
  ccssPlug: (device: string) => void;
}

/** Devices that a test plugs in and out: they sound like the fake microphone, and end like real ones. */
async function plugs(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    const given = new Set<MediaStreamTrack>();
    let device = "headset";
    mediaDevices.getUserMedia = async (constraints) => {
      const wanted = (constraints?.audio as MediaTrackConstraints | undefined)?.deviceId as
        | ConstrainDOMStringParameters
        | undefined;
      if (!device || (wanted?.exact && wanted.exact !== device))
        throw new DOMException("Requested device not found", "NotFoundError");
      const stream = await open({ audio: true });
      const [track] = stream.getAudioTracks();
      const id = device;
      const settings = track!.getSettings.bind(track);
      track!.getSettings = () => ({ ...settings(), deviceId: id });
      given.add(track!);
      return stream;
    };
    mediaDevices.enumerateDevices = () =>
      Promise.resolve(
        device
          ? [{ deviceId: device, groupId: "", kind: "audioinput", label: device, toJSON: () => ({}) }]
          : [],
      );
    (window as unknown as Plugs).ccssPlug = (next) => {
      device = next;
      for (const track of given) {
        track.stop();
        track.dispatchEvent(new Event("ended"));
      }
      given.clear();
      mediaDevices.dispatchEvent(new Event("devicechange"));
    };
  });
}

const plug = (page: Page, device: string): Promise<void> =>
  page.evaluate((id) => (window as unknown as Plugs).ccssPlug(id), device);

const trouble = (page: Page) => page.getByTestId("trouble");
const turns = (page: Page) => page.locator("li.turn");

/** What the person at this browser says when it asks for the microphone. */
async function consent(
  browser: Browser,
  page: Page,
): Promise<(setting: "denied" | "granted") => Promise<unknown>> {
  const own = await page.context().newCDPSession(page);
  const { browserContextId } = (await own.send("Target.getTargetInfo")).targetInfo;
  const all = await browser.newBrowserCDPSession();
  return (setting) =>
    all.send("Browser.setPermission", { permission: { name: "microphone" }, setting, browserContextId });
}

async function begun(page: Page, attemptId: string, kind: string): Promise<boolean[]> {
  return (await events(page, attemptId, "trouble_seen"))
    .filter((one) => one.kind === kind)
    .map((one) => Boolean(one.began));
}

test("a refused microphone: said at once, call and texts go on, and a late consent takes effect in the call", async ({
  browser,
}) => {
  const page = await somebody(browser, "contestant");
  const say = await consent(browser, page);
  await say("denied");
  await page.goto("/practice");
  const attemptId = await startRound(page, PAPER);
  const help = page.getByTestId("mic-help");
  await expect(help).toHaveAttribute("data-refusal", "refused");
  await expect(help).toContainText("把麦克风改为“允许”");
  await answerCall(page);
  await lineIsUp(page);
  await turns(page).first().locator("textarea").fill("您好，工号 8001 为您服务。");
  await expect.poll(() => begun(page, attemptId, "no_microphone")).toEqual([true]);
  await help.getByRole("button", { name: "重试" }).click();
  await expect(help).toHaveAttribute("data-refusal", "refused");

  await say("granted");
  await help.getByRole("button", { name: "重试" }).click();
  await expect(help).toBeHidden();
  await expect.poll(() => begun(page, attemptId, "no_microphone")).toEqual([true, false]);
  await speakTurn(page, turns(page).first(), "您好，工号 8001 为您服务。");
  const [taken] = await events(page, attemptId, "take_ended");
  expect(Number(taken?.spoken_ms)).toBeGreaterThan(500);
  await page.context().close();
});

test("a headset pulled out and another one put in, in the middle of a turn: seen, said, taken up again", async ({
  browser,
}) => {
  const page = await somebody(browser, "contestant");
  await plugs(page.context());
  await page.goto("/practice");
  const attemptId = await startRound(page, PAPER);
  await answerCall(page);
  await lineIsUp(page);
  const row = turns(page).first();
  await startTake(page, row, "您好。");
  await expect(row).toContainText(/听到您的声音|已听到/);

  await plug(page, "");
  await expect(page.getByTestId("mic-help")).toHaveAttribute("data-refusal", "absent");
  await expect.poll(() => begun(page, attemptId, "no_microphone")).toEqual([true]);
  await expect(page.getByTestId("call-bar")).toHaveAttribute("data-phase", "talking");

  await plug(page, "other");
  await expect(page.getByTestId("mic-help")).toBeHidden();
  await expect(trouble(page)).toHaveAttribute("data-trouble", "wrong_device");
  await expect.poll(() => begun(page, attemptId, "wrong_device")).toEqual([true]);
  await trouble(page).getByRole("button", { name: "就用这个麦克风" }).click();
  await expect(page.locator('[data-trouble="wrong_device"]')).toHaveCount(0);
  await expect.poll(() => begun(page, attemptId, "wrong_device")).toEqual([true, false]);
  expect(await begun(page, attemptId, "no_microphone")).toEqual([true, false]);

  await endTake(page, row);
  const [taken] = await events(page, attemptId, "take_ended");
  expect(Number(taken?.spoken_ms)).toBeGreaterThan(500);
  // The line itself never broke: the new microphone speaks over the same connection.
  const legs = await events(page, attemptId, "leg_changed");
  expect(new Set(legs.map(({ connection }) => connection)).size).toBe(1);
  await page.context().close();
});

test("a page reloaded in the middle of a turn: words and call go on, at most a second of sound is missing", async ({
  page,
}) => {
  test.setTimeout(120_000);
  const attemptId = await begin(page, PAPER);
  await answerCall(page);
  await lineIsUp(page);
  const row = turns(page).first();
  await startTake(page, row, "您好，工号 8001 为您服务。");
  const spoken = async (): Promise<number> =>
    Number(/已听到 ([\d.]+) 秒/.exec(await row.innerText())?.[1] ?? 0);
  await expect.poll(spoken, { timeout: 20_000 }).toBeGreaterThan(3);
  const goneMs = Date.now();
  await page.reload();
  await lineIsUp(page);
  const backMs = Date.now();
  await expect(row.locator("textarea")).toHaveValue("您好，工号 8001 为您服务。");
  await expect(talkKey(page)).toHaveText(/说完了/);
  const then = await spoken();
  await expect.poll(spoken, { timeout: 20_000 }).toBeGreaterThan(then + 2);
  await endTake(page, row);
  await hangUp(page);
  await handIn(page);

  const recording = await sealed(page, attemptId);
  const gaps = recording.stretches
    .filter(({ kind }) => kind === "gap")
    .map(({ from_ms, to_ms }) => [recording.began_ms + from_ms, recording.began_ms + to_ms] as const)
    .filter(([from]) => from > goneMs - 5_000);
  expect(gaps, JSON.stringify(recording.stretches)).toHaveLength(1);
  expect(gaps[0]![0]).toBeGreaterThan(goneMs - 1_000);
  expect(gaps[0]![1]).toBeLessThan(backMs + 3_000);
  const { agent } = await heardBack(page, recording);
  const from = Math.ceil((goneMs - recording.began_ms) / 1000);
  const likes = likeness(agent, frames(SPOKEN)[0]!);
  // The seconds before, all but the one that the reload may take.
  for (const one of likes.slice(from - 4, from - 2)) expect(one).toBeGreaterThan(0.85);
});

test("a line cut for 10 s: recorded here meanwhile, uploaded afterwards, nothing is missing", async ({
  page,
  baseURL,
}) => {
  test.setTimeout(120_000);
  const wire = await Wire.to(baseURL!);
  await page.goto(wire.url);
  await page.getByRole("button", { name: "以选手身份进入" }).click();
  await page.waitForURL("**/practice");
  const attemptId = await startRound(page, PAPER);
  await answerCall(page);
  await lineIsUp(page);
  const row = turns(page).first();
  await startTake(page, row, "您好，工号 8001 为您服务。");
  await expect(row).toContainText(/已听到/, { timeout: 15_000 });

  const cdp = await page.context().newCDPSession(page);
  const sound = (packetLoss: number): Promise<unknown> =>
    cdp.send("Network.emulateNetworkConditions", {
      offline: packetLoss > 0,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
      packetLoss,
    });
  wire.cut();
  await sound(100);
  const cutAt = Date.now();
  await expect(page.getByTestId("unsent")).toContainText("未上传，勿关机", { timeout: 15_000 });
  await expect(page.getByTestId("connection")).toContainText("连接中断");
  await row.locator("textarea").fill("您好，工号 8001，请问有什么可以帮您？");
  await expect.poll(() => Date.now() - cutAt, { timeout: CUT_MS + 5_000 }).toBeGreaterThan(CUT_MS);
  wire.mend();
  await sound(0);
  await expect(page.getByTestId("connection")).toContainText("连接正常", { timeout: 20_000 });
  await lineIsUp(page);
  await expect(page.getByTestId("unsent")).toBeHidden({ timeout: 20_000 });
  await endTake(page, row);
  await hangUp(page);
  await handIn(page);
  await expect.poll(() => soundHere(page), { timeout: 30_000 }).toBe(0);
  await expect(page.getByTestId("receipt-unsent")).toHaveCount(0);

  const recording = await sealed(page, attemptId);
  const cut = recording.stretches.filter(({ to_ms }) => recording.began_ms + to_ms > cutAt);
  expect(
    cut.filter(({ kind }) => kind !== "filled"),
    JSON.stringify(recording.stretches),
  ).toEqual([]);
  const { agent } = await heardBack(page, recording);
  const from = Math.ceil((cutAt - recording.began_ms) / 1000);
  const during = likeness(agent, frames(SPOKEN)[0]!).slice(from, from + CUT_MS / 1000 - 1);
  for (const one of during) expect(one, during.join()).toBeGreaterThan(0.85);
  wire.close();
});

test("two pages of one seat: the second has the call, the first lets go of it and can take it back", async ({
  page,
  context,
}) => {
  await listenIn(context);
  await enter(page, "contestant");
  const attemptId = await startRound(page, PAPER);
  await answerCall(page);
  await lineIsUp(page);
  const second = await context.newPage();
  await second.goto(page.url());
  await lineIsUp(second);
  await expect(page.locator("[data-kind=stale]")).toBeVisible();
  await expect(page.getByTestId("line")).not.toHaveClass(/\bup\b/);
  await speakTurn(second, turns(second).first(), "您好。");
  await page.bringToFront();
  await page.getByRole("button", { name: "在此页面继续" }).click();
  await lineIsUp(page);
  await expect(second.getByTestId("line")).not.toHaveClass(/\bup\b/);
  await expect(turns(page).first()).toHaveClass(/\bdone\b/);
  await speakTurn(page, turns(page).nth(1), "请讲。");
  const legs = await events(page, attemptId, "leg_changed");
  expect(new Set(legs.map(({ call }) => call)).size).toBe(1);
  expect(new Set(legs.map(({ connection }) => connection)).size).toBe(3);
  expect(await events(page, attemptId, "call_began")).toHaveLength(1);
});
