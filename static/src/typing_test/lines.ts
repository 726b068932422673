import type { EventView } from "@/api/types";
import { textOf } from "@/i18n";
import type { SeatContent } from "./model";
import { span } from "@/ui/format";

export interface Names {
  item(id: string): string;
  field(key: string): string;
}

/** Names of items and fields as the task has them; ids until it is there. */
export function namesOf(content: SeatContent | undefined): Names {
  const items = new Map(content?.items.map((item) => [item.id, item.title]));
  const fields = new Map(content?.fields.map((field) => [field.key, field.label]));
  return {
    item: (id) => textOf(items.get(id)) || id,
    field: (key) => textOf(fields.get(key)) || key,
  };
}

type Translate = (key: string, values?: Record<string, unknown>) => string;

/** What happened, in a teacher's words; undefined for an event that is not of this module. */
export function describe(event: EventView, names: Names, t: Translate): string | undefined {
  const payload = event.payload as Record<string, string | number | boolean | null | undefined>;
  const item = names.item(String(payload.item ?? ""));
  switch (event.type) {
    case "typing_test.field_saved": {
      const values = { item, field: names.field(String(payload.field)), text: String(payload.text ?? "") };
      const words = t(payload.text ? "line.field_saved" : "line.field_cleared", values);
      const extra = [
        payload.composing ? t("line.composing") : "",
        Number(payload.largest_insert) > 8 ? t("line.insert", { n: Number(payload.largest_insert) }) : "",
      ];
      return [words, ...extra.filter(Boolean)].join(t("handIn.separator"));
    }
    case "typing_test.item_opened":
      return t("line.item_opened", { item });
    case "typing_test.player_acted":
      return t(`line.player.${String(payload.act)}`, {
        item,
        at: span(Number(payload.position_ms ?? 0)),
        to: span(Number(payload.to_ms ?? 0)),
      });
    case "typing_test.input_blocked":
      return t(`line.blocked.${String(payload.kind)}`, {
        item,
        field: names.field(String(payload.field)),
        n: Number(payload.length ?? 0),
      });
    default:
      return undefined;
  }
}
