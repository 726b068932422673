import { expect, test } from "@playwright/test";
import { paper } from "./answers";
import { FINISHED } from "./hall";
import { somebody } from "./people";

test("a corrected key marks the works anew, and tells old and new", async ({ browser }) => {
  const chief = await somebody(browser, "chief_referee");
  const name = paper("contest").items[0]!.answers.name!.text;
  await chief.goto("/contests");
  await chief.getByRole("link", { name: FINISHED, exact: true }).click();
  await chief.getByRole("navigation", { name: "竞赛页面" }).getByRole("link", { name: "成绩" }).click();
  await chief.getByRole("navigation", { name: "环节" }).getByRole("link", { name: "听打录入" }).click();
  await expect(chief.getByTestId("stat-works")).toHaveText("24");
  await chief.getByRole("link", { name: "更正标准答案" }).click();

  const lines = chief.getByRole("region", { name: "更正标准答案" }).getByRole("row");
  const line = lines.filter({ hasText: name }).first();
  const title = (await line.getByRole("cell").first().innerText()).trim();
  await line.getByRole("button", { name: /^修改/ }).click();
  const box = chief.getByRole("textbox", { name: /第一行是标准答案/ });
  await expect(box).toBeFocused();
  await box.fill("");
  await expect(chief.getByText("至少要留一个答案")).toBeVisible();
  await box.fill(`${name}先生\n${name}女士`);
  const change = chief.getByRole("form", { name: "本次更正（1 处）" });
  await expect(change).toContainText(title);
  await expect(change.locator("del")).toHaveText(name);
  await expect(change.locator("ins")).toHaveText(`${name}先生；${name}女士`);
  const submit = change.getByRole("button", { name: "更正并重新评分…" });
  await expect(submit).toBeDisabled();
  await change.getByLabel("更正理由").fill("录音里说的是先生");
  await submit.click();
  const dialog = chief.getByRole("dialog");
  await expect(dialog).toContainText("份作品会按新的标准答案重新评分");
  await dialog.getByRole("button", { name: "更正并重新评分" }).click();

  const outcome = chief.getByRole("status").filter({ hasText: "已重新评分" });
  await expect(outcome).toBeFocused();
  const changed = outcome.getByRole("row").nth(1);
  const cells = changed.getByRole("cell");
  const code = await cells.nth(0).innerText();
  const [old, now, difference] = (
    await Promise.all([1, 2, 3].map((column) => cells.nth(column).innerText()))
  ).map((text) => Number(text.replace("−", "-")));
  expect(now).not.toBe(old);
  expect(difference).toBeCloseTo(now! - old!, 2);

  await changed.getByRole("link").click();
  await expect(chief.getByText("第 2 次评分")).toBeVisible();
  await expect(chief.getByTestId("marks")).toHaveText(now!.toFixed(2));
  await chief.goBack();
  const earlier = chief.getByRole("listitem").filter({ hasText: "录音里说的是先生" });
  await expect(earlier).toContainText("演示裁判长");
  await earlier
    .getByText(/已重新评分/)
    .first()
    .click();
  await expect(earlier.getByRole("row").filter({ hasText: code })).toBeVisible();
});
