import { freshId } from "@/server/bank/fields/ids";
import type {
  Article,
  ChatDraft,
  Fact,
  Need,
  PastOrder,
  Persona,
  Product,
  Promotion,
  PromotionKind,
  Purchase,
  Suggestion,
  Wrong,
} from "./model";

export const MOST = {
  products: 60,
  skus: 40,
  promotions: 20,
  regions: 40,
  articles: 80,
  personas: 40,
  needs: 20,
  facts: 12,
  canned: 60,
  forbidden: 100,
  suggestions: 10,
  items: 10,
  orders: 5,
} as const;

export const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id);

export function blankProduct(draft: ChatDraft): Product {
  const id = freshId("P", idsOf(draft.shop.products));
  const taken = draft.shop.products.flatMap(({ skus }) => idsOf(skus));
  return {
    id,
    name: "",
    aliases: [],
    category: "",
    add_on: false,
    summary: "",
    attributes: {},
    skus: [{ id: freshId(`${id}-`, taken), name: "", stock: 0 }],
    list_price: null,
    price: null,
    member_price: null,
    goes_with: [],
    picture: null,
    most: 10,
  };
}

/** The id that another variant of a product gets: unlike any in the shop. */
export function skuId(draft: ChatDraft, product: Product): string {
  return freshId(
    `${product.id}-`,
    draft.shop.products.flatMap(({ skus }) => idsOf(skus)),
  );
}

const KINDS = {
  full_reduction: { threshold: null, off: null, repeats: false },
  gift: { threshold: "0", pieces: 0, gift: "", quantity: 1 },
  coupon: { code: "", threshold: "0", off: null },
  nth_price: { nth: 2, percent: 50 },
  member_price: { percent: 100 },
} as const;

/** A promotion of a kind; what all kinds have is kept where it changes. */
export function promotionOf(
  kind: PromotionKind,
  common: Pick<Promotion, "id" | "title" | "step" | "group" | "products">,
): Promotion {
  const { id, title, step, group, products } = common;
  return { id, title, step, group, products: [...products], kind, ...KINDS[kind] } as Promotion;
}

export function blankPromotion(draft: ChatDraft): Promotion {
  const id = freshId("M", idsOf(draft.shop.promotions));
  return promotionOf("full_reduction", { id, title: "", step: 1, group: "", products: [] });
}

export const blankArticle = (draft: ChatDraft): Article => ({
  id: freshId("A", idsOf(draft.shop.articles)),
  title: "",
  body: "",
  keywords: [],
  updated: "",
});

export const blankFact = (need: Need): Fact => ({
  id: freshId("f", idsOf(need.facts)),
  title: "",
  kind: "statement",
  accept: [],
  denied: false,
  unit: "",
  required: true,
});

export const blankWrong = (need: Need): Wrong => ({
  id: freshId("w", idsOf(need.wrong)),
  title: "",
  kind: "statement",
  phrases: [],
});

export const blankNeed = (needs: readonly Need[]): Need => ({
  id: freshId("N", idsOf(needs)),
  kind: "product",
  title: "",
  asks: [""],
  with_next: false,
  picture: null,
  facts: [],
  wrong: [],
  neutral: [],
  courtesy: [],
  reminders: [],
  partly: "",
  corrected: "",
  met: "",
  silent_ms: 0,
  reference: "",
  articles: [],
  products: [],
});

export const blankPurchase = (): Purchase => ({
  items: [{ sku: "", quantity: 1 }],
  coupon: "",
  least_met: 1,
  budget: null,
  ready: "",
  paid: "",
  pay_ms: 12_000,
  wrong_items: "",
  too_dear: "",
  declines: "",
});

export const blankSuggestion = (): Suggestion => ({ product: "", accepts: true, says: "", adds: null });
export const blankOrder = (): PastOrder => ({
  number: "",
  date: "",
  items: "",
  amount: "0",
  status: "",
  tracking: "",
});

export function blankPersona(draft: ChatDraft): Persona {
  const last = Math.max(0, ...draft.personas.map(({ arrives_ms }) => arrives_ms));
  return {
    id: freshId("C", idsOf(draft.personas)),
    name: "",
    profile: "",
    arrives_ms: Math.min(last + 60_000, Math.max(0, draft.duration_ms - 60_000)),
    file: { city: "", member: false, remark: "", orders: [] },
    needs: [blankNeed([])],
    think_ms: 3_000,
    typing_ms: 250,
    patience_ms: 60_000,
    nudges: [""],
    leaves: "",
    offended: "",
    suggestions: [],
    no_thanks: "",
    purchase: null,
    closing: "",
    rating: {
      start: "5",
      nudge: "0.5",
      unmet: "0.5",
      wrong: "1",
      forbidden: "1.5",
      no_greeting: "0.5",
      no_closing: "0.5",
      left: "2",
    },
  };
}

/** Moves an entry by one; where it stands then. */
export function move<T>(rows: T[], index: number, by: number): number {
  const to = index + by;
  if (to < 0 || to >= rows.length) return index;
  [rows[index], rows[to]] = [rows[to]!, rows[index]!];
  return to;
}

/** Whether something of a customer would be overwritten. */
export const isWritten = ({ name, profile, needs }: Persona): boolean =>
  !!(name || profile || needs.some(({ title, facts, reference }) => title || facts.length || reference));

/** Takes over a whole customer, and a shop that was invented with it. */
export function takePart(here: ChatDraft, server: ChatDraft, part: string): void {
  const index = here.personas.findIndex(({ id }) => id === part);
  const made = server.personas.find(({ id }) => id === part);
  if (index >= 0 && made) here.personas[index] = made;
  if (!here.shop.products.some(({ name }) => name)) here.shop = server.shop;
}
