import type { Entry } from "@/api/store";
import { FieldCard, partOf, type CardHooks } from "@/exam/card";
import { MOST_TYPED, type CommandOf } from "./model";

type Save = "chat_sim.save_field";

export const replyOf = (conversation: string): string => partOf(conversation, "reply");
export const noteOf = (conversation: string): string => partOf(conversation, "note");

/** A message that left the box counts as a save of an empty one: what was typed before it is void. */
export function emptied(entry: Entry): Entry {
  if (entry.command.type !== "chat_sim.send") return entry;
  const { conversation, rev } = entry.command as unknown as CommandOf<"send">;
  const type: Save = "chat_sim.save_field";
  return { ...entry, command: { type, item: conversation, field: "reply", text: "", rev } };
}

/** The reply boxes and notes of a desk; conversations are c1, c2… in order of arrival. */
export class ReplyCard extends FieldCard<Save> {
  constructor(customers: number, hooks: CardHooks<Save>) {
    const parts = Array.from({ length: customers }, (_, n) => `c${n + 1}`).flatMap((id) => [
      replyOf(id),
      noteOf(id),
    ]);
    super(parts, "chat_sim.save_field", MOST_TYPED, {
      ...hooks,
      waiting: () => hooks.waiting().map(emptied),
    });
  }

  /** The text leaves its box; the draft of it stays on this machine until the server has the message. */
  leave(part: string): number {
    const record = this.fields[part];
    if (!record) return 0;
    record.rev += 1;
    record.text = this.handed[part] = "";
    record.composing = false;
    record.largest = 0;
    this.report();
    return record.rev;
  }

  /** A message was refused: its text stands in the box again, before what was typed since. */
  comesBack(part: string, text: string): void {
    const now = this.fields[part]?.text ?? "";
    this.put(part, now.trim() ? `${text}\n${now}` : text);
  }

  /** Text that nobody typed: a phrase, or one that came back. */
  put(part: string, text: string): void {
    const record = this.fields[part];
    if (!record) return;
    const { largest } = record;
    this.input(part, text, false);
    record.largest = largest;
  }
}
