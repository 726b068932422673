import { createI18n } from "vue-i18n";
import type { Text } from "@/api/types";
import parts from "virtual:messages/parts";
import zh from "virtual:messages/zh-CN";

export type Language = "zh-CN" | "en";
const KEY = "ccss.language";

export const i18n = createI18n({
  legacy: false,
  locale: "zh-CN" as Language,
  fallbackLocale: "zh-CN",
  missingWarn: false,
  fallbackWarn: false,
  messages: { "zh-CN": zh } as unknown as Record<string, never>,
});

// Messages are plain data here: their keys are checked by a test, not by the compiler.
const composer = i18n.global as unknown as {
  locale: { value: Language };
  t: (key: string, values?: Record<string, unknown>) => string;
  te: (key: string, language?: string) => boolean;
  mergeLocaleMessage: (language: string, messages: unknown) => void;
};

export const language = (): Language => composer.locale.value;
export const translate = composer.t;

/** Words for a refusal: ours by its code where we have them, else what the server wrote. */
export function problemText(problem: { code: string; detail: string }): string {
  const key = `problem.${problem.code}`;
  if (composer.te(key, "zh-CN")) return composer.t(key);
  return problem.detail || composer.t("problem.unknown", { code: problem.code });
}

/** A text of the server in the language shown; Chinese where nobody wrote English. */
export function textOf(text: Text | null | undefined): string {
  if (!text) return "";
  return language() === "en" && text.en ? text.en : text["zh-CN"];
}

/** Parts that pages have asked for: a change of language fetches them again. */
const wanted = new Set<string>();
const fetched = new Map<string, Promise<void>>();

function fetchOnce(name: string, next: Language, get: () => Promise<{ default: unknown }>): Promise<void> {
  const known = fetched.get(name);
  if (known) return known;
  const coming = get().then(
    (module) => composer.mergeLocaleMessage(next, module.default),
    (error: unknown) => {
      fetched.delete(name);
      throw error;
    },
  );
  fetched.set(name, coming);
  return coming;
}

async function fetchPart(part: string, next: Language): Promise<void> {
  const get = parts[`${part}.${next}`];
  if (!get) throw new Error(`no texts: ${part}.${next}`);
  await fetchOnce(`${part}.${next}`, next, get);
}

/** Texts of src/i18n/parts that a page needs beyond those of the first load; Chinese too, to fall back on. */
export async function loadMessages(...names: string[]): Promise<void> {
  for (const name of names) wanted.add(name);
  const languages: Language[] = language() === "en" ? ["zh-CN", "en"] : ["zh-CN"];
  await Promise.all(names.flatMap((name) => languages.map((next) => fetchPart(name, next))));
}

export async function setLanguage(next: Language): Promise<void> {
  if (next === "en")
    await Promise.all([
      fetchOnce("en", "en", () => import("virtual:messages/en")),
      ...[...wanted].map((part) => fetchPart(part, "en")),
    ]);
  composer.locale.value = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // The choice then lasts until the page is left.
  }
}

export async function restoreLanguage(): Promise<void> {
  try {
    if (localStorage.getItem(KEY) === "en") await setLanguage("en");
  } catch {
    // Chinese it is.
  }
}
