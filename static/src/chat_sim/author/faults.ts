/** What of the editor is shown: a page of its own, or a customer by its index. */
export type Tab = "shop" | "terms" | "articles" | "settings" | number;

/** Where a path leads: the tab, and in it the entry that has to be open. */
export interface Place {
  tab: Tab;
  list?: "products" | "promotions" | "articles" | "needs";
  entry?: number;
}

export function placeOf(path: string): Place {
  const [first, second, third, fourth] = path.split(".");
  if (first === "personas") {
    const tab = Number(second);
    return third === "needs" && fourth !== undefined
      ? { tab, list: "needs", entry: Number(fourth) }
      : { tab };
  }
  if (first !== "shop") return { tab: "settings" };
  const entry = third === undefined ? undefined : Number(third);
  switch (second) {
    case "products":
      return { tab: "shop", list: "products", entry };
    case "promotions":
      return { tab: "terms", list: "promotions", entry };
    case "articles":
      return { tab: "articles", list: "articles", entry };
    case "shipping":
      return { tab: "terms" };
    default:
      return { tab: "shop" };
  }
}
