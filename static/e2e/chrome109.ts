import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";

/** Unpacks the real headless Chrome 109 of the dev dependency once; returns its path. */
export function chrome109(): string {
  const folder = fileURLToPath(new URL("../.cache/chrome109/", import.meta.url));
  const target = `${folder}chromium`;
  if (existsSync(target)) return target;
  const packed = new URL("../node_modules/@sparticuz/chromium/bin/chromium.br", import.meta.url);
  mkdirSync(folder, { recursive: true });
  // Renamed when whole: a half-written program must never be found.
  writeFileSync(`${target}.${process.pid}`, brotliDecompressSync(readFileSync(packed)), { mode: 0o755 });
  renameSync(`${target}.${process.pid}`, target);
  return target;
}
