import { expect, type Page } from "@playwright/test";
import { paper } from "./answers";
import { field, handIn, start, take } from "./desk";
import { enter } from "./people";

export type Visit = (name: string, page: Page) => Promise<void>;

/** Walks through every screen and calls `visit` on each. */
export async function everyScreen(page: Page, visit: Visit): Promise<void> {
  await page.goto("/");
  await expect(page.getByRole("button", { name: /以选手身份进入/ })).toBeVisible();
  await visit("home", page);

  await page.route("**/api/v1/site", async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: { ...(await answer.json()), profile: "installed", demo_roles: [] } });
  });
  await page.reload();
  await expect(page.getByLabel("密码")).toBeVisible();
  await visit("log-in", page);
  await page.unroute("**/api/v1/site");

  await enter(page, "contestant");
  await expect(page.getByRole("table")).toBeVisible();
  await visit("practice", page);
  const title = paper("lesson").title["zh-CN"];
  const attemptId = await take(page, title);
  await expect(page.getByRole("checkbox")).toBeVisible();
  await visit("waiting", page);
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
  await expect(page.getByRole("table")).toBeVisible();
  await visit("events", page);
  await page.goto("/nowhere");
  await visit("lost", page);
  await enter(page, "trainer");
  await expect(page.getByRole("table")).toBeVisible();
  await visit("watch", page);
}

/** Shows the page in a language and theme without a reload; select boxes are out of reach under a dialog. */
export async function dress(page: Page, language: string, theme: string): Promise<void> {
  await page.evaluate(
    ([lang, look]) => {
      const [first, second] = document.querySelectorAll<HTMLSelectElement>(".prefs select");
      for (const [box, value] of [
        [first, lang],
        [second, look],
      ] as const) {
        box!.value = value!;
        box!.dispatchEvent(new Event("change", { bubbles: true }));
      }
    },
    [language, theme],
  );
  await expect(page.locator("html")).toHaveAttribute("lang", language);
  await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
}
