import { expect, test, type Route } from "@playwright/test";
import { paper } from "./answers";
import { audioTime, field, journal, saved, start, take, watchAudio } from "./desk";
import { enter } from "./people";

const damages: Record<string, (route: Route) => Promise<void>> = {
  missing: (route) => route.abort(),
  garbled: (route) => route.fulfill({ status: 200, contentType: "audio/ogg", body: "no sound in here" }),
};

for (const [name, damage] of Object.entries(damages))
  test(`a ${name} recording is told, noted, and does not stop the work`, async ({ page }) => {
    await watchAudio(page);
    await enter(page, "contestant");
    await page.route("**/api/v1/attempts/*/files/*", damage);
    const attemptId = await take(page, paper("lesson").title["zh-CN"]);
    await start(page);
    await expect(page.getByRole("alert")).toContainText("录音打不开");
    await expect(page.getByTestId("play")).toBeDisabled();
    await field(page, "客户姓名").fill("照常录入");
    await saved(page, "客户姓名");

    await page.unroute("**/api/v1/attempts/*/files/*");
    await page.getByRole("button", { name: "重新载入" }).click();
    await expect(page.getByRole("alert")).toBeHidden();
    await page.keyboard.press("F8");
    await expect.poll(() => audioTime(page)).toBeGreaterThan(0.3);
    const acts = (await journal(page, attemptId)).filter((row) => row.type === "typing_test.player_acted");
    expect(acts[0]!.payload).toMatchObject({ act: "failed" });
  });
