import { expect, test } from "@playwright/test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { WALKS } from "./screens";
import { turn } from "./sound";
import { hearing, soundFile } from "./voices";
import { dress } from "./walk";

const SPOKEN = soundFile(turn(2.4, 1.6));
test.use({
  permissions: ["microphone"],
  launchOptions: [({ launchOptions }, use) => use(hearing(SPOKEN, launchOptions)), { scope: "worker" }],
});

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const COLOURS = ["color-contrast", "link-in-text-block"];

/** What differs between looks is looked at in each: words in the second language, colours in the second theme. */
const LOOKS: { language: string; theme: string; options: object }[] = [
  {
    language: "en",
    theme: "light",
    options: { rules: Object.fromEntries(COLOURS.map((rule) => [rule, { enabled: false }])) },
  },
  { language: "zh-CN", theme: "dark", options: { runOnly: COLOURS } },
  { language: "zh-CN", theme: "light", options: {} },
];

/** Screens that must stand whole at 1366x768. */
const WHOLE = new Set([
  ...["waiting", "desk", "keys", "hand-in", "stale", "receipt", "waiting-contest", "desk-announcement"],
  ...["paused", "receipt-contest", "place", "run", "run-table", "run-place", "run-pending", "clock"],
  ...["clock-armed", "voice-desk", "voice-ringing", "voice-inbound", "voice-article", "voice-record"],
  ...["voice-inbound-over", "voice-script", "voice-faq", "voice-call", "voice-call-played", "run-calls"],
  ...["chat-start", "chat-empty", "chat-product", "chat-terms", "chat-desk", "chat-hits", "chat-article"],
  ...["chat-prices", "chat-customer", "chat-order", "chat-columns", "chat-close", "chat-hand-in"],
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
      for (const { language, theme, options } of LOOKS) {
        if (!(await dress(seen, language, theme))) continue;
        await seen.evaluate(source);
        const found = await seen.evaluate(async (how) => {
          const { axe } = window as unknown as {
            axe: { run(of: Document, how: object): Promise<{ violations: Violation[] }> };
          };
          return (await axe.run(document, how)).violations.map((one) => [
            one.id,
            one.nodes.slice(0, 3).map((node) => node.html),
          ]);
        }, options);
        const look = `${name}, ${language}, ${theme}`;
        expect.soft(found, look).toEqual([]);
        const { wide, tall } = await seen.evaluate(() => ({
          wide: document.documentElement.scrollWidth - innerWidth,
          tall: document.documentElement.scrollHeight - innerHeight,
        }));
        expect.soft(wide, `${look} is not wider than the window`).toBeLessThanOrEqual(0);
        if (WHOLE.has(name)) expect.soft(tall, `${look} does not scroll at 1366x768`).toBeLessThanOrEqual(0);
      }
    };
    await go(page, visit, browser, baseURL!);
  });
