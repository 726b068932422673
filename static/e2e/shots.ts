import { expect, test, type Browser, type Page } from "@playwright/test";
import { paper } from "./answers";
import { beginChat, box, lastWords, pane, reply, turnTo } from "./chats";
import { field, saved, start, take } from "./desk";
import { enter, somebody } from "./people";
import { WALKS } from "./screens";
import { turn } from "./sound";
import { hearing, soundFile } from "./voices";
import { dress } from "./walk";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";

const SPOKEN = soundFile(turn(2.4, 1.6));
test.use({
  permissions: ["microphone"],
  launchOptions: [({ launchOptions }, use) => use(hearing(SPOKEN, launchOptions)), { scope: "worker" }],
});

/** Also taken as long as they are. */
const LONG = new Set(["result", "events", "watch", "work", "key", "results", "results-wall", "acts", "home"]);
/** Taken in light only: what is in front of them is taken in both. */
const LIGHT = new Set(["keys", "contest-new", "stage-new", "class-import", "paper-visibility", "places-add"]);

const folder = process.env.CCSS_SHOTS ?? "shots";
/** Pictures that the handbook shows: they go to FOLDER/handbook, small enough to be kept with it. */
const handbook = new URL("../../docs/handbook/", import.meta.url);
const SHOWN = new Set(
  readdirSync(handbook)
    .filter((name) => name.endsWith(".md"))
    .flatMap((name) => [...readFileSync(new URL(name, handbook), "utf8").matchAll(/images\/([\w-]+)\.webp/g)])
    .map((found) => found[1]!),
);

async function forHandbook(name: string, page: Page): Promise<void> {
  if (!SHOWN.has(name)) return;
  const cdp = await page.context().newCDPSession(page);
  const { data } = await cdp.send("Page.captureScreenshot", { format: "webp", quality: 60 });
  mkdirSync(`${folder}/handbook`, { recursive: true });
  writeFileSync(`${folder}/handbook/${name}.webp`, Buffer.from(data, "base64"));
  await cdp.detach();
}

const LESSON = paper("lesson").title["zh-CN"];

/** The score sheet of the demo contestant's best lesson of those that robots took. */
async function bestResult(page: Page): Promise<void> {
  await enter(page, "contestant");
  const rows = page.getByRole("row").filter({ hasText: LESSON });
  await expect(rows.first().locator("strong")).toBeVisible();
  const marks = (await rows.locator("strong").allInnerTexts()).map(Number);
  await rows
    .filter({ has: page.locator("strong") })
    .nth(marks.indexOf(Math.max(...marks)))
    .getByRole("link", { name: "查看得分" })
    .click();
  await expect(page.getByTestId("marks")).toBeVisible();
}

/** The trainer's list while a seat is running with a raised hand. */
async function watching(page: Page, browser: Browser): Promise<void> {
  const seat = await somebody(browser);
  await enter(seat, "contestant");
  await take(seat, LESSON);
  await start(seat);
  for (const { key, label } of paper("lesson").fields) {
    await field(seat, label["zh-CN"]).fill(paper("lesson").items[0]!.answers[key]!.text);
    await saved(seat, label["zh-CN"]);
  }
  await seat.getByRole("button", { name: "求助" }).click();
  await expect(seat.getByRole("button", { name: "已举手，点击取消" })).toBeVisible();
  await enter(page, "trainer");
  await page.goto("/watch");
  await expect(page.getByRole("button", { name: /已处理/ })).toBeVisible();
  await dress(page, "zh-CN", "light");
  await page.mouse.move(0, 0);
  await page.screenshot({ path: `${folder}/readme-watch.png` });
  await seat.context().close();
}

/** The demo's contest paper of an online shop. */
const SHOP = JSON.parse(
  readFileSync(new URL("../../chat_sim/demo/contest.json", import.meta.url), "utf8"),
) as { title: { "zh-CN": string }; personas: { needs: { title: string; reference: string }[] }[] };

/** Three customers side by side, and the order of the first one made out. */
async function chatDesk(page: Page): Promise<void> {
  await beginChat(page, SHOP.title["zh-CN"]);
  for (const id of ["c1", "c2", "c3"]) {
    await expect(page.locator("[data-waiting]")).not.toHaveCount(0, { timeout: 60_000 });
    await page.keyboard.press("F2");
    await expect(box(page, id)).toBeFocused();
    await reply(page, id, "您好，欢迎光临，我是小径，很高兴为您服务。");
    if (id !== "c1") continue;
    const hello = await lastWords(page, id);
    await expect.poll(() => lastWords(page, id), { timeout: 30_000 }).not.toBe(hello);
    await reply(page, id, SHOP.personas[0]!.needs[1]!.reference);
  }
  await turnTo(page, "c1");
  await page.keyboard.press("F9");
  await page.keyboard.press("F9");
  await expect(pane(page, "c3")).toBeVisible();
  const side = page.locator('[data-side="order"]');
  const pick = side.getByTestId("pick");
  for (const sku of ["shoe-w-b39", "socks-w"]) {
    await page.keyboard.press("Alt+o");
    await pick.selectOption(sku);
    await pick.press("Enter");
    await expect(side.locator(`[data-sku="${sku}"]`)).toBeFocused();
  }
  await expect(side.getByTestId("total")).toHaveText("¥605");
}

/** A pupil's round again, at the moment when most customers were there. */
async function chatReplay(page: Page): Promise<void> {
  await page.goto("/practice");
  const rows = page.getByRole("row").filter({ hasText: SHOP.title["zh-CN"] }).filter({ hasText: "系统评分" });
  await rows.first().getByRole("link", { name: "回放" }).click();
  const line = page.getByTestId("timeline");
  const bounds = (await line.boundingBox())!;
  await line.click({ position: { x: bounds.width / 5, y: 10 } });
  await expect(page.getByTestId("then").locator("li")).not.toHaveCount(0);
  await page.getByTestId("desk-replay").evaluate((replay) => {
    replay.scrollIntoView({ block: "start" });
    window.scrollBy(0, -16);
  });
}

for (const [walk, go] of Object.entries(WALKS))
  test(`a picture of every screen: ${walk}`, async ({ page, browser, baseURL }) => {
    test.setTimeout(240_000);
    const visit = async (name: string, seen: Page): Promise<void> => {
      await dress(seen, "zh-CN", "light");
      await seen.screenshot({ path: `${folder}/${name}.png` });
      await forHandbook(name, seen);
      if (LONG.has(name)) await seen.screenshot({ path: `${folder}/${name}-full.png`, fullPage: true });
      if (LIGHT.has(name)) return;
      await dress(seen, "zh-CN", "dark");
      await seen.screenshot({ path: `${folder}/${name}-dark.png` });
      await dress(seen, "zh-CN", "light");
    };
    await go(page, visit, browser, baseURL!);
  });

test("pictures of the README", async ({ page, browser }) => {
  await bestResult(page);
  await dress(page, "zh-CN", "light");
  await page.screenshot({ path: `${folder}/readme-result.png` });
  await forHandbook("readme-result", page);
  await watching(page, browser);
});

test("pictures of the README: a desk of an online shop, and one again", async ({ page }) => {
  test.setTimeout(300_000);
  const taken = async (name: string): Promise<void> => {
    await dress(page, "zh-CN", "light");
    await page.mouse.move(0, 0);
    await page.screenshot({ path: `${folder}/${name}.png` });
    await forHandbook(name, page);
  };
  await enter(page, "contestant");
  await chatReplay(page);
  await taken("readme-chat-replay");
  await chatDesk(page);
  await taken("readme-chat");
});
