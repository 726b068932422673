import type { components } from "@/api/schema.gen";

type Schemas = components["schemas"];

/** The server writes every field, also one that has a default; amounts are texts. */
type Whole<T> = T extends (infer One)[]
  ? Whole<One>[]
  : T extends object
    ? { [Key in keyof T]-?: Amount<Whole<T[Key]>> }
    : T;
/** What may be sent as a number or as a text comes back as a text. */
type Amount<T> = [number] extends [T] ? ([string] extends [T] ? Exclude<T, number> : T) : T;

export type ChatDraft = Whole<Schemas["ChatDraft"]>;
export type Shop = ChatDraft["shop"];
export type Product = Shop["products"][number];
export type Sku = Product["skus"][number];
export type Promotion = Shop["promotions"][number];
export type PromotionKind = Promotion["kind"];
export type Region = Shop["shipping"]["regions"][number];
export type Article = Shop["articles"][number];
export type Persona = ChatDraft["personas"][number];
export type Need = Persona["needs"][number];
export type NeedKind = Need["kind"];
export type Fact = Need["facts"][number];
export type FactKind = Fact["kind"];
export type Wrong = Need["wrong"][number];
export type Courtesy = Need["courtesy"][number];
export type Suggestion = Persona["suggestions"][number];
export type Purchase = NonNullable<Persona["purchase"]>;
export type OrderLine = Purchase["items"][number];
export type PastOrder = Persona["file"]["orders"][number];
export type Picture = NonNullable<Product["picture"]>;
export type Gap = ChatDraft["rubric"]["gap"];

export type TrialView = Schemas["TrialView"];
export type PictureView = Schemas["PictureView"];

export const NEED_KINDS: readonly NeedKind[] = [
  "greeting",
  "product",
  "size",
  "stock",
  "price",
  "bargain",
  "promotion",
  "shipping",
  "returns",
  "complaint",
  "comparison",
  "gift",
  "invoice",
  "small_talk",
  "insult",
  "silence",
  "photo",
  "change_of_mind",
];
export const FACT_KINDS: readonly FactKind[] = ["statement", "number", "price", "size", "duration"];
export const COURTESIES: readonly Courtesy[] = ["greeting", "waiting", "apology", "closing"];
export const PROMOTION_KINDS: readonly PromotionKind[] = [
  "full_reduction",
  "gift",
  "coupon",
  "nth_price",
  "member_price",
];
export const GAPS: readonly Gap[] = ["open", "rows", "normalise", "as_is"];
export const RATING_KEYS = [
  "start",
  "nudge",
  "unmet",
  "wrong",
  "forbidden",
  "no_greeting",
  "no_closing",
  "left",
] as const;
