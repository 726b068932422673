// npm run shots -- FOLDER: a picture of every screen (1366x768; Chinese, light and dark) from the server at CCSS_URL.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

const folder = resolve(process.argv[2] ?? "shots");
mkdirSync(folder, { recursive: true });
const { status } = spawnSync("npx", ["playwright", "test", "--config", "shots.config.ts"], {
  cwd: fileURLToPath(new URL("..", import.meta.url)),
  env: { ...process.env, CCSS_SHOTS: folder },
  stdio: "inherit",
});
process.exit(status ?? 1);
