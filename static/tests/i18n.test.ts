// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Tree = string | Tree[] | { [key: string]: Tree };

function leaves(tree: Tree, path = ""): [string, string][] {
  if (typeof tree === "string") return [[path, tree]];
  return Object.entries(tree).flatMap(([key, value]) => leaves(value, path ? `${path}.${key}` : key));
}

const src = new URL("../src/", import.meta.url);
const texts = (name: string): Map<string, string> =>
  new Map(leaves(JSON.parse(readFileSync(new URL(`i18n/${name}.json`, src), "utf8")) as Tree));
const parts = readdirSync(new URL("i18n/parts/", src), { encoding: "utf8" }).map((name) =>
  name.replace(/\.(zh-CN|en)\.json$/, ""),
);
/** The texts of the first load (""), and of each part that pages fetch. */
const files = ["", ...new Set(parts)].map((part) => {
  const name = part ? `parts/${part}.` : "";
  return { part, chinese: texts(`${name}zh-CN`), english: texts(`${name}en`) };
});
const chinese = new Map(files.flatMap((file) => [...file.chinese]));
const sources = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(ts|vue)$/.test(name) && !name.endsWith(".gen.ts"))
  .map((name) => [name, readFileSync(new URL(name, src), "utf8")] as const);

describe("texts", () => {
  it("both languages have the same keys", () => {
    for (const { part, chinese, english } of files)
      expect([part, [...english.keys()].sort()]).toEqual([part, [...chinese.keys()].sort()]);
  });

  it("both use the same placeholders", () => {
    const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const { chinese, english } of files)
      for (const [key, text] of chinese) expect([key, holes(english.get(key)!)]).toEqual([key, holes(text)]);
  });

  it("no text is empty", () => {
    for (const { chinese, english } of files)
      for (const [key, text] of [...chinese, ...english]) expect([key, text.trim()]).not.toEqual([key, ""]);
  });

  it("each text stands in one file", () => {
    const seen = new Map<string, string>();
    for (const { part, chinese } of files)
      for (const key of chinese.keys()) {
        expect([key, seen.get(key) ?? part]).toEqual([key, part]);
        seen.set(key, part);
      }
  });

  it("every part that a route names exists", () => {
    const known = new Set(parts);
    for (const [name, text] of sources)
      for (const [, list] of text.matchAll(/messages: \[([^\]]*)\]/g))
        for (const [, part] of list!.matchAll(/"([\w-]+)"/g))
          expect([name, part, known.has(part!)]).toEqual([name, part, true]);
  });

  it("no source has Chinese of its own", () => {
    for (const [name, text] of sources)
      expect([name, text.match(/[\u3400-\u9fff]+/g) ?? []]).toEqual([name, []]);
  });

  it("every key that is named whole exists", () => {
    for (const [name, text] of sources)
      for (const [, key] of text.matchAll(/\bt\(\s*"([\w.]+)"/g))
        expect([name, key, chinese.has(key!)]).toEqual([name, key, true]);
  });

  it("no file is longer than 400 lines", () => {
    for (const [name, text] of sources) expect([name, text.split("\n").length <= 400]).toEqual([name, true]);
  });
});
