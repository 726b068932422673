import { expect, test } from "@playwright/test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dress, everyScreen } from "./screens";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

test("axe finds nothing on any screen, in both languages and both themes", async ({ page }) => {
  test.setTimeout(240_000);
  await everyScreen(page, async (name) => {
    for (const theme of ["light", "dark"])
      for (const language of ["en", "zh-CN"]) {
        await dress(page, language, theme);
        await page.evaluate(source);
        const found = await page.evaluate(async () => {
          const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
          return (await axe.run()).violations.map((one) => [
            one.id,
            one.nodes.slice(0, 3).map((node) => node.html),
          ]);
        });
        expect.soft(found, `${name}, ${language}, ${theme}`).toEqual([]);
      }
    const fits = await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    expect.soft(fits, `${name} is not wider than the window`).toBe(true);
    if (["waiting", "desk", "keys", "hand-in", "stale", "receipt"].includes(name)) {
      const scrolls = await page.evaluate(() => document.documentElement.scrollHeight > innerHeight);
      expect.soft(scrolls, `${name} scrolls at 1366x768`).toBe(false);
    }
  });
});
