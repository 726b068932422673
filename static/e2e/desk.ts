import { expect, type CDPSession, type Locator, type Page } from "@playwright/test";

/** Opens a practice round and leaves the page on its waiting screen. */
export async function take(page: Page, title: string): Promise<string> {
  const card = page
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { name: title, exact: true }) });
  await card.getByRole("button").click();
  await page.waitForURL("**/desk/*");
  return page.url().split("/").at(-1)!;
}

/** Reads the rules, ticks, starts. */
export async function start(page: Page): Promise<void> {
  await page.getByRole("checkbox", { name: "我已阅读并遵守" }).check();
  await page.getByRole("button", { name: "开始作答" }).click();
  await expect(field(page, "客户姓名")).toBeEnabled();
}

export const field = (page: Page, label: string): Locator => page.getByLabel(label, { exact: true });

/** The mark beside a field: empty, saving, saved, local. */
export function mark(page: Page, label: string): Locator {
  return page.locator(".field-row", { has: field(page, label) }).locator("[data-mark]");
}

export const saved = (page: Page, label: string): Promise<void> =>
  expect(mark(page, label)).toHaveAttribute("data-mark", "saved");

/** Has the device check play its tones, four of them, and tells how many were heard. */
export async function countTones(page: Page, heard = 4): Promise<void> {
  await page.getByRole("button", { name: "播放提示音" }).evaluate((button: HTMLElement) => {
    const chance = Math.random;
    Math.random = () => 0.5;
    button.click();
    Math.random = chance;
  });
  await page.getByRole("button", { name: `${heard} 声`, exact: true }).click({ timeout: 20_000 });
}

/** Types through an input method: letters in the composition first, then the committed words. */
export async function compose(cdp: CDPSession, letters: string, words: string): Promise<void> {
  for (let end = 1; end <= letters.length; end += 1)
    await cdp.send("Input.imeSetComposition", {
      text: letters.slice(0, end),
      selectionStart: end,
      selectionEnd: end,
    });
  await cdp.send("Input.insertText", { text: words });
}

/** Hands in with the second confirmation; returns on the receipt. */
export async function handIn(page: Page): Promise<void> {
  await page.getByRole("button", { name: "交卷", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "确认交卷" }).click();
  await expect(page.getByRole("heading", { name: "交卷回执" })).toBeVisible();
}

interface Watched extends HTMLAudioElement {
  noted?: true;
}

/** Lets a test look at the page's player: it is made with `new Audio()` and never stands in the document. */
export async function watchAudio(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const store: HTMLAudioElement[] = [];
    const Native = window.Audio;
    window.Audio = function Audio(source?: string): HTMLAudioElement {
      const element: Watched = new Native(source);
      element.noted = true;
      store.push(element);
      return element;
    } as unknown as typeof window.Audio;
    Object.assign(window, { ccssAudio: store });
  });
}

export function audioTime(page: Page): Promise<number> {
  return page.evaluate(() => {
    const [element] = (window as unknown as { ccssAudio: HTMLAudioElement[] }).ccssAudio.slice(-1);
    return element?.currentTime ?? 0;
  });
}

/** Frames of /ws as the page sent and got them. */
export interface Frames {
  sent: Record<string, unknown>[];
  got: Record<string, unknown>[];
}

export function frames(page: Page): Frames {
  const kept: Frames = { sent: [], got: [] };
  const read = (payload: string | Buffer): Record<string, unknown> =>
    JSON.parse(payload.toString()) as Record<string, unknown>;
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => kept.sent.push(read(payload)));
    socket.on("framereceived", ({ payload }) => kept.got.push(read(payload)));
  });
  return kept;
}

interface EventRow {
  type: string;
  payload: Record<string, unknown>;
}

/** The journal of an attempt, over the API with the page's log-in. */
export function journal(page: Page, attemptId: string): Promise<EventRow[]> {
  return page.evaluate(
    async (id) => (await fetch(`/api/v1/attempts/${id}/events`)).json() as Promise<EventRow[]>,
    attemptId,
  );
}

/** How many texts and commands of any attempt this browser still keeps. */
export function keptHere(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const noted = Object.keys(localStorage).filter((key) => key.startsWith("ccss.draft.")).length;
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open("ccss-seat");
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error!);
    });
    const counts = ["outbox", "drafts"].map(
      (name) =>
        new Promise<number>((resolve) => {
          const counting = db.transaction(name).objectStore(name).count();
          counting.onsuccess = () => resolve(counting.result);
        }),
    );
    const sum = (await Promise.all(counts)).reduce((a, b) => a + b, noted);
    db.close();
    return sum;
  });
}
