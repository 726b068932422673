import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, expect, test, type BrowserContext, type TestInfo } from "@playwright/test";

const SECURE = process.env.CCSS_TLS_URL ?? "";
const PLAIN = process.env.CCSS_URL ?? "";
const AUTHORITY = join(process.env.CCSS_DATA ?? "", "tls", "authority.pem");

/** A person's own browser: a home of its own, whose store holds the authority only if it was put there. */
async function browserOf(home: string, info: TestInfo, trusting: boolean): Promise<BrowserContext> {
  const store = join(home, ".pki", "nssdb");
  mkdirSync(store, { recursive: true });
  const certutil = (...words: string[]): unknown =>
    execFileSync("certutil", ["-d", `sql:${store}`, ...words]);
  certutil("-N", "--empty-password");
  if (trusting) certutil("-A", "-t", "C,,", "-n", "ccss", "-i", AUTHORITY);
  return chromium.launchPersistentContext(join(home, "profile"), {
    ...info.project.use.launchOptions,
    env: { ...(process.env as Record<string, string>), HOME: home, XDG_DATA_HOME: join(home, "data") },
    locale: "zh-CN",
  });
}

const own = test.extend<{ home: string }>({
  home: async ({}, use) => {
    const home = mkdtempSync(join(tmpdir(), "ccss-home-"));
    await use(home);
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  },
});

own("a browser without the authority is refused, and the page says so", async ({ home }, info) => {
  const browser = await browserOf(home, info, false);
  // A page of its own: the browser's error page comes late, and would interrupt the next visit.
  const refused = await browser.newPage();
  await expect(refused.goto(`${SECURE}/healthz`)).rejects.toThrow("ERR_CERT_AUTHORITY_INVALID");
  await refused.close();

  const page = await browser.newPage();
  await page.goto(`${PLAIN}/trust?next=/place/01JABC`);
  await expect(page.getByTestId("trust")).toHaveAttribute("data-trust", "no");
  await expect(page.getByText("这台电脑还没有信任证书")).toBeVisible();
  await expect(page.getByRole("link", { name: "下载本赛位的 seat-setup.cmd" })).toHaveAttribute(
    "href",
    "/api/v1/trust/seat-setup.cmd?seat=01JABC",
  );
  await browser.close();
});

own("a browser with the authority passes, works there, and is led on", async ({ home }, info) => {
  const browser = await browserOf(home, info, true);
  const page = await browser.newPage();
  await page.goto(SECURE);
  expect(await page.evaluate(() => isSecureContext && "mediaDevices" in navigator)).toBe(true);
  await page.getByRole("button", { name: /以选手身份进入/ }).click();
  await expect(page).toHaveURL(`${SECURE}/practice`);
  const cookie = (await browser.cookies()).find(({ name }) => name === "ccss_login");
  expect(cookie?.secure).toBe(true);

  await page.goto(`${SECURE}/trust`);
  await expect(page.getByTestId("trust")).toHaveAttribute("data-trust", "yes");
  await expect(page.getByTestId("fingerprint")).toHaveText(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);

  await page.goto(`${PLAIN}/trust`);
  await expect(page.getByText("这台电脑已信任证书")).toBeVisible();
  await expect(page.getByRole("link", { name: `打开 ${SECURE}` })).toBeVisible();
  await page.goto(`${PLAIN}/trust?next=/practice`);
  await page.waitForURL(`${SECURE}/practice`);
  await browser.close();
});

own("a warning that was clicked away is no trust", async ({ home }, info) => {
  const browser = await browserOf(home, info, false);
  const page = await browser.newPage();
  await page.goto(`${SECURE}/trust`).catch(() => undefined);
  await expect(async () => {
    // What Chromium's warning listens for.
    await page.keyboard.type("thisisunsafe");
    await expect(page.getByTestId("trust")).toHaveAttribute("data-trust", "skipped", { timeout: 3_000 });
  }).toPass();
  await browser.close();
});

test("the authority and the scripts come without a log-in", async ({ request }) => {
  for (const [path, type] of [
    ["authority.crt", "application/x-x509-ca-cert"],
    ["authority.pem", "application/x-pem-file"],
    ["seat-setup.cmd", "application/octet-stream"],
    ["seat-undo.cmd", "application/octet-stream"],
  ]) {
    const answer = await request.get(`/api/v1/trust/${path}`);
    expect([path, answer.status(), answer.headers()["content-type"]]).toEqual([path, 200, type]);
  }
});
