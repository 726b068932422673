import { test } from "@playwright/test";
import { dress, everyScreen } from "./screens";

const DARK = new Set(["desk", "result", "watch", "practice"]);
const LONG = new Set(["result", "events", "watch"]);

test("a picture of every screen", async ({ page }) => {
  test.setTimeout(240_000);
  const folder = process.env.CCSS_SHOTS ?? "shots";
  await everyScreen(page, async (name) => {
    await dress(page, "zh-CN", "light");
    await page.screenshot({ path: `${folder}/${name}.png` });
    if (LONG.has(name)) await page.screenshot({ path: `${folder}/${name}-full.png`, fullPage: true });
    if (!DARK.has(name)) return;
    await dress(page, "zh-CN", "dark");
    await page.screenshot({ path: `${folder}/${name}-dark.png` });
    await dress(page, "zh-CN", "light");
  });
});
