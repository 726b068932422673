import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vite.config.ts";

export default mergeConfig(
  base,
  defineConfig({
    test: {
      environment: "happy-dom",
      setupFiles: ["tests/setup.ts"],
      include: ["tests/**/*.test.ts"],
      reporters: ["default", "./scripts/closing-line.vitest.ts"],
      maxWorkers: 1,
    },
  }),
);
