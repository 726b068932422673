import type { EventView } from "@/api/types";

type Translate = (key: string, values?: Record<string, unknown>) => string;
export type ChatKind = "message" | "desk" | "text" | "blocked";

const OWN = "chat_sim.";
const SAID =
  /\.(customer_said|agent_said|order_sent|order_paid|order_ended|conversation_ended|accepted|need_settled)$/;

export function chatKindOf(type: string): ChatKind {
  if (type.endsWith(".field_saved")) return "text";
  if (type.endsWith(".input_blocked")) return "blocked";
  return SAID.test(type) ? "message" : "desk";
}

/** Numbers of conversations, in the order in which their customers came. */
export function numbersOf(events: readonly EventView[]): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const event of events) {
    const id = (event.payload as Record<string, unknown>).conversation;
    if (event.type === `${OWN}customer_said` && typeof id === "string" && !numbers.has(id))
      numbers.set(id, numbers.size + 1);
  }
  return numbers;
}

/** What happened at a chat desk, in a teacher's words; undefined for an event that is not of this module. */
export function describeChat(
  event: EventView,
  numbers: ReadonlyMap<string, number>,
  t: Translate,
): string | undefined {
  if (!event.type.startsWith(OWN)) return undefined;
  const name = event.type.slice(OWN.length);
  const payload = event.payload as Record<string, unknown>;
  const text = (key: string): string => String(payload[key] ?? "");
  const list = (key: string): unknown[] => (Array.isArray(payload[key]) ? payload[key] : []);
  const numbered = (id: string): string => t("chatReplay.line.conversation", { n: numbers.get(id) ?? id });
  const whose = numbered(text("conversation") || text("item"));
  const say = (key: string, values: Record<string, unknown> = {}): string =>
    t(`chatReplay.line.${key}`, { whose, ...values });
  switch (name) {
    case "nickname_set":
      return say(name, { name: text("nickname") });
    case "field_saved":
      return say(text("text") ? `saved.${text("field")}` : `cleared.${text("field")}`, {
        text: text("text"),
      });
    case "customer_said":
      return payload.picture
        ? say("picture_said", { text: text("text") })
        : say(name, { text: text("text") });
    case "agent_said":
      return payload.product
        ? say("card_said", { product: text("product") })
        : say(name, { text: text("text") });
    case "shown": {
      const shown = list("conversations").map((id) => numbered(String(id)));
      return shown.length ? say(name, { list: shown.join(t("chatReplay.separator")) }) : say("nothing_shown");
    }
    case "need_settled":
      return say(payload.met ? "need_met" : "need_unmet", { need: text("need") });
    case "order_set":
      return say(name, { n: list("lines").length });
    case "order_sent":
      return say(name, { order: text("order"), total: text("total") });
    case "order_paid":
      return say(name, { order: text("order") });
    case "order_ended":
      return say(`order_ended.${text("cause")}`, { order: text("order") });
    case "calculated":
      return say(name, { total: text("total") });
    case "searched":
      return text("query")
        ? say(name, { query: text("query"), n: list("hits").length })
        : say("search_cleared");
    case "article_opened":
    case "product_opened": {
      const id = text(name === "article_opened" ? "article" : "product");
      return id ? say(name, { id }) : say(`${name.split("_")[0]}_closed`);
    }
    case "picture_opened":
      return say(name, { n: text("n") });
    case "conversation_ended":
      return say(`ended.${text("by")}`, {
        reason: t(`chatReplay.reason.${text("reason")}`),
        stars: text("stars"),
      });
    case "input_blocked":
      return t(`line.blocked.${text("kind")}`, {
        item: whose,
        field: t(`chatReplay.line.field.${text("field") === "note" ? "note" : "reply"}`),
        n: Number(payload.length ?? 0),
      });
    case "accepted":
      return say(name);
  }
  return undefined;
}
