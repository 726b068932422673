import { expect, test } from "@playwright/test";
import { counted, marks, paper, percent } from "./answers";
import {
  audioTime,
  compose,
  field,
  frames,
  handIn,
  journal,
  mark,
  saved,
  start,
  take,
  watchAudio,
} from "./desk";
import { Wire } from "./proxy";

const CUT_MS = 10_000;

test("from the first page to an exact score, through IME, reload and a cut line", async ({
  page,
  baseURL,
}) => {
  const lesson = paper("lesson");
  const item = lesson.items[0]!;
  const wire = await Wire.to(baseURL!);
  await watchAudio(page);
  const seen = frames(page);
  const cdp = await page.context().newCDPSession(page);

  await page.goto(wire.url);
  await page.getByRole("button", { name: /以选手身份进入/ }).click();
  await page.waitForURL("**/practice");
  const attemptId = await take(page, lesson.title["zh-CN"]);
  await start(page);

  await test.step("the recording really plays", async () => {
    await page.keyboard.press("F8");
    await expect.poll(() => audioTime(page)).toBeGreaterThan(0.5);
    const before = await audioTime(page);
    await expect.poll(() => audioTime(page)).toBeGreaterThan(before + 0.5);
    const decoded = await page.evaluate(async (id) => {
      const answer = await fetch(
        performance
          .getEntriesByType("resource")
          .map((entry) => entry.name)
          .find((name) => name.includes(`/attempts/${id}/files/`))!,
      );
      const context = new OfflineAudioContext(1, 1, 48_000);
      const buffer = await context.decodeAudioData(await answer.arrayBuffer());
      const samples = buffer.getChannelData(0);
      return { seconds: buffer.duration, loud: samples.some((sample) => Math.abs(sample) > 0.05) };
    }, attemptId);
    expect(decoded.seconds).toBeGreaterThan(20);
    expect(decoded.loud).toBe(true);
  });

  await test.step("typing through an input method", async () => {
    await field(page, "客户姓名").focus();
    await compose(cdp, "xingming", item.answers.name!.text);
    await expect(field(page, "客户姓名")).toHaveValue(item.answers.name!.text);
    await page.keyboard.press("Enter");
    await expect(field(page, "客户地址")).toBeFocused();
    await saved(page, "客户姓名");
    await cdp.send("Input.imeSetComposition", { text: "dizhi", selectionStart: 5, selectionEnd: 5 });
    // Also what is only being composed reaches the server in time.
    await expect
      .poll(() => seen.sent.some((frame) => (frame.command as { composing?: boolean })?.composing === true))
      .toBe(true);
    await cdp.send("Input.insertText", { text: item.answers.address!.text });
    await saved(page, "客户地址");
  });

  await test.step("paste is blocked and noted", async () => {
    await field(page, "邮政编码").focus();
    await page.evaluate(() => {
      const data = new DataTransfer();
      data.setData("text/plain", "123456");
      document.activeElement!.dispatchEvent(
        new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
      );
    });
    await expect(field(page, "邮政编码")).toHaveValue("");
    await expect
      .poll(() => seen.sent.some((frame) => (frame.command as { kind?: string })?.kind === "paste"))
      .toBe(true);
  });

  await test.step("a reload in the middle of a word loses nothing", async () => {
    await page.keyboard.type(item.answers.postcode!.text);
    await page.reload();
    await expect(field(page, "邮政编码")).toHaveValue(item.answers.postcode!.text);
    await expect(field(page, "客户姓名")).toHaveValue(item.answers.name!.text);
    await expect(field(page, "客户地址")).toHaveValue(item.answers.address!.text);
    await saved(page, "邮政编码");
  });

  const phone = item.answers.phone!.text;
  const email = item.answers.email!.text;
  await test.step("a line cut for 10 s while typing", async () => {
    wire.cut();
    await page.context().setOffline(true);
    const cutAt = Date.now();
    await field(page, "联系电话").focus();
    await page.keyboard.type(phone.slice(0, -1));
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("connection")).toContainText("连接中断");
    await expect(page.getByTestId("save")).toContainText("离线");
    await expect(mark(page, "联系电话")).toHaveAttribute("data-mark", "local");
    await page.keyboard.type(email);
    await expect.poll(() => Date.now() - cutAt, { timeout: CUT_MS + 5_000 }).toBeGreaterThan(CUT_MS);
    wire.mend();
    await page.context().setOffline(false);
    await expect(page.getByTestId("connection")).toContainText("连接正常");
    await saved(page, "联系电话");
    await saved(page, "电子邮箱");
    await expect(page.getByTestId("save")).toContainText("已保存");
  });

  await test.step("nothing twice in the journal", async () => {
    const rows = (await journal(page, attemptId)).filter((row) => row.type === "typing_test.field_saved");
    const revisions = rows.map((row) => `${row.payload.item}/${row.payload.field}/${row.payload.rev}`);
    expect(new Set(revisions).size).toBe(revisions.length);
    const last = (key: string): unknown =>
      rows.filter((row) => row.payload.field === key).at(-1)?.payload.text;
    expect(last("phone")).toBe(phone.slice(0, -1));
    expect(last("email")).toBe(email);
  });

  await test.step("hand-in asks twice and names what is empty", async () => {
    await page.getByRole("button", { name: "交卷", exact: true }).click();
    await expect(page.getByTestId("unfilled").getByRole("listitem")).toHaveCount(lesson.items.length - 1);
    await page.getByRole("button", { name: "继续作答" }).click();
    await expect(page.getByRole("dialog")).toBeHidden();
    await handIn(page);
    await expect(page.getByTestId("hash")).toHaveText(/^[0-9a-f]{8} … [0-9a-f]{8}$/);
  });

  await test.step("the exact score", async () => {
    await page.getByRole("link", { name: "查看得分" }).click();
    const all = lesson.items.filter((one) => one.scored).flatMap((one) => Object.values(one.answers));
    const expected = all.reduce((sum, answer) => sum + counted(answer.text), 0);
    const typed = Object.values(item.answers).reduce((sum, answer) => sum + counted(answer.text), 0);
    const correct = typed - counted(phone.slice(-1));
    const accuracy = percent(correct, expected);
    await expect(page.getByTestId("characters")).toHaveText(`${correct} / ${expected}`);
    await expect(page.getByTestId("accuracy")).toHaveText(`${accuracy}%`);
    await expect(page.getByTestId("marks")).toHaveText(marks(accuracy));
    const missing = page.locator("tr", { hasText: "联系电话" }).first().locator("ins.missing");
    await expect(missing).toContainText(phone.slice(-1));
    await page.getByRole("tab", { name: "过程" }).click();
    await expect(page.getByText("试图粘贴 6 字，已阻止")).toBeVisible();
  });

  await test.step("错题再练 opens a round of what went wrong", async () => {
    await page.getByRole("button", { name: "错题再练" }).click();
    await page.waitForURL("**/desk/*");
    await expect(page.getByRole("button", { name: "开始作答" })).toBeVisible();
  });
  wire.close();
});
