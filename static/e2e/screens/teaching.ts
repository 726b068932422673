import { expect, type Browser, type Page } from "@playwright/test";
import { paper } from "../answers";
import { Caller } from "../people";
import { as, shut, table, type Visit } from "../walk";

export async function teaching(page: Page, visit: Visit, _browser: Browser, baseURL: string): Promise<void> {
  await as(page, "trainer", "/watch");
  await table(page);
  await visit("watch", page);
  await page.goto("/classes");
  await table(page);
  await visit("classes", page);
  await page.getByRole("link", { name: "演示班" }).click();
  await expect(page.getByRole("row").filter({ hasText: "练习选手" })).toContainText("%");
  await visit("class", page);
  await page.getByRole("button", { name: "导入名单" }).click();
  const buffer = Buffer.from("学号,姓名\n04,学员丙\n04,学员丁\n,学员戊\n");
  await page.locator("input[type=file]").setInputFiles({ name: "名单.csv", mimeType: "text/csv", buffer });
  await expect(page.getByRole("dialog").getByRole("table")).toBeVisible();
  await visit("class-import", page);
  await shut(page);
  await page.getByRole("link", { name: "练习选手的记录" }).click();
  await expect(page.getByRole("heading", { name: "练习选手" })).toBeVisible();
  await visit("pupil", page);
  await page.getByRole("link", { name: "返回班级" }).click();
  await page.getByRole("link", { name: "开始上课" }).click();
  await expect(page.getByTestId("chosen")).toBeVisible();
  await visit("lesson-setup", page);

  const trainer = await Caller.as("trainer", baseURL);
  const made = await trainer.post<{ class_id: string }>("/classes", { title: "电商 2302 班" });
  await page.goto(`/classes/${made.class_id}`);
  await expect(page.getByText("班里还没有学生")).toBeVisible();
  await visit("class-empty", page);
  const names = ["赵敏", "钱进", "孙丽华", "李想", "周正", "吴迪", "郑爽", "王小明"];
  const rows = names.map((name, index) => `${String(index + 1).padStart(2, "0")},${name}`);
  await trainer.post(`/classes/${made.class_id}/pupils?name=a.csv`, ["学号,姓名", ...rows].join("\n"));
  const offers = await trainer.get<{ paper_id: string; title: { "zh-CN": string } }[]>("/lesson-offers");
  const offer = offers.find((one) => one.title["zh-CN"] === paper("lesson").title["zh-CN"]);
  const { contest_id, stages } = await trainer.post<{
    contest_id: string;
    stages: { stage_id: string }[];
  }>(`/classes/${made.class_id}/lessons`, { paper_id: offer!.paper_id });
  await page.goto(`/contests/${contest_id}/run`);
  await expect(page.locator("[data-key]").first()).toBeVisible();
  await visit("lesson-run", page);
  for (const act of ["start", "close"]) {
    const { revision } = await trainer.get<{ revision: number }>(`/contests/${contest_id}`);
    await trainer.post(`/contests/${contest_id}/stages/${stages[0]!.stage_id}/orders`, {
      act,
      seen: revision,
    });
  }
  await trainer.leave();
  await page.goto(`/contests/${contest_id}/results`);
  await expect(page.getByTestId("stat-scored")).toHaveText("0");
  await visit("lesson-results", page);
}
