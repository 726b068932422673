import type { AuthorModule } from "@/server/bank/modules";
import { textOf } from "@/i18n";
import DictationEditor from "./DictationEditor.vue";
import TrialDesk from "./TrialDesk.vue";
import { carryRecordings, changes, takeItem } from "./draft";
import { placeOf } from "./faults";
import type { DictationDraft } from "./model";

const of = (draft: unknown): DictationDraft => draft as DictationDraft;

/** Dictation (听打录入) for whoever writes it. */
export const author: AuthorModule = {
  editor: DictationEditor,
  trial: TrialDesk,
  carry: (here, server) => carryRecordings(of(here), of(server)),
  takePart: (here, server, part) => takeItem(of(here), of(server), part),
  changes: (version, draft) => changes(of(version), of(draft)),
  whereOf: ({ path }, raw) => {
    const draft = of(raw);
    const place = placeOf(path, draft);
    const item = draft.items.find(({ id }) => id === place.item);
    const field = draft.fields.find(({ key }) => key === place.field);
    return [item?.title, field?.label].map(textOf).filter(Boolean).join(" · ");
  },
};
