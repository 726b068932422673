// Fails when dist holds CSS or JavaScript that Chrome 109 does not understand.
import { readdir, readFile } from "node:fs/promises";

const LACKING = {
  css: [
    [/color-mix\(/, "color-mix()"],
    [/\bokl(ch|ab)\(/, "oklch()/oklab()"],
    [/light-dark\(/, "light-dark()"],
    [/[{;}]\s*&/, "CSS nesting"],
    [/@(starting-style|scope|view-transition)\b/, "at-rule newer than Chrome 109"],
    [/:popover-open|\[popover/, "popover"],
    [/text-wrap:\s*(balance|pretty)/, "text-wrap"],
    [/\bd[vls]?v[hw]\b|\bsubgrid\b/, "subgrid"],
  ],
  js: [
    [/\.to(Sorted|Reversed|Spliced)\(/, "change-array-by-copy"],
    [/\b(Object|Map)\.groupBy\(/, "groupBy"],
    [/Promise\.withResolvers/, "Promise.withResolvers"],
    [/\bcrypto\.(randomUUID|subtle)\b/, "crypto that plain http lacks"],
    [/\.(showPopover|startViewTransition)\(/, "DOM newer than Chrome 109"],
    [/\bURL\.canParse\(|AbortSignal\.any\(|Array\.fromAsync\(/, "API newer than Chrome 109"],
    [/\/[dgimsuy]*v[dgimsuy]*\.test\(/, "regular expression flag v"],
  ],
};

// Code of our libraries that is guarded, or runs only when somebody calls the newer method.
const GUARDED = [
  /to(Reversed|Sorted|Spliced)\([^)]*\)\{return \w+\(this\)\.to\1\([^)]*\)/g,
  /startViewTransition`?["']?\s*in document&&document\.startViewTransition\(/g,
];

const dist = new URL("../dist/", import.meta.url);
const faults = [];
for (const name of await readdir(dist, { recursive: true })) {
  const kind = /\.(css|js)$/.exec(name)?.[1];
  if (!kind) continue;
  let text = await readFile(new URL(name, dist), "utf8");
  for (const pattern of GUARDED) text = text.replace(pattern, "");
  for (const [pattern, what] of LACKING[kind]) {
    const hit = pattern.exec(text);
    if (hit) faults.push(`${name}: ${what}: …${text.slice(Math.max(0, hit.index - 40), hit.index + 40)}…`);
  }
}
if (faults.length) {
  console.error(`Chrome 109 lacks:\n${faults.join("\n")}`);
  process.exit(1);
}
