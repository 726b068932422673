import { defineConfig } from "@playwright/test";
import { chrome109 } from "./e2e/chrome109";

// Without these the browser looks for hosts that a closed network refuses.
const QUIET = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  // Specs share one server and do not meet in it; axe's walks are spread too.
  workers: 2,
  fullyParallel: true,
  forbidOnly: !!process.env.CI,
  // Two browsers and a server share CI's two cores: what a second try passes is listed as flaky, never as passed.
  retries: process.env.CI ? 1 : 0,
  timeout: 90_000,
  expect: { timeout: 10_000 },
  reporter: [["list"], ["./scripts/closing-line.playwright.ts"]],
  use: {
    baseURL: process.env.CCSS_URL ?? "http://127.0.0.1:8123",
    viewport: { width: 1366, height: 768 },
    locale: "zh-CN",
    colorScheme: "light",
    trace: "retain-on-failure",
    actionTimeout: 10_000,
  },
  projects: [
    {
      name: "chromium",
      use: {
        launchOptions: { executablePath: process.env.CCSS_CHROMIUM ?? "/usr/bin/chromium", args: QUIET },
      },
    },
    {
      // The oldest browser that seats may have: the whole way of a contestant must work in it.
      name: "chrome109",
      testMatch: /\/(seat|deadline|keyboard|place|telephony|chat)\.spec\.ts/,
      use: { launchOptions: { executablePath: chrome109(), args: [...QUIET, "--no-zygote"] } },
    },
  ],
});
