import type { AuthorModule } from "@/server/bank/modules";
import { textOf, translate } from "@/i18n";
import DictationEditor from "./DictationEditor.vue";
import TrialDesk from "./TrialDesk.vue";
import { FIELDS, carryRecordings, changes, takeItem } from "./draft";
import { placeOf } from "./faults";
import type { DictationDraft } from "./model";

/** Words for the values that are no text themselves. */
const VALUES: Record<string, string> = {
  seek: "author.seeks",
  rounding: "author.roundings",
  surplus: "author.deductions",
  level: "bank.level",
  scored: "author.is",
  paste: "author.is",
};
const worded = (field: string, value: string): string =>
  value && VALUES[field] ? translate(`${VALUES[field]}.${value}`) : value;

const of = (draft: unknown): DictationDraft => draft as DictationDraft;

/** Dictation for whoever writes it. */
export const author: AuthorModule = {
  editor: DictationEditor,
  trial: TrialDesk,
  carry: (here, server) => carryRecordings(of(here), of(server)),
  takePart: (here, server, part) => takeItem(of(here), of(server), part),
  changes: (version, draft) =>
    changes(of(version), of(draft)).map(({ item, field, before, after }) => ({
      item,
      // A field of the card has its own label.
      field: FIELDS.has(field) ? translate(`author.diff.${field}`) : field,
      before: worded(field, before),
      after: worded(field, after),
    })),
  whereOf: ({ path }, raw) => {
    const draft = of(raw);
    const place = placeOf(path, draft);
    const item = draft.items.find(({ id }) => id === place.item);
    const field = draft.fields.find(({ key }) => key === place.field);
    return [item?.title, field?.label].map(textOf).filter(Boolean).join(" · ");
  },
};
