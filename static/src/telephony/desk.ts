import type { FieldCard } from "@/exam/card";

/** The card of the desk with listeners for a text box. */
export interface DeskCard {
  readonly fields: FieldCard["fields"];
  /** What a text box of the field does with its events. */
  on(part: string): {
    typed(value: string, composing: boolean): void;
    composed(value: string, length: number): void;
    leave(): void;
  };
}

export const deskCard = (card: FieldCard<"telephony.save_field">): DeskCard => ({
  fields: card.fields,
  on: (part) => ({
    typed: (value, composing) => card.input(part, value, composing),
    composed: (value, length) => card.composed(part, value, length),
    leave: () => card.flush(part),
  }),
});
