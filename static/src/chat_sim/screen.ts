import type { LiveConversation } from "./model";

export type Columns = 1 | 2 | 3;

/** Conversations side by side, and the one that keys speak to. */
export interface Screen {
  columns: Columns;
  shown: readonly string[];
  active: string;
}

/** Brings a conversation to the screen: into a free column, else in place of the active one. */
export function shows(screen: Screen, id: string): Screen {
  if (screen.shown.includes(id)) return { ...screen, active: id };
  const shown =
    screen.shown.length < screen.columns
      ? [...screen.shown, id]
      : screen.shown.map((one) => (one === screen.active ? id : one));
  return { ...screen, shown: shown.includes(id) ? shown : [...shown.slice(0, -1), id], active: id };
}

/** One column, two, three: the active one stays, free columns take who waits longest. */
export function widened(screen: Screen, columns: Columns, candidates: readonly string[]): Screen {
  const rest = screen.shown.filter((id) => id !== screen.active);
  const kept = columns > screen.shown.length ? screen.shown : [screen.active, ...rest].slice(0, columns);
  const inOrder = screen.shown.filter((id) => kept.includes(id));
  const more = candidates.filter((id) => !inOrder.includes(id));
  const shown = [...inOrder, ...more].slice(0, columns);
  return { columns, shown, active: shown.includes(screen.active) ? screen.active : (shown[0] ?? "") };
}

/** Without a conversation that is done with; `next` takes its column, if there is one. */
export function without(screen: Screen, id: string, next?: string): Screen {
  const shown = screen.shown
    .map((one) => (one === id ? next : one))
    .filter((one, index, all): one is string => !!one && all.indexOf(one) === index);
  const active = screen.active === id ? (next ?? shown[0] ?? "") : screen.active;
  return { ...screen, shown, active };
}

/** The number by which Alt+digit finds a conversation: it stays as long as the conversation does. */
export function slots(conversations: readonly LiveConversation[]): Map<string, number> {
  const taken: { slot: number; until: number }[] = [];
  const found = new Map<string, number>();
  const accepted = conversations
    .filter(({ accepted_ms }) => accepted_ms !== null)
    .sort((a, b) => a.accepted_ms! - b.accepted_ms!);
  for (const { id, accepted_ms, ended_ms } of accepted) {
    let slot = 1;
    while (taken.some((one) => one.slot === slot && one.until > accepted_ms!)) slot += 1;
    taken.push({ slot, until: ended_ms ?? Infinity });
    found.set(id, slot);
  }
  return found;
}

export type Wait = "calm" | "soon" | "slow" | "late";
const MARKS: readonly [Wait, number][] = [
  ["late", 180_000],
  ["slow", 60_000],
  ["soon", 30_000],
];

/** How pressing a wait of so many ms is. */
export const waitOf = (ms: number): Wait => MARKS.find(([, from]) => ms >= from)?.[0] ?? "calm";

/** Who waits for a reply, the longest first. */
export const unanswered = (conversations: readonly LiveConversation[]): LiveConversation[] =>
  conversations
    .filter(({ phase, waiting_since_ms }) => phase === "open" && waiting_since_ms !== null)
    .sort((a, b) => a.waiting_since_ms! - b.waiting_since_ms!);
