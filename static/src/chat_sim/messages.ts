import type { ChatMessage } from "./model";

export interface Merged {
  messages: readonly ChatMessage[];
  /** Something between what is known and what came is missing. */
  gap: boolean;
}

/** What is known and the newest that came; messages are numbered from 1 without a hole. */
export function merged(known: readonly ChatMessage[], recent: readonly ChatMessage[], total: number): Merged {
  const last = known.at(-1)?.n ?? 0;
  const fresh = recent.filter(({ n }) => n > last);
  const first = fresh[0]?.n;
  const gap = first === undefined ? total > last : first > last + 1;
  if (gap || fresh.length === 0) return { messages: known, gap };
  return { messages: [...known, ...fresh], gap };
}

export function byConversation(messages: readonly ChatMessage[]): Map<string, ChatMessage[]> {
  const sorted = new Map<string, ChatMessage[]>();
  for (const message of messages) {
    const list = sorted.get(message.conversation);
    if (list) list.push(message);
    else sorted.set(message.conversation, [message]);
  }
  return sorted;
}
