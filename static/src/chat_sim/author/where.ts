import { translate } from "@/i18n";
import type { ChatDraft } from "./model";

/** Names of `chatAuthor.where`: what of a path is worth saying. */
const NAMED = new Set([
  "title",
  "instructions",
  "duration_ms",
  "shop",
  "products",
  "skus",
  "promotions",
  "shipping",
  "regions",
  "articles",
  "personas",
  "needs",
  "facts",
  "wrong",
  "accept",
  "phrases",
  "reference",
  "asks",
  "reminders",
  "purchase",
  "items",
  "coupon",
  "budget",
  "suggestions",
  "nudges",
  "leaves",
  "offended",
  "no_thanks",
  "closing",
  "arrives_ms",
  "rating",
  "name",
  "profile",
  "price",
  "list_price",
  "member_price",
  "picture",
  "canned",
  "forbidden",
  "courtesy",
  "policy",
  "indicators",
  "rubric",
  "gap",
  "rows",
  "body",
  "goes_with",
  "code",
  "gift",
  "threshold",
  "off",
  "file",
  "orders",
  "silent_ms",
  "with_next",
  "most_open",
  "text",
  "word",
]);

/** A path in words: "need 3 · reference"; an index counts from 1. */
export function worded(names: readonly string[]): string {
  const words: string[] = [];
  for (const name of names) {
    if (/^\d+$/.test(name)) words.push(`${words.pop() ?? ""} ${Number(name) + 1}`.trim());
    else if (NAMED.has(name)) words.push(translate(`chatAuthor.where.${name}`));
  }
  return words.join(" · ");
}

/** Where a fault belongs: the customer or the product by its name, then the field. */
export function whereOf(path: string, draft: ChatDraft): string {
  const names = path.split(".");
  const persona = names[0] === "personas" ? draft.personas[Number(names[1])] : undefined;
  if (persona) return [persona.name || persona.id, worded(names.slice(2))].filter(Boolean).join(" · ");
  const product =
    names[0] === "shop" && names[1] === "products" ? draft.shop.products[Number(names[2])] : undefined;
  if (product) return [product.name || product.id, worded(names.slice(3))].filter(Boolean).join(" · ");
  return worded(names[0] === "shop" && names.length > 1 ? names.slice(1) : names);
}
