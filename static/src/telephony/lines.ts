import type { components } from "@/api/schema.gen";
import type { EventView } from "@/api/types";
import { textOf } from "@/i18n";
import { span } from "@/ui/format";

type Text = components["schemas"]["Text"];
type Translate = (key: string, values?: Record<string, unknown>) => string;

/** What of a voice task a time line needs: its parts, and the hints of their turns. */
interface Task {
  parts?: readonly { id: string; title: Text; turns?: readonly { id: string; hint: string }[] }[];
}

export interface VoiceNames {
  part(id: string): string;
  turn(callOrPart: string, turn: string): string;
}

/** Names as the task has them; ids until it is there. */
export function voiceNamesOf(content: Task | undefined): VoiceNames {
  const parts = new Map(content?.parts?.map((part) => [part.id, part]));
  const idOf = (callOrPart: string): string => callOrPart.replace(/\.\d+$/, "");
  return {
    part: (id) => textOf(parts.get(idOf(id))?.title) || id,
    turn: (id, turn) => parts.get(idOf(id))?.turns?.find((one) => one.id === turn)?.hint ?? turn,
  };
}

const DESK =
  /\.(knowledge_searched|article_opened|records_looked_up|record_opened|verified|suspended|address_changed|after_sales_asked|member_registered)$/;

export type VoiceKind = "text" | "blocked" | "desk" | "call";

export function voiceKindOf(type: string): VoiceKind {
  if (type.endsWith(".field_saved")) return "text";
  if (type.endsWith(".input_blocked")) return "blocked";
  return DESK.test(type) ? "desk" : "call";
}

/** What happened, in a teacher's words; undefined for an event that is not of this module. */
export function describeVoice(event: EventView, names: VoiceNames, t: Translate): string | undefined {
  if (!event.type.startsWith("telephony.")) return undefined;
  const name = event.type.slice("telephony.".length);
  const payload = event.payload as Record<string, string | number | boolean | null | undefined>;
  const text = (key: string): string => String(payload[key] ?? "");
  const call = text("call");
  const say = (key: string, values: Record<string, unknown> = {}): string =>
    t(`voiceLine.${key}`, { part: names.part(call || text("part") || text("item")), ...values });
  switch (name) {
    case "field_saved":
      return say(text("text") ? "field_saved" : "field_cleared", {
        field: fieldName(text("item"), text("field"), names, t),
        text: text("text"),
      });
    case "input_blocked":
      return t(`line.blocked.${text("kind")}`, {
        item: names.part(text("item")),
        field: fieldName(text("item"), text("field"), names, t),
        n: Number(payload.length ?? 0),
      });
    case "call_began":
      return say(`call_began.${text("kind")}`);
    case "call_ended":
      return [
        say("call_ended", { by: t(`voice.endedBy.${text("by")}`) }),
        payload.outcome ? t(`voice.outcome.${text("outcome")}`) : "",
        text("to"),
      ]
        .filter(Boolean)
        .join(t("handIn.separator"));
    case "line_began":
      return say("line_began", { n: payload.n, cause: t(`voiceLine.cause.${text("cause")}`) });
    case "line_ended":
      return say(payload.heard ? "line_ended" : "line_unheard", { n: payload.n });
    case "take_began":
      return say("take_began", { turn: names.turn(call, text("turn")), n: payload.take });
    case "take_ended":
      return say(payload.done ? "take_done" : "take_dropped", {
        turn: names.turn(call, text("turn")),
        time: span(Number(payload.spoken_ms ?? 0)),
      });
    case "turn_ended":
      return say(`turn_ended.${text("cause")}`, { time: span(Number(payload.spoken_ms ?? 0)) });
    case "speech_begun":
    case "speech_heard":
      return say(name, {
        who: t(`voiceLine.leg.${text("leg")}`),
        time: span(Number(payload.spoken_ms ?? 0)),
      });
    case "leg_changed":
      return say(payload.up ? "leg_up" : "leg_down", {
        who: t(`voiceLine.leg.${text("leg")}`),
        n: payload.connection,
      });
    case "held":
    case "muted":
      return say(`${name}.${payload.on ? "on" : "off"}`);
    case "trouble_seen":
      return say(payload.began ? "trouble" : "trouble_over", {
        what: t(`voiceLine.troubles.${text("kind")}`),
      });
    case "role_played":
      return say(`role_played.${text("act")}`, {
        outcome: payload.outcome ? t(`voice.outcome.${text("outcome")}`) : "",
      });
    case "knowledge_searched":
    case "records_looked_up":
      return say(name, { query: text("query"), n: ((payload.hits as unknown as unknown[]) ?? []).length });
    case "article_opened":
    case "record_opened": {
      const id = text(name === "article_opened" ? "article" : "record");
      return say(id ? name : name.replace("opened", "shut"), { id });
    }
    case "verified":
      return say(payload.right ? "verified" : "verified_wrong", { id: text("record") });
    case "suspended":
      return say(payload.on ? "suspended" : "unsuspended", { id: text("record") });
    case "address_changed":
      return say(name, { id: text("record"), text: text("address") });
    case "after_sales_asked":
      return say(name, { id: text("record"), text: text("remark") });
    case "part_opened":
    case "call_answered":
    case "member_registered":
      return say(name);
    default:
      return undefined;
  }
}

/** A field is "turn:<id>", "script:<slot>", "faq:<n>:q|a", "notes" or "summary". */
function fieldName(part: string, field: string, names: VoiceNames, t: Translate): string {
  const [kind = "", name = "", side = ""] = field.split(":");
  if (kind === "turn") return names.turn(part, name);
  if (kind === "script") return t(`voiceLine.script.${name}`);
  if (kind === "faq") return t(`voiceLine.faq.${side}`, { n: name });
  return t(`voiceLine.${kind}`);
}
