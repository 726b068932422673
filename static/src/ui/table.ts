/** A column of a table: what it sorts by, and how it is written if that is not the same. */
export interface Column<Row> {
  key: string;
  title: string;
  num?: boolean;
  value: (row: Row) => string | number | null;
  text?: (row: Row) => string;
}

export interface Order {
  key: string;
  down: boolean;
}

const words = new Intl.Collator("zh-CN", { numeric: true });

/** Less than, equal or greater; what is missing comes last either way. */
export function compare(a: string | number | null, b: string | number | null, down = false): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = typeof a === "number" && typeof b === "number" ? a - b : words.compare(`${a}`, `${b}`);
  return down ? -order : order;
}

/** Rows in the order chosen; rows alike keep the order they came in. */
export function sorted<Row>(rows: readonly Row[], columns: readonly Column<Row>[], order?: Order): Row[] {
  const column = columns.find((one) => one.key === order?.key);
  if (!column) return [...rows];
  return [...rows].sort((a, b) => compare(column.value(a), column.value(b), order?.down));
}

/** The order after a click on a heading: up, then down. */
export const turned = (key: string, order?: Order): Order => ({
  key,
  down: order?.key === key && !order.down,
});

export const ariaSort = (key: string, order?: Order): "ascending" | "descending" | "none" =>
  order?.key !== key ? "none" : order.down ? "descending" : "ascending";
