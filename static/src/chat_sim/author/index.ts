import { leaves } from "@/server/bank/fields/leaves";
import type { AuthorModule, Change } from "@/server/bank/modules";
import ChatEditor from "./ChatEditor.vue";
import TrialDesk from "./TrialDesk.vue";
import { takePart } from "./draft";
import type { ChatDraft } from "./model";
import { whereOf, worded } from "./where";

const of = (draft: unknown): ChatDraft => draft as ChatDraft;

/** What differs between two drafts, field by field: `item` names the customer or the product. */
export function changes(version: ChatDraft, draft: ChatDraft): Change[] {
  const [before, after] = [version, draft].map((one) => leaves(one, "", new Map())) as [
    Map<string, string>,
    Map<string, string>,
  ];
  const named = new Map<string, string>();
  for (const one of [version, draft]) {
    for (const { id, name } of one.personas) named.set(`personas.${id}`, name || id);
    for (const { id, name } of one.shop.products) named.set(`shop.products.${id}`, name || id);
  }
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
    const [was, is] = [before.get(path) ?? "", after.get(path) ?? ""];
    if (was === is) return [];
    const names = path.split(".");
    const depth = names[0] === "personas" ? 2 : names[1] === "products" ? 3 : 0;
    const item = named.get(names.slice(0, depth).join(".")) ?? "";
    const field = worded(item ? names.slice(depth) : names) || path;
    return [{ item, field, before: was, after: is }];
  });
}

/** Chat tasks for whoever writes them. */
export const author: AuthorModule = {
  editor: ChatEditor,
  trial: TrialDesk,
  plays: true,
  carry: () => undefined,
  takePart: (here, server, part) => takePart(of(here), of(server), part),
  changes: (version, draft) => changes(of(version), of(draft)),
  whereOf: ({ path }, raw) => whereOf(path, of(raw)),
};
