// Writes .br and .gz beside every text file of dist, so that the server never compresses at run time.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
const names = await readdir(dist, { recursive: true });
for (const name of names) {
  if (!/\.(js|css|html|svg|json)$/.test(name)) continue;
  const raw = await readFile(new URL(name, dist));
  if (raw.length < 200) continue;
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  await writeFile(new URL(`${name}.br`, dist), brotliCompressSync(raw, brotli));
  await writeFile(new URL(`${name}.gz`, dist), gzipSync(raw, { level: 9 }));
}
