import { freshId } from "@/server/bank/fields/ids";
import type {
  DraftInbound,
  DraftLine,
  DraftOutbound,
  DraftPart,
  DraftPersonaLine,
  DraftTurn,
  Kind,
  TelephonyDraft,
} from "./model";
import { OUTCOMES } from "./model";

export const MOST_PARTS = 10;
export const MOST_TURNS = 60;
export const MOST_LINES = 40;
export const MOST_NUDGES = 5;
export const MOST_PACKAGES = 12;
export const MOST_POINTS = 30;
export const MOST_ROWS = 200;

const PREFIX: Record<Kind, string> = { inbound: "in", outbound: "out", retell: "re", summary: "su" };
const MARKS: Record<Kind, string> = { inbound: "15", outbound: "30", retell: "0", summary: "0" };

export { freshId } from "@/server/bank/fields/ids";

export const line = (id: string): DraftLine => ({ id, text: "", readings: {}, audio: null });

export function blankTurn(part: Pick<DraftInbound, "turns">): DraftTurn {
  const id = freshId(
    "t",
    part.turns.map((turn) => turn.id),
    2,
  );
  return {
    id,
    hint: "",
    customer: line(id.replace("t", "c")),
    reference: "",
    key_points: [],
    required: [],
  };
}

/** Ids of everything that a persona says. */
export function lineIds({ persona }: DraftOutbound): string[] {
  const { opening, lines, nudges = [], endings, impatient } = persona;
  const said = [opening, ...lines, ...nudges, ...Object.values(endings), impatient];
  return said.flatMap((one) => (one ? [one.id] : []));
}

export const personaLine = (part: DraftOutbound): DraftPersonaLine => ({
  ...line(freshId("l", lineIds(part), 2)),
  topic: "",
});

const TITLES: Record<Kind, string> = {
  inbound: "Inbound call",
  outbound: "Outbound call",
  retell: "Retelling",
  summary: "Summary",
};
const RETELL = "Listen, then tell every point in your own words.";
const SUMMARY = "Sum the text up in one paragraph.";

/** The Chinese that stands in a new part, whatever language the page shows. */
export interface Words {
  title: string;
  instructions: string;
  per: string;
}

export function blankPart(kind: Kind, taken: readonly string[], words: Words): DraftPart {
  const head = {
    id: freshId(PREFIX[kind], taken),
    title: { "zh-CN": words.title, en: TITLES[kind] },
    marks: MARKS[kind],
    guide_ms: 0,
  };
  const takes = { replays: 1, retakes: 1 };
  switch (kind) {
    case "inbound":
      return {
        ...head,
        kind,
        card: { company: "", date: "", customer: "", caller_number: "", need: "", notes: "" },
        turns: [blankTurn({ turns: [] })],
        takes,
      };
    case "outbound":
      return {
        ...head,
        kind,
        card: { company: "", product: "", customer: "", number: "", goal: "", facts: [] },
        packages: [{ id: "p1", name: "", price: null, per: words.per, features: [] }],
        faq_least: 10,
        faq_most: 20,
        call_ms: 600_000,
        dials: 1,
        other_side: "simulated",
        persona: {
          name: "",
          profile: "",
          opening: line("opening"),
          lines: [{ ...line("l01"), topic: "" }],
          nudges: [line("n1")],
          endings: Object.fromEntries(OUTCOMES.map((one) => [one, line(one)])),
          impatient: line("impatient"),
          pause_ms: 1_500,
          patience_ms: 8_000,
          rule: { reply_ms: 1_500, deal_replies: 1, deal_registered: false, interest_replies: 1 },
          rule_text: "",
        },
        reference: {},
        key_points: [],
      };
    case "retell":
      return {
        ...head,
        kind,
        instructions: { "zh-CN": words.instructions, en: RETELL },
        source: line("source"),
        listens: 2,
        takes: { replays: 0, retakes: 1 },
        key_points: [],
      };
    case "summary":
      return {
        ...head,
        kind,
        instructions: { "zh-CN": words.instructions, en: SUMMARY },
        source: "",
        limit: 120,
        reference: "",
        key_points: [],
      };
  }
}

/** Moves what stands at `index`; returns where it stands then. */
export function move<T>(list: T[], index: number, by: number): number {
  const to = index + by;
  if (to < 0 || to >= list.length) return index;
  list.splice(to, 0, ...list.splice(index, 1));
  return to;
}

/** Everything that is recorded, by the id of its recording, in order. */
export function recordings(draft: TelephonyDraft): [string, DraftLine][] {
  return draft.parts.flatMap((part) => linesOf(part).map(([id, one]): [string, DraftLine] => [id, one]));
}

function linesOf(part: DraftPart): [string, DraftLine][] {
  const named = (name: string, one: DraftLine): [string, DraftLine] => [`${part.id}.${name}`, one];
  switch (part.kind) {
    case "outbound": {
      const { opening, lines, nudges = [], endings, impatient } = part.persona;
      const ends = OUTCOMES.flatMap((outcome) => (endings[outcome] ? [endings[outcome]] : []));
      return [opening, ...lines, ...nudges, ...ends, impatient].map((one) => named(one.id, one));
    }
    case "retell":
      return [named(part.source.id, part.source)];
    case "summary":
      return [];
    default:
      return part.turns.flatMap((turn) => (turn.customer ? [named(turn.id, turn.customer)] : []));
  }
}

/** Recordings are the server's: whatever it says of them is taken over, texts stay as they are typed here. */
export function carryRecordings(here: TelephonyDraft, server: TelephonyDraft): void {
  const theirs = new Map(recordings(server));
  for (const [id, one] of recordings(here)) {
    const held = theirs.get(id);
    if (held) one.audio = held.audio;
  }
}

/** One part as the server has it, with the knowledge base and the records that came with it. */
export function takePart(here: TelephonyDraft, server: TelephonyDraft, id: string): void {
  const theirs = server.parts.find((part) => part.id === id);
  const index = here.parts.findIndex((part) => part.id === id);
  if (!theirs || index < 0) return;
  here.parts[index] = theirs;
  here.desk = server.desk;
}

/** Whether anything stands in a part that would be overwritten. */
export function isWritten(part: DraftPart): boolean {
  if (linesOf(part).some(([, one]) => !!one.text || !!one.audio)) return true;
  switch (part.kind) {
    case "outbound":
      return !!part.card?.company || !!part.packages[0]?.name;
    case "retell":
      return false;
    case "summary":
      return !!part.source || !!part.reference;
    default:
      return !!part.card?.company || part.turns.some(({ hint, reference }) => !!hint || !!reference);
  }
}
