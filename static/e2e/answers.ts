import { readFileSync } from "node:fs";

export interface Answer {
  text: string;
}
export interface PaperItem {
  id: string;
  scored: boolean;
  answers: Record<string, Answer>;
}
export interface Paper {
  title: { "zh-CN": string };
  fields: { key: string; label: { "zh-CN": string } }[];
  items: PaperItem[];
}

export function paper(name: "warmup" | "lesson" | "contest"): Paper {
  const file = new URL(`../../typing_test/demo/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Paper;
}

const KEEP = "@._-+#&/";

/** Characters of a text that count, by the default policy: a second, independent reading of the rule. */
export function counted(text: string): number {
  return [...text.normalize("NFC")].filter(
    (char) => KEEP.includes(char) || !/[\p{White_Space}\p{P}\p{Cc}\p{Cf}]/u.test(char),
  ).length;
}

/** Half up to two decimals, in integers: floats would round some halves down. */
export function percent(correct: number, expected: number): string {
  const hundredths = Math.floor((correct * 20_000 + expected) / (2 * expected));
  return (hundredths / 100).toFixed(2);
}

export function marks(accuracy: string): string {
  const hundredths = Math.round(Number(accuracy) * 100);
  return (Math.floor((hundredths + 5) / 10) / 100).toFixed(2);
}
