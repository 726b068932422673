import { expect, test, type Page } from "@playwright/test";
import type { components } from "../src/api/schema.gen";
import { beginChat, box, goodbye, lastWords, order, pane, PAPER, reply, turnTo } from "./chats";
import { compose, journal } from "./desk";
import { Wire } from "./proxy";

type OutcomeView = components["schemas"]["OutcomeView"];
type Step = readonly [said: string, act: (page: Page, id: string) => Promise<void>];

const CUT_MS = 10_000;
const PICTURE = PAPER.personas[4]!.needs[1]!.picture!;
const HELLO = "您好，我是小径，很高兴为您服务。";
const SIZE = "脚长24厘米建议您选38码。";
const PRICE = "店铺售价是569元。";
const SHIP = "付款后48小时内发货。";

const says =
  (words: string) =>
  (page: Page, id: string): Promise<void> =>
    reply(page, id, words);
const orders =
  (lines: readonly (readonly [string, number])[], total: string) =>
  (page: Page, id: string): Promise<void> =>
    order(page, id, lines, total);

/** The events of one kind, in their order. */
async function events(page: Page, attemptId: string, type: string): Promise<Record<string, unknown>[]> {
  const all = await journal(page, attemptId);
  return all.filter((event) => event.type === `chat_sim.${type}`).map(({ payload }) => payload);
}

/** What the measures say of the attempt, with the page's log-in. */
function outcome(page: Page, attemptId: string): Promise<OutcomeView> {
  return page.evaluate(
    async (id) => (await fetch(`/api/v1/attempts/${id}/outcome`)).json() as Promise<OutcomeView>,
    attemptId,
  );
}

interface Said {
  conversation: string;
  n: number;
  stage_ms: number;
  by: "customer" | "agent";
}

/** Mean rounded half up, ms. */
const mean = (values: number[]): number =>
  Math.floor(values.reduce((sum, one) => sum + one, 0) / values.length + 0.5);

/** First responses and all responses (of each round, from its first message), worked out of the journal. */
function responses(said: readonly Said[]): { first: number[]; all: number[] } {
  const first: number[] = [];
  const all: number[] = [];
  for (const id of new Set(said.map(({ conversation }) => conversation))) {
    const own = said.filter(({ conversation }) => conversation === id).sort((a, b) => a.n - b.n);
    let since: number | undefined;
    let answered = false;
    for (const { by, stage_ms } of own) {
      if (by === "customer") since ??= stage_ms;
      else if (since !== undefined) {
        all.push(stage_ms - since);
        if (!answered) first.push(stage_ms - own[0]!.stage_ms);
        answered = true;
        since = undefined;
      }
    }
  }
  return { first, all };
}

test("one desk serves five customers through to payment by keyboard only, through a reload and a cut line", async ({
  page,
  baseURL,
}) => {
  test.setTimeout(240_000);
  const wire = await Wire.to(baseURL!);
  await page.addInitScript(() => {
    const note = (event: Event): void => {
      if (event.isTrusted) sessionStorage.setItem("mouse", "used");
    };
    for (const kind of ["mousedown", "pointerdown", "touchstart"]) addEventListener(kind, note, true);
  });
  const cdp = await page.context().newCDPSession(page);
  await page.goto(wire.url);
  const attemptId = await beginChat(page, PAPER.title["zh-CN"]);
  await page.evaluate(() => sessionStorage.removeItem("mouse"));

  await expect(page.locator("[data-waiting]")).toHaveCount(5);
  for (let n = 1; n <= 5; n += 1) {
    await page.keyboard.press("F2");
    await expect(box(page, `c${n}`)).toBeFocused();
  }

  /** Composed letters, and the Enter that is the input method's own, never go. */
  const composed = async (_page: Page, id: string): Promise<void> => {
    await cdp.send("Input.imeSetComposition", { text: "nin", selectionStart: 3, selectionEnd: 3 });
    await page.keyboard.press("Enter");
    await expect(pane(page, id).locator(".message.agent")).toHaveCount(0);
    await compose(cdp, "ninhao", "您好，");
    await expect(box(page, id)).toHaveValue(/您好，/);
    await page.keyboard.press("Shift+Enter");
    await expect(pane(page, id).locator(".message.agent")).toHaveCount(0);
    await page.keyboard.press("ControlOrMeta+a");
    await reply(page, id, HELLO);
  };

  const looksUp = async (_page: Page, id: string): Promise<void> => {
    await page.keyboard.press("Alt+k");
    await page.keyboard.type("脚长");
    await page.keyboard.press("Enter");
    const hit = page.getByRole("list", { name: "搜索结果" }).getByRole("button").first();
    await expect(hit).toContainText("尺码对照");
    await page.keyboard.press("ArrowDown");
    await expect(hit).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("article")).toContainText("24厘米选38码");
    await page.keyboard.press("Escape");
    await reply(page, id, SIZE);
  };

  const recommends = async (_page: Page, id: string): Promise<void> => {
    await page.keyboard.press("Alt+p");
    await page.keyboard.type("羊毛");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("product")).toContainText("羊毛袜");
    await page.keyboard.press("Alt+g");
    await expect(pane(page, id).locator(".message.agent .card")).toContainText("羊毛袜");
    await page.keyboard.press("Escape");
  };

  const reloads = async (_page: Page, id: string): Promise<void> => {
    const half = Math.floor(SIZE.length / 2);
    await page.keyboard.type(SIZE.slice(0, half));
    await page.reload();
    await expect(box(page, id)).toHaveValue(SIZE.slice(0, half));
    await expect(box(page, id)).toBeFocused();
    await page.keyboard.press("End");
    await page.keyboard.type(SIZE.slice(half));
    await page.keyboard.press("Enter");
    await expect(pane(page, id).locator(".message.agent").filter({ hasText: SIZE })).toHaveCount(1);
  };

  const cut = async (_page: Page, id: string): Promise<void> => {
    const words = SIZE + PRICE;
    wire.cut();
    await page.context().setOffline(true);
    const cutAt = Date.now();
    await page.keyboard.type(words);
    await page.keyboard.press("Enter");
    const on = pane(page, id).locator(".message.agent").filter({ hasText: words });
    await expect(on).toHaveCount(1);
    await expect(on).toContainText("发送中");
    await expect(page.getByTestId("connection")).toContainText("连接中断");
    await page.keyboard.type("还没写完");
    await turnTo(page, "c1");
    await turnTo(page, id);
    await expect(box(page, id)).toHaveValue("还没写完");
    await expect.poll(() => Date.now() - cutAt, { timeout: CUT_MS + 5_000 }).toBeGreaterThan(CUT_MS);
    wire.mend();
    await page.context().setOffline(false);
    await expect(page.getByTestId("connection")).toContainText("连接正常");
    await expect(on).not.toContainText("发送中");
    await expect(on).toHaveCount(1);
    await expect(box(page, id)).toHaveValue("还没写完");
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.press("Delete");
  };

  /** The customer's picture comes after the question, and is looked at in full before the answer. */
  const looksAtPicture = async (_page: Page, id: string): Promise<void> => {
    const small = pane(page, id).getByRole("button", { name: new RegExp(PICTURE.alt) });
    await expect(small).toBeVisible();
    for (let n = 0; !(await small.evaluate((button) => button === document.activeElement)); n += 1) {
      expect(n, "the picture is out of the keyboard's reach").toBeLessThan(5);
      await page.keyboard.press("Shift+Tab");
    }
    await page.keyboard.press("Enter");
    const large = page.getByRole("dialog", { name: PICTURE.alt }).getByRole("img");
    await expect(large).toBeVisible();
    await expect
      .poll(() => large.evaluate((image: HTMLImageElement) => image.naturalWidth))
      .toBe(PICTURE.width);
    const [inside, outside] = [(await large.boundingBox())!, (await small.boundingBox())!];
    expect(inside.width).toBeGreaterThan(outside.width * 1.5);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
    await reply(page, id, SHIP);
  };

  const MORE = "没有别的问题了。";
  const READY = "行，帮我下单吧。";
  const ways: Record<string, Step[]> = {
    c1: [
      ["你好，在吗？", composed],
      ["脚长24厘米穿几码？", looksUp],
      ["这双鞋现在卖多少钱？", says(PRICE)],
      [READY, orders([["shoe-38", 1]], "¥569")],
      [MORE, goodbye],
    ],
    c2: [
      ["你好，在吗？", says(HELLO)],
      ["脚长24厘米穿几码？", says(SIZE)],
      [READY, recommends],
      ["好呀，羊毛袜也要一份。", orders([["shoe-38", 1], ["socks-1", 1]], "¥605")], // prettier-ignore
      [MORE, goodbye],
    ],
    c3: [
      ["你好，在吗？", says(HELLO)],
      ["脚长24厘米穿几码？", reloads],
      ["多久发货？", says(SHIP)],
      [READY, orders([["shoe-38", 1], ["poles-1", 1]], "¥718")], // prettier-ignore
      [MORE, goodbye],
    ],
    c4: [
      ["你好，在吗？", says(HELLO)],
      ["这双鞋现在卖多少钱？", cut],
      [READY, orders([["shoe-38", 1], ["socks-1", 1], ["poles-1", 1]], "¥804")], // prettier-ignore
      [MORE, goodbye],
    ],
    c5: [
      ["你好，在吗？", says(HELLO)],
      ["多久发货？", looksAtPicture],
      [READY, orders([["shoe-39", 2]], "¥1088")],
      [MORE, goodbye],
    ],
  };

  /** Turn by turn: whoever has said the next line of its way is served. */
  for (let rounds = 0; Object.values(ways).some((way) => way.length > 0); rounds += 1) {
    expect(rounds, JSON.stringify(ways)).toBeLessThan(60);
    for (const [id, way] of Object.entries(ways)) {
      const step = way[0];
      if (!step) continue;
      await turnTo(page, id);
      if ((await lastWords(page, id)) !== step[0]) continue;
      await step[1](page, id);
      way.shift();
    }
  }

  await test.step("the hand-in says that nothing is left", async () => {
    await page.getByRole("button", { name: "交卷", exact: true }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("dialog")).toContainText("所有会话都已结束");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { name: "交卷回执" })).toBeVisible();
    expect(await page.evaluate(() => sessionStorage.getItem("mouse"))).toBeNull();
  });

  await test.step("nothing was said twice", async () => {
    const texts = (await events(page, attemptId, "agent_said")).map(
      ({ conversation, text, product }) => `${conversation as string}/${(product ?? text) as string}`,
    );
    expect(new Set(texts).size).toBe(texts.length);
    expect(texts).toHaveLength(18);
  });

  await test.step("the measures are what they must be, to the digit", async () => {
    let view: OutcomeView | undefined;
    await expect.poll(async () => (view = await outcome(page, attemptId)).status).toBe("ready");
    const measures = Object.fromEntries(
      (view!.outcome!.measures ?? []).map(({ key, value }) => [key, Number(value)]),
    );
    const customers = (await events(page, attemptId, "customer_said")) as unknown as Said[];
    const texts = (await events(page, attemptId, "agent_said")) as unknown as Said[];
    const sent = (await events(page, attemptId, "order_sent")) as unknown as Said[];
    // 5 greetings, 8 questions, 1 picture, 1 recommendation taken; 5 times each ready, paid, and nothing more.
    expect(customers).toHaveLength(30);
    const [seen, ...others] = await events(page, attemptId, "picture_opened");
    expect(others).toEqual([]);
    expect(customers.find(({ n }) => n === seen!.n)).toMatchObject({ picture: PICTURE.sha256 });
    expect(measures).toMatchObject({
      customers: 5,
      replied: 5,
      peak: 5,
      accuracy: 1,
      accuracy_facts: 1,
      wrong: 0,
      forbidden: 0,
      greeting: 5,
      closing: 5,
      recommended: 1,
      accepted: 1,
      rating: 5,
      conversion: 1,
      sales: 3784,
      order_value: 756.8,
      items_per_order: 2,
      searches: 1,
      canned: 5,
      blocked: 0,
      response_rate: 1,
      reply_ratio: Math.round(((texts.length + sent.length) / customers.length) * 10_000) / 10_000,
    });
    const said = [
      ...customers.map((one) => ({ ...one, by: "customer" as const })),
      ...[...texts, ...sent].map((one) => ({ ...one, by: "agent" as const })),
    ];
    const { first, all } = responses(said);
    expect(first).toHaveLength(5);
    expect(measures.first_response).toBe(mean(first));
    expect(measures.avg_response).toBe(mean(all));
  });
  wire.close();
});
