// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import en from "@/i18n/en.json";
import zh from "@/i18n/zh-CN.json";

type Tree = string | Tree[] | { [key: string]: Tree };

function leaves(tree: Tree, path = ""): [string, string][] {
  if (typeof tree === "string") return [[path, tree]];
  return Object.entries(tree).flatMap(([key, value]) => leaves(value, path ? `${path}.${key}` : key));
}

const chinese = new Map(leaves(zh as Tree));
const english = new Map(leaves(en as Tree));
const src = new URL("../src/", import.meta.url);
const sources = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(ts|vue)$/.test(name) && !name.endsWith(".gen.ts"))
  .map((name) => [name, readFileSync(new URL(name, src), "utf8")] as const);

describe("texts", () => {
  it("both languages have the same keys", () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
  });

  it("both use the same placeholders", () => {
    const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
    for (const [key, text] of chinese) expect([key, holes(english.get(key)!)]).toEqual([key, holes(text)]);
  });

  it("no text is empty", () => {
    for (const [key, text] of [...chinese, ...english]) expect([key, text.trim()]).not.toEqual([key, ""]);
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
