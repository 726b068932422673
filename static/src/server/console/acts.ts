import { translate as t } from "@/i18n";
import { minutes } from "@/ui/format";

/** A name that has no words here is shown as it stands in the journal. */
function named(prefix: string, name: string): string {
  const key = `${prefix}.${name}`;
  const words = t(key);
  return words === key ? name : words;
}

export const actWords = (act: string): string => named("console.acts", act);

/** Ids say nothing to people; the journal keeps them. */
const isId = (value: unknown): boolean => typeof value === "string" && /^[0-9A-Za-z]{26}$/.test(value);

function valueWords(key: string, value: unknown): string {
  if (key === "ms" && typeof value === "number") return t("common.minutes", { n: minutes(value) });
  if (key === "order" && typeof value === "string") return named("console.placeOrder", value);
  if (key === "act" && typeof value === "string") return actWords(`stage.${value}`);
  if (key === "roles" && Array.isArray(value))
    return value.map((role) => named("role", `${role}`)).join(", ");
  if (typeof value === "boolean") return t(value ? "console.yes" : "console.no");
  return Array.isArray(value)
    ? value.join(", ")
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);
}

const empty = (value: unknown): boolean =>
  value === null || value === "" || value === undefined || (Array.isArray(value) && value.length === 0);

export const detailWords = (details: Record<string, unknown>): string =>
  Object.entries(details)
    .filter(([key, value]) => !empty(value) && !isId(value) && !(key === "places" && value === 0))
    // A check sum is for the auditor, who reads the journal itself.
    .filter(([key]) => !key.endsWith("_sha256"))
    .map(([key, value]) => `${named("console.detail", key)} ${valueWords(key, value)}`)
    .join("; ");
