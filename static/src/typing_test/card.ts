import type { Draft } from "@/api/store";
import { FieldCard, partOf, type CardHooks } from "@/exam/card";
import type { SeatContent, SeatState } from "./model";

export { partOf, type FieldRecord } from "@/exam/card";

const SAVE = "typing_test.save_field";
const MAX_INSERT = 1_000;

/** Texts of all fields of a dictation. */
export class Card extends FieldCard<typeof SAVE> {
  constructor(content: SeatContent, hooks: CardHooks<typeof SAVE>) {
    const parts = content.items.flatMap((item) => content.fields.map((field) => partOf(item.id, field.key)));
    super(parts, SAVE, MAX_INSERT, hooks);
  }

  /** Takes the server's state; a text of ours that it has not seen wins by its revision. */
  merge(state: SeatState, drafts: readonly Draft[] = []): void {
    this.take(state.texts, drafts);
  }
}
