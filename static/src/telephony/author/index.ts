import { textOf, translate } from "@/i18n";
import type { AuthorModule } from "@/server/bank/modules";
import TrialDesk from "./TrialDesk.vue";
import VoiceEditor from "./VoiceEditor.vue";
import { changes } from "./changes";
import { carryRecordings, takePart } from "./draft";
import type { TelephonyDraft } from "./model";

const of = (draft: unknown): TelephonyDraft => draft as TelephonyDraft;

/** Names of `voiceAuthor.where`: what of a path is worth saying. */
const NAMED = new Set([
  "title",
  "card",
  "turns",
  "customer",
  "hint",
  "reference",
  "key_points",
  "required",
  "packages",
  "persona",
  "lines",
  "nudges",
  "endings",
  "opening",
  "impatient",
  "rule",
  "source",
  "articles",
  "records",
  "transfers",
  "audio",
  "instructions",
  "agent_number",
  "marks",
  "takes",
  "duration_ms",
  "desk",
  "limit",
  "profile",
  "price",
]);

/** A path in words: "turn 3 · customer · recording"; an index counts from 1. */
function worded(names: readonly string[]): string {
  const words: string[] = [];
  for (const name of names) {
    if (/^\d+$/.test(name)) words.push(`${words.pop() ?? ""} ${Number(name) + 1}`.trim());
    else if (NAMED.has(name)) words.push(translate(`voiceAuthor.where.${name}`));
  }
  return words.join(" · ");
}

/** Voice tasks for whoever writes them. */
export const author: AuthorModule = {
  editor: VoiceEditor,
  trial: TrialDesk,
  carry: (here, server) => carryRecordings(of(here), of(server)),
  takePart: (here, server, part) => takePart(of(here), of(server), part),
  changes: (version, draft) =>
    changes(of(version), of(draft)).map(({ item, field, before, after }) => ({
      item,
      field: worded(field.split(".")) || field,
      before,
      after,
    })),
  whereOf: ({ path }, raw) => {
    const names = path.split(".");
    const part = names[0] === "parts" ? of(raw).parts[Number(names[1])] : undefined;
    const head = part ? textOf(part.title) : "";
    return [head, worded(part ? names.slice(2) : names)].filter(Boolean).join(" · ");
  },
};
