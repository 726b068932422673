import { expect, test, type Locator, type Page } from "@playwright/test";
import { paper } from "./answers";
import { audioTime, field, saved, watchAudio } from "./desk";

const MOST_TABS = 40;

async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  await expect(target).toBeFocused();
}

test("the whole way without a mouse", async ({ page }) => {
  const lesson = paper("lesson");
  await watchAudio(page);
  await page.goto("/");
  const role = page.getByRole("button", { name: /以选手身份进入/ });
  await expect(role).toBeVisible();
  await tabTo(page, role);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/practice");
  const take = page.getByRole("button", { name: `开始练习 ${lesson.title["zh-CN"]}` });
  await expect(take).toBeVisible();
  await tabTo(page, take);
  await page.keyboard.press("Enter");
  await page.waitForURL("**/desk/*");
  const rules = page.getByRole("checkbox", { name: "我已阅读并遵守" });
  await expect(rules).toBeVisible();
  await tabTo(page, rules);
  await page.keyboard.press("Space");
  const go = page.getByRole("button", { name: "开始作答" });
  await expect(go).toBeEnabled();
  await tabTo(page, go);
  await page.keyboard.press("Enter");

  await expect(field(page, "客户姓名")).toBeFocused();
  await page.keyboard.press("F8");
  await expect.poll(() => audioTime(page), { timeout: 15_000 }).toBeGreaterThan(4);
  await page.keyboard.press("F8");
  const at = await audioTime(page);
  await page.keyboard.press("F9");
  await expect.poll(() => audioTime(page)).toBeLessThan(at - 2.5);
  await page.keyboard.type("abc");
  for (const label of ["客户地址", "邮政编码", "联系电话", "电子邮箱"]) {
    await page.keyboard.press("Enter");
    await expect(field(page, label)).toBeFocused();
  }
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: /下一条/ })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "第 2 条" })).toBeVisible();
  await page.keyboard.press("Alt+PageDown");
  await expect(page.getByRole("heading", { name: "第 3 条" })).toBeVisible();
  await page.keyboard.press("F4");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "第 1 条" })).toBeVisible();
  await expect(field(page, "客户姓名")).toHaveValue("abc");
  await saved(page, "客户姓名");

  const keys = page.getByRole("button", { name: "快捷键" });
  await tabTo(page, keys);
  await page.keyboard.press("Enter");
  const change = page.getByRole("button", { name: /修改.*播放/ });
  await tabTo(page, change);
  await page.keyboard.press("Enter");
  await page.keyboard.press("F5");
  await expect(page.getByText("由浏览器保留", { exact: false })).toBeVisible();
  await page.keyboard.press("Alt+1");
  await expect(page.getByRole("dialog").getByText("Alt+1")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toBeHidden();
  await page.keyboard.press("Alt+1");
  await expect(page.locator("[data-playing=true]")).toBeVisible();

  await tabTo(page, page.getByRole("button", { name: "交卷", exact: true }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "继续作答" })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "交卷回执" })).toBeVisible();
  await tabTo(page, page.getByRole("link", { name: "查看得分" }));
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("marks")).toBeVisible();
  await tabTo(page, page.getByRole("tab", { name: "成绩单" }));
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("tab", { name: "过程" })).toBeFocused();
});
