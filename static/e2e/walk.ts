import { expect, type Browser, type Page } from "@playwright/test";
import type { Role } from "./people";

export type Visit = (name: string, page: Page) => Promise<void>;
export type Walk = (page: Page, visit: Visit, browser: Browser, baseURL: string) => Promise<void>;

/** Another person at the same browser. */
export async function as(page: Page, role: Role, path: string): Promise<void> {
  const answer = await page.request.post("/api/v1/demo/sessions", {
    data: { role },
    headers: { "X-CCSS": "1" },
  });
  expect(answer.ok()).toBe(true);
  await page.goto(path);
}

export async function shut(page: Page): Promise<void> {
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
}

export const table = (page: Page): Promise<void> => expect(page.getByRole("table").first()).toBeVisible();

/**
 * Shows the page in a language and theme without a reload; select boxes are out of reach under a dialog.
 * A picture for the wall has no such boxes: its language stays, and false is the answer for another one.
 */
export async function dress(page: Page, language: string, theme: string): Promise<boolean> {
  const there = await page.evaluate(
    ([lang, look]) => {
      const boxes = [...document.querySelectorAll<HTMLSelectElement>(".prefs select")];
      if (boxes.length === 0) {
        document.documentElement.dataset.theme = look;
        return document.documentElement.lang === lang;
      }
      for (const [index, value] of [lang, look].entries()) {
        boxes[index]!.value = value!;
        boxes[index]!.dispatchEvent(new Event("change", { bubbles: true }));
      }
      return true;
    },
    [language, theme],
  );
  if (!there) return false;
  await expect(page.locator("html")).toHaveAttribute("lang", language);
  await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
  return true;
}
