import { translate } from "@/i18n";
import type { ChatDraft } from "./model";

export interface Option {
  value: string;
  label: string;
}

/** Every variant of the shop, to choose from. */
export const skusOf = (draft: Pick<ChatDraft, "shop">): Option[] =>
  draft.shop.products.flatMap(({ id, name, skus }) =>
    skus.map((sku) => ({ value: sku.id, label: `${name || id} · ${sku.name || sku.id}` })),
  );

export const productsOf = (draft: Pick<ChatDraft, "shop">): Option[] =>
  draft.shop.products.map(({ id, name }) => ({ value: id, label: name || id }));

export const articlesOf = (draft: ChatDraft): Option[] =>
  draft.shop.articles.map(({ id, title }) => ({ value: id, label: title || id }));

export const couponsOf = (draft: ChatDraft): Option[] => [
  { value: "", label: translate("chatAuthor.noCoupon") },
  ...draft.shop.promotions.flatMap((one) =>
    one.kind === "coupon" && one.code ? [{ value: one.code, label: `${one.title} · ${one.code}` }] : [],
  ),
];
