import { expect, test } from "@playwright/test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { WALKS } from "./screens";
import { dress } from "./walk";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Screens that must stand whole at 1366x768. */
const WHOLE = new Set([
  ...["waiting", "desk", "keys", "hand-in", "stale", "receipt", "waiting-contest", "desk-announcement"],
  ...[
    "paused",
    "receipt-contest",
    "place",
    "run",
    "run-table",
    "run-place",
    "run-pending",
    "clock",
    "clock-armed",
  ],
]);

interface Violation {
  id: string;
  nodes: { html: string; failureSummary: string }[];
}

for (const [walk, go] of Object.entries(WALKS))
  test(`axe finds nothing on any screen, in both languages and both themes: ${walk}`, async ({
    page,
    browser,
    baseURL,
  }) => {
    test.setTimeout(240_000);
    const visit = async (name: string, seen: typeof page): Promise<void> => {
      for (const theme of ["light", "dark"])
        for (const language of ["en", "zh-CN"]) {
          if (!(await dress(seen, language, theme))) continue;
          await seen.evaluate(source);
          const found = await seen.evaluate(async () => {
            const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
            return (await axe.run()).violations.map((one) => [
              one.id,
              one.nodes.slice(0, 3).map((node) => node.html),
            ]);
          });
          expect.soft(found, `${name}, ${language}, ${theme}`).toEqual([]);
        }
      const { wide, tall } = await seen.evaluate(() => ({
        wide: document.documentElement.scrollWidth - innerWidth,
        tall: document.documentElement.scrollHeight - innerHeight,
      }));
      expect.soft(wide, `${name} is not wider than the window`).toBeLessThanOrEqual(0);
      if (WHOLE.has(name)) expect.soft(tall, `${name} does not scroll at 1366x768`).toBeLessThanOrEqual(0);
    };
    await go(page, visit, browser, baseURL!);
  });
