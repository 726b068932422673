// First load of the contestant desk in gzipped bytes: page, entry, desk, module page and their styles.
import { readFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 100;
const ROOTS = ["index.html", "src/exam/DeskPage.vue", "src/typing_test/DictationPage.vue"];
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(await readFile(new URL(".vite/manifest.json", dist), "utf8"));
const files = new Set(["index.html"]);
const visit = (key) => {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`not in the manifest: ${key}`);
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const next of chunk.imports ?? []) visit(next);
};
ROOTS.forEach(visit);

const sizes = {};
for (const file of [...files].sort()) {
  sizes[file] = gzipSync(await readFile(new URL(file, dist)), { level: 9 }).length;
}
const total = Object.values(sizes).reduce((sum, size) => sum + size, 0);
const totalKb = Math.round((total / 1000) * 10) / 10;
const report = { first_load_gz_kb: totalKb, budget_kb: BUDGET_KB, total_gz_bytes: total, files: sizes };
const indent = process.argv.includes("--json") ? undefined : 2;
process.stdout.write(`${JSON.stringify(report, null, indent)}\n`);
if (totalKb > BUDGET_KB) {
  process.stderr.write(`first load ${totalKb} kB exceeds the budget of ${BUDGET_KB} kB\n`);
  process.exit(1);
}
