import type { Act, Conversation, Message, Order, Sheet } from "./sheet";

/** The desk as it stood at a moment of stage time: all of it read from the sheet. */

export type Phase = "waiting" | "open" | "ended";

export interface ThenConversation {
  conversation: Conversation;
  phase: Phase;
  /** Messages that were there. */
  messages: Message[];
  /** What stood in the reply box. */
  typed: string;
  note: string;
  /** Since when the customer waits for a word, ms; undefined if nobody waits. */
  waitingSince: number | undefined;
  /** Messages of the customer that came while another conversation was on the screen. */
  unseen: number;
  onScreen: boolean;
  orders: { order: Order; status: Order["status"] }[];
}

export interface Then {
  nickname: string;
  conversations: ThenConversation[];
  shown: string[];
  /** The last look-up, and the last calculation. */
  lookUp: Act | undefined;
  calculation: Act | undefined;
}

export interface Lane {
  conversation: Conversation;
  /** In the queue, ms. */
  queued: [number, number];
  open: [number, number] | undefined;
  /** Customer's first message of a round until the reply. */
  waits: { fromMs: number; toMs: number; replied: boolean }[];
  /** When it was on the screen. */
  shown: [number, number][];
}

const LOOK_UPS: ReadonlySet<Act["act"]> = new Set(["search", "article", "product", "picture"]);

/** Which conversations were on the screen, from which moment on. */
export function screens(sheet: Sheet): { fromMs: number; shown: string[] }[] {
  return sheet.acts
    .filter((act) => act.act === "show")
    .map((act) => ({
      fromMs: act.at_ms,
      shown: act.shown.length ? [...act.shown] : act.conversation ? [act.conversation] : [],
    }));
}

/** Stretches in which a conversation was on the screen; none after its work was over. */
export function shownSpans(sheet: Sheet, id: string): [number, number][] {
  const spans: [number, number][] = [];
  const all = screens(sheet);
  all.forEach((screen, index) => {
    if (!screen.shown.includes(id)) return;
    const until = all[index + 1]?.fromMs ?? sheet.net_ms;
    const last = spans[spans.length - 1];
    if (last && last[1] === screen.fromMs) last[1] = until;
    else spans.push([screen.fromMs, until]);
  });
  return spans;
}

export function lanesOf(sheet: Sheet): Lane[] {
  return sheet.conversations.map((conversation) => {
    const ended = conversation.ended_ms ?? sheet.net_ms;
    const accepted = conversation.accepted_ms;
    return {
      conversation,
      queued: [conversation.arrived_ms, accepted ?? ended],
      open: accepted === null ? undefined : [accepted, ended],
      waits: conversation.rounds.map((round) => ({
        fromMs: round.from_ms,
        toMs: round.replied_ms ?? ended,
        replied: round.replied_ms !== null,
      })),
      shown: shownSpans(sheet, conversation.id),
    };
  });
}

/** How an order stood then: what it became shows from the moment of the payment, or the next message after it. */
function statusAt(order: Order, conversation: Conversation, ms: number): Order["status"] {
  if (order.status === "paid") return order.paid_ms !== null && order.paid_ms <= ms ? "paid" : "sent";
  const next = conversation.messages.find((message) => message.n > order.n)?.at_ms;
  const over = order.status === "closed" ? (conversation.ended_ms ?? Infinity) : (next ?? Infinity);
  return ms >= over ? order.status : "sent";
}

function lastText(acts: readonly Act[], act: Act["act"], id: string): Act | undefined {
  for (let index = acts.length - 1; index >= 0; index--)
    if (acts[index]!.act === act && acts[index]!.conversation === id) return acts[index];
  return undefined;
}

function waitingSince(messages: readonly Message[]): number | undefined {
  let since: number | undefined;
  for (const message of messages) {
    if (message.by === "agent") since = undefined;
    else since ??= message.at_ms;
  }
  return since;
}

/** Everything the contestant had before their eyes at `ms`; what is to come is not in it. */
export function deskAt(sheet: Sheet, ms: number): Then {
  const acts = sheet.acts.filter((act) => act.at_ms <= ms);
  const shownThen = screens(sheet).filter((screen) => screen.fromMs <= ms);
  const shown = shownThen[shownThen.length - 1]?.shown ?? [];
  const nickname = acts.some((act) => act.act === "nickname") ? sheet.nickname : "";
  const conversations = sheet.conversations
    .filter((conversation) => conversation.arrived_ms <= ms)
    .map((conversation): ThenConversation => {
      const { id } = conversation;
      const messages = conversation.messages.filter((message) => message.at_ms <= ms);
      const ended = conversation.ended_ms !== null && conversation.ended_ms <= ms;
      const accepted = conversation.accepted_ms !== null && conversation.accepted_ms <= ms;
      const typed = lastText(acts, "typed", id);
      const spoken = messages.filter((message) => message.by === "agent").pop();
      const seenUntil = Math.max(
        -1,
        ...shownSpans(sheet, id).map(([from, until]) => (from <= ms ? Math.min(until, ms) : -1)),
      );
      return {
        conversation,
        phase: ended ? "ended" : accepted ? "open" : "waiting",
        messages,
        // Sending empties the box, whether or not that was saved.
        typed: typed && (!spoken || typed.at_ms > spoken.at_ms) ? typed.text : "",
        note: lastText(acts, "note", id)?.text ?? "",
        waitingSince: ended ? undefined : waitingSince(messages),
        unseen: messages.filter((one) => one.by === "customer" && one.at_ms > seenUntil).length,
        onScreen: shown.includes(id),
        orders: conversation.orders
          .filter((order) => order.sent_ms <= ms)
          .map((order) => ({ order, status: statusAt(order, conversation, ms) })),
      };
    });
  return {
    nickname,
    conversations,
    shown,
    lookUp: acts.filter((act) => LOOK_UPS.has(act.act)).pop(),
    calculation: acts.filter((act) => act.act === "calculate").pop(),
  };
}

export interface Stop {
  atMs: number;
  conversation: string;
  message: Message;
}

/** Every message of the desk, or of one conversation, in the order in which they came. */
export function stopsOf(sheet: Sheet, id?: string): Stop[] {
  return sheet.conversations
    .filter((conversation) => id === undefined || conversation.id === id)
    .flatMap((conversation) =>
      conversation.messages.map((message) => ({
        atMs: message.at_ms,
        conversation: conversation.id,
        message,
      })),
    )
    .sort((a, b) => a.atMs - b.atMs || a.message.n - b.message.n);
}

/** Index of the last message that has come at `ms`; -1 before the first. */
export function reached(stops: readonly Stop[], ms: number): number {
  let found = -1;
  stops.forEach((stop, index) => {
    if (stop.atMs <= ms) found = index;
  });
  return found;
}

/** Moments with round labels for an axis of this length: about one per 90 px, ms. */
export function ticksOf(durationMs: number, width: number): number[] {
  const wanted = Math.max(1, Math.floor(width / 90));
  const steps = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600].map((seconds) => seconds * 1000);
  const step = steps.find((one) => durationMs / one <= wanted) ?? 7_200_000;
  return Array.from({ length: Math.floor(durationMs / step) + 1 }, (_, index) => index * step);
}

/** Acts that the time line shows as ticks, by row. */
export const ACT_ROWS = {
  lookUp: ["search", "article", "product", "picture"],
  typing: ["typed", "note"],
  pricing: ["calculate", "order"],
  blocked: ["blocked"],
} as const;
