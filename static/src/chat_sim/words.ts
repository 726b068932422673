import type { OrderView, Product, Shop } from "./model";

/** CNY as people write it: no empty cents. */
export function money(amount: string | number): string {
  const [whole = "0", cents = ""] = String(amount).split(".");
  const rest = cents.replace(/0+$/, "");
  const sign = whole.startsWith("-") ? "\u2212" : "";
  return `${sign}\u00a5${whole.replace(/^-/, "")}${rest ? `.${rest.padEnd(2, "0")}` : ""}`;
}

export interface Variant {
  product: Product;
  sku: Product["skus"][number];
}

export function variants(shop: Shop): Map<string, Variant> {
  const all = new Map<string, Variant>();
  for (const product of shop.products) for (const sku of product.skus) all.set(sku.id, { product, sku });
  return all;
}

/** The name of a product with its variant; a product of one kind only goes by its own name. */
export const nameOf = ({ product, sku }: Variant): string =>
  product.skus.length === 1 ? product.name : `${product.name} ${sku.name}`;

/** Words of the part `chat_sim`, icons and colours of how an order stands. */
export const ORDER_MARKS: Record<
  OrderView["status"],
  { icon: "clock" | "check" | "stop" | "warn"; tone: string }
> = {
  sent: { icon: "clock", tone: "accent" },
  paid: { icon: "check", tone: "ok" },
  cancelled: { icon: "stop", tone: "" },
  refused: { icon: "warn", tone: "danger" },
  closed: { icon: "stop", tone: "" },
};
