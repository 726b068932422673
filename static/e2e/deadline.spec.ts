import { expect, test } from "@playwright/test";
import { field, journal, keptHere, saved, start, take } from "./desk";
import { enter } from "./people";
import { Wire } from "./proxy";

const SHORT = "e2e 20 秒";

test("the end hands in by itself, with the word still in the input method", async ({ page }) => {
  await enter(page, "contestant");
  const attemptId = await take(page, SHORT);
  await start(page);
  const cdp = await page.context().newCDPSession(page);
  await field(page, "邮政编码").fill("100080");
  await field(page, "客户姓名").focus();
  await cdp.send("Input.imeSetComposition", { text: "王小明", selectionStart: 3, selectionEnd: 3 });
  await expect(page.getByText("剩余 10 秒", { exact: false })).toBeAttached({ timeout: 15_000 });
  // Typed in the last second: no save by the clock can have come before the end.
  await expect(page.getByTestId("left")).toHaveText("00:01", { timeout: 15_000 });
  await cdp.send("Input.imeSetComposition", { text: "王小明先生", selectionStart: 5, selectionEnd: 5 });
  await expect(page.getByText("时间到，已自动交卷")).toBeVisible({ timeout: 15_000 });
  await expect(page.getByTestId("net")).toHaveText("00:20");

  const rows = await journal(page, attemptId);
  const texts = rows.filter((row) => row.type === "typing_test.field_saved").map((row) => row.payload);
  expect(texts.filter((text) => text.field === "name").at(-1)).toMatchObject({ text: "王小明先生" });
  expect(rows.at(-1)).toMatchObject({
    type: "attempt.closed",
    payload: { cause: "time_up", net_ms: 20_000 },
  });
  expect(rows.filter((row) => row.type === "attempt.evidence_kept")).toEqual([]);
});

test("offline at the end: kept here, sent later, kept by the server as late", async ({ page, baseURL }) => {
  const wire = await Wire.to(baseURL!);
  await page.goto(wire.url);
  await page.getByRole("button", { name: /以选手身份进入/ }).click();
  await page.waitForURL("**/practice");
  const attemptId = await take(page, SHORT);
  await start(page);
  await field(page, "客户姓名").fill("李");
  await saved(page, "客户姓名");
  wire.cut();
  await field(page, "客户姓名").pressSequentially("雷");
  const curtain = page.locator("[data-kind=ended]");
  await expect(curtain).toContainText("已存在本机", { timeout: 25_000 });
  // The server waits 5 s for what was stamped in time; then it closes by itself.
  const ended = Date.now();
  await expect.poll(() => Date.now() - ended, { timeout: 10_000 }).toBeGreaterThan(6_000);
  wire.mend();
  await expect(page.getByRole("heading", { name: "交卷回执" })).toBeVisible({ timeout: 15_000 });
  await expect(page.getByText("有 1 项内容在结束之后才到达", { exact: false })).toBeVisible();
  const rows = await journal(page, attemptId);
  const kept = rows.filter((row) => row.type === "attempt.evidence_kept");
  expect(kept).toHaveLength(1);
  expect(kept[0]!.payload).toMatchObject({ reason: "late", command: { text: "李雷" } });
  wire.close();
});

test("a hand-in while offline waits for the line, and leaves nothing at the desk", async ({
  page,
  baseURL,
}) => {
  const wire = await Wire.to(baseURL!);
  await page.goto(wire.url);
  await page.getByRole("button", { name: /以选手身份进入/ }).click();
  await page.waitForURL("**/practice");
  const attemptId = await take(page, SHORT);
  await start(page);
  wire.cut();
  await field(page, "客户姓名").fill("李雷");
  await page.getByRole("button", { name: "交卷", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "确认交卷" }).click();
  await expect(page.getByText("离线：连接恢复后自动交卷", { exact: false })).toBeVisible();
  await expect(field(page, "客户姓名")).toBeDisabled();
  expect(await keptHere(page)).toBeGreaterThan(1);
  wire.mend();
  await expect(page.getByRole("heading", { name: "交卷回执" })).toBeVisible();
  await expect.poll(() => keptHere(page)).toBe(0);
  const rows = await journal(page, attemptId);
  expect(rows.filter((row) => row.type === "attempt.closed")).toHaveLength(1);
  expect(rows.filter((row) => row.type === "attempt.evidence_kept")).toEqual([]);
  wire.close();
});
