import { computed, reactive, ref, shallowRef, watch, type ComputedRef, type Ref } from "vue";
import type { DraftStore, Entry } from "@/api/store";
import type { ProblemBody } from "@/api/types";
import type { FieldRecord } from "@/exam/card";
import { lengthOf } from "@/exam/ime";
import { useNet } from "@/exam/net";
import { emptied, replyOf, ReplyCard } from "./card";
import { formOf, OrderForms } from "./forms";
import { useKept } from "./kept";
import { byConversation, merged } from "./messages";
import type {
  ChatCommand,
  ChatMessage,
  ChatSession,
  CloseReason,
  CommandOf,
  LiveConversation,
  OrderLine,
  SaveField,
  SeatContent,
  SeatLive,
  SeatState,
} from "./model";
import { shows, slots, unanswered, widened, without, type Columns, type Screen } from "./screen";
import { arrived, floorAt, isSaid, settled, unsentOf, type Unsent } from "./unsent";
import { variants } from "./words";

/** News of a command that was acknowledged comes within this time, or not at all. */
const SETTLE_MS = 2_000;
/** Refusals of a stage that does not run just now. */
const STOOD = new Set(["stage-paused", "stage-not-running"]);

export interface DeskOptions {
  attemptId: string;
  session: ChatSession;
  content: ComputedRef<SeatContent>;
  drafts: DraftStore;
  running: ComputedRef<boolean>;
  /** Whether the attempt's net time moves. */
  moving: () => boolean;
  field(part: string): HTMLTextAreaElement | HTMLInputElement | null;
  fileOf(sha256: string): string;
}

/** What a desk does and shows, joined of the server's word and what this page has ahead of it. */
export function useDesk(options: DeskOptions) {
  const { session, content } = options;
  const state = (): SeatState => session.state.value as SeatState;
  const ready = ref(false);
  const disabled = computed(() => !ready.value || !options.running.value);
  const live = computed(() => (session.live.value?.live as SeatLive | undefined) ?? state().live);
  const net = useNet(session, options.moving);
  const conversations = computed(() => live.value.conversations);
  const conversation = (id: string): LiveConversation | undefined =>
    conversations.value.find((one) => one.id === id);

  const known = shallowRef<readonly ChatMessage[]>(state().messages);
  const messages = computed(() => byConversation(known.value));
  /** Asked for the whole state, and not there yet. */
  let asked = false;
  watch(
    live,
    (now) => {
      const next = merged(known.value, now.recent, now.messages);
      known.value = next.messages;
      if (next.gap && !asked) {
        asked = true;
        session.resync();
      }
    },
    { immediate: true, flush: "sync" },
  );

  const card = new ReplyCard(content.value.customers, {
    attemptId: options.attemptId,
    send: (command: SaveField, stampMs) => send({ ...command }, stampMs),
    waiting: () => session.waiting,
    drafts: options.drafts,
    shown: (part) => options.field(part)?.value,
    dirty: (any) => (session.dirty.value = any),
  });
  const textOf = (part: string): string => card.fields[part]?.text ?? "";

  // --- the queue -------------------------------------------------------------------------------------

  const waits = shallowRef<readonly Entry[]>([]);
  /** Acknowledged, and not to be seen yet in what is live. */
  const settling = shallowRef<readonly { entry: Entry; seq: number }[]>([]);
  const queue = computed(() => {
    const seen = session.live.value?.seq ?? 0;
    return [...settling.value.filter(({ seq }) => seq > seen).map(({ entry }) => entry), ...waits.value];
  });
  const unsent = shallowRef<readonly Unsent[]>([]);
  const waitsFor = (type: ChatCommand["type"], of?: (command: never) => boolean): boolean =>
    queue.value.some(({ command }) => command.type === type && (!of || of(command as never)));

  function send(command: ChatCommand, stampMs?: number): void {
    session.send({ ...command }, stampMs);
    look();
    const entry = waits.value.at(-1);
    if (entry && isSaid(entry) && !unsent.value.some(({ id }) => id === entry.id))
      unsent.value = [...unsent.value, unsentOf(entry, known.value.at(-1)?.n ?? 0)];
  }

  const look = (): void => void (waits.value = [...session.waiting]);

  function settle(entry: Entry, seq: number): void {
    look();
    const one = { entry, seq };
    settling.value = [...settling.value, one];
    // A command that changed nothing brings no news.
    setTimeout(() => (settling.value = settling.value.filter((other) => other !== one)), SETTLE_MS);
  }

  /** Those that are acknowledged and stand in their conversation are done with. */
  const there = computed(() => arrived(unsent.value, known.value));
  const onWay = computed(() => unsent.value.filter(({ id }) => !there.value.has(id)));
  watch(
    [there, unsent],
    () => {
      if (unsent.value.some(({ id, acked }) => acked && there.value.has(id)))
        unsent.value = settled(unsent.value, there.value);
    },
    { flush: "sync" },
  );

  function restored(): void {
    look();
    const now = session.live.value;
    const stageOf = (stampMs: number): number => (now ? now.stageMs - (now.serverMs - stampMs) : 0);
    unsent.value = queue.value
      .filter(isSaid)
      .map((entry) => unsentOf(entry, floorAt(known.value, stageOf(entry.stampMs))));
    forms.restore(queue.value);
  }

  // --- the screen ------------------------------------------------------------------------------------

  const kept = useKept<{ columns: Columns }>(`columns.${options.attemptId}`, { columns: 1 });
  const first = state().live.shown.slice(0, 3);
  const screen: Ref<Screen> = shallowRef({
    columns: Math.max(kept.columns, first.length || 1) as Columns,
    shown: first,
    active: first[0] ?? "",
  });
  function turnTo(next: Screen): void {
    const before = screen.value.shown;
    screen.value = next;
    kept.columns = next.columns;
    if (next.shown.join() !== before.join() && !disabled.value)
      send({ type: "chat_sim.show", conversations: [...next.shown] });
  }
  const show = (id: string): void => turnTo(shows(screen.value, id));
  const number = computed(() => slots(conversations.value));
  const waiting = computed(() =>
    conversations.value.filter(({ phase, id }) => phase === "waiting" && !accepting(id)),
  );
  const accepting = (id: string): boolean =>
    waitsFor("chat_sim.accept", (command: CommandOf<"accept">) => command.conversation === id);
  const isOpen = (id: string): boolean => {
    const one = conversation(id);
    return one?.phase === "open" || (one?.phase === "waiting" && accepting(id));
  };
  const open = computed(() => conversations.value.filter(({ id }) => isOpen(id)));
  const full = computed(() => open.value.length >= content.value.policy.most_open);

  const widen = (): void => {
    const columns = ((screen.value.columns % 3) + 1) as Columns;
    const byWait = unanswered(conversations.value).map(({ id }) => id);
    const others = open.value.map(({ id }) => id).filter((id) => !byWait.includes(id));
    turnTo(widened(screen.value, columns, [...byWait, ...others]));
  };

  // --- acts ------------------------------------------------------------------------------------------

  function accept(id = waiting.value[0]?.id): string | undefined {
    if (id === undefined || disabled.value || full.value || accepting(id)) return undefined;
    send({ type: "chat_sim.accept", conversation: id });
    show(id);
    return id;
  }

  /** Sends what stands in the box; false if that can't be a message. */
  function say(id: string): boolean {
    const part = replyOf(id);
    const text = textOf(part).trim();
    if (disabled.value || !isOpen(id) || !text) return false;
    if (lengthOf(text) > content.value.policy.most_characters) return false;
    const canned = begun[id] ?? null;
    send({ type: "chat_sim.send", conversation: id, text, rev: card.leave(part), canned });
    begun[id] = null;
    return true;
  }

  function sendProduct(id: string, product: string): void {
    if (!disabled.value && isOpen(id)) send({ type: "chat_sim.send_product", conversation: id, product });
  }

  /** By conversation: the phrase that what stands in its box began as. */
  const begun = reactive<Record<string, string | null>>({});

  const forms = new OrderForms(
    (id, { lines, coupon, rev }) =>
      send({ type: "chat_sim.set_order", conversation: id, lines: [...lines], coupon, rev }),
    (id) => formOf(conversations.value, id),
  );
  const ordering = (id: string): boolean =>
    waitsFor("chat_sim.send_order", (command: CommandOf<"send_order">) => command.conversation === id);
  function sendOrder(id: string): boolean {
    const form = forms.of(id);
    if (disabled.value || !isOpen(id) || ordering(id) || form.lines.length === 0 || form.fault) return false;
    send({ type: "chat_sim.send_order", conversation: id });
    return true;
  }

  function close(id: string, reason: CloseReason, remark: string): void {
    send({ type: "chat_sim.close", conversation: id, reason, remark });
    const next = unanswered(conversations.value).find((one) => !screen.value.shown.includes(one.id));
    turnTo(without(screen.value, id, next?.id));
  }

  /** What stands in the calculator; the server says what it comes to. */
  const basket = useKept<{ lines: OrderLine[]; coupon: string; member: boolean }>(
    `basket.${options.attemptId}`,
    { ...live.value.basket },
  );

  // --- what the session says -------------------------------------------------------------------------

  async function attach(): Promise<() => void> {
    const left = await options.drafts.load(options.attemptId).catch(() => []);
    card.take(state().texts, left);
    restored();
    const detach = session.attach({
      merge: (next) => {
        asked = false;
        known.value = (next as SeatState).messages;
        settling.value = [];
        card.take((next as SeatState).texts);
        look();
      },
      acked: (entry, seq = 0) => {
        settle(entry, seq);
        card.acked(emptied(entry));
        unsent.value = unsent.value.map((one) => (one.id === entry.id ? { ...one, acked: true } : one));
      },
      dropped,
      flush: (stampMs) => card.flushAll(stampMs),
    });
    ready.value = true;
    return detach;
  }

  function dropped(entry: Entry, problem: ProblemBody): void {
    look();
    card.dropped(entry, problem);
    unsent.value = unsent.value.filter(({ id }) => id !== entry.id);
    if (entry.command.type === "chat_sim.set_order")
      forms.dropped(entry.command as unknown as CommandOf<"set_order">, STOOD.has(problem.code));
    if (entry.command.type !== "chat_sim.send") return;
    const { conversation: id, text, canned } = entry.command as unknown as CommandOf<"send">;
    begun[id] ??= canned ?? null;
    card.comesBack(replyOf(id), text);
  }

  const shop = computed(() => content.value.shop);
  const skus = computed(() => variants(shop.value));
  const productOf = (id: string | null) => shop.value.products.find((product) => product.id === id);
  const stockOf = (sku: string): number => live.value.stock[sku] ?? skus.value.get(sku)?.sku.stock ?? 0;

  return {
    content,
    shop,
    skus,
    live,
    net,
    ready,
    disabled,
    online: session.online,
    fields: card.fields as Record<string, FieldRecord>,
    card,
    conversations,
    conversation,
    messages,
    known,
    onWay,
    queue,
    waitsFor,
    screen,
    show,
    widen,
    number,
    waiting,
    open,
    full,
    isOpen,
    accepting,
    accept,
    say,
    sendProduct,
    begun,
    forms,
    ordering,
    sendOrder,
    close,
    basket,
    send,
    attach,
    productOf,
    stockOf,
    fileOf: options.fileOf,
  };
}

export type Desk = ReturnType<typeof useDesk>;
