import type { Entry } from "@/api/store";
import type { ChatMessage, CommandOf } from "./model";

type Said = CommandOf<"send"> | CommandOf<"send_product"> | CommandOf<"send_order">;

/** A message on its way to the server: shown as being sent until it stands in the conversation. */
export interface Unsent {
  id: string;
  conversation: string;
  kind: "text" | "product" | "order";
  text: string;
  product: string | null;
  /** Messages up to this one were there before it. */
  floor: number;
  acked: boolean;
}

const KINDS: Record<Said["type"], Unsent["kind"]> = {
  "chat_sim.send": "text",
  "chat_sim.send_product": "product",
  "chat_sim.send_order": "order",
};

export const isSaid = (entry: Entry): boolean => entry.command.type in KINDS;

export function unsentOf(entry: Entry, floor: number): Unsent {
  const said = entry.command as unknown as Said;
  return {
    id: entry.id,
    conversation: said.conversation,
    kind: KINDS[said.type],
    text: said.type === "chat_sim.send" ? said.text : "",
    product: said.type === "chat_sim.send_product" ? said.product : null,
    floor,
    acked: false,
  };
}

/**
 * The floor of a message that an earlier life of the page left in the queue: it may stand in the conversation
 * already, its acknowledgement lost. What was said there before its stamp (stage ms) is older for certain.
 */
export function floorAt(messages: readonly ChatMessage[], stampStageMs: number): number {
  return messages.reduce((floor, { n, at_ms }) => (at_ms < stampStageMs ? Math.max(floor, n) : floor), 0);
}

/**
 * Those that stand in their conversation, by id, with the number of the message: one page writes, in order, so the
 * next ones of ours are they.
 */
export function arrived(unsent: readonly Unsent[], messages: readonly ChatMessage[]): Map<string, number> {
  const there = new Map<string, number>();
  const used = new Map<string, number>();
  for (const one of unsent) {
    const after = Math.max(one.floor, used.get(one.conversation) ?? 0);
    const message = messages.find(
      ({ n, by, conversation }) => n > after && by === "agent" && conversation === one.conversation,
    );
    if (!message) continue;
    used.set(one.conversation, message.n);
    there.set(one.id, message.n);
  }
  return there;
}

/** Without those that are acknowledged and there; what they stand as is no later one's. */
export function settled(unsent: readonly Unsent[], there: ReadonlyMap<string, number>): Unsent[] {
  const floors = new Map<string, number>();
  const rest: Unsent[] = [];
  for (const one of unsent) {
    const n = there.get(one.id);
    if (one.acked && n !== undefined) floors.set(one.conversation, n);
    else rest.push({ ...one, floor: Math.max(one.floor, floors.get(one.conversation) ?? 0) });
  }
  return rest;
}
