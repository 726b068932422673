import base from "./playwright.config.ts";

export default {
  ...base,
  testMatch: /shots\.ts/,
  projects: base.projects?.filter((project) => project.name === "chromium"),
};
