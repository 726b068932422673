import type { AuthorModule } from "@/server/bank/modules";
import { textOf, translate } from "@/i18n";
import DictationEditor from "./DictationEditor.vue";
import TrialDesk from "./TrialDesk.vue";
import { carryRecordings, changes, takeItem } from "./draft";
import { placeOf } from "./faults";
import type { DictationDraft } from "./model";

const WORDS = new Set(["title", "instructions", "minutes", "recording", "scored"]);

const of = (draft: unknown): DictationDraft => draft as DictationDraft;

/** Dictation for whoever writes it. */
export const author: AuthorModule = {
  editor: DictationEditor,
  trial: TrialDesk,
  carry: (here, server) => carryRecordings(of(here), of(server)),
  takePart: (here, server, part) => takeItem(of(here), of(server), part),
  changes: (version, draft) =>
    changes(of(version), of(draft)).map((change) =>
      WORDS.has(change.field) ? { ...change, field: translate(`author.diff.${change.field}`) } : change,
    ),
  whereOf: ({ path }, raw) => {
    const draft = of(raw);
    const place = placeOf(path, draft);
    const item = draft.items.find(({ id }) => id === place.item);
    const field = draft.fields.find(({ key }) => key === place.field);
    return [item?.title, field?.label].map(textOf).filter(Boolean).join(" · ");
  },
};
