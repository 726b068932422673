import { leaves } from "@/server/bank/fields/leaves";
import type { Change } from "@/server/bank/modules";
import { recordings } from "./draft";
import type { TelephonyDraft } from "./model";

/** What differs between a version and the draft, field by field: `item` is the part's title, `field` the path. */
export function changes(version: TelephonyDraft, draft: TelephonyDraft): Change[] {
  const [before, after] = [version, draft].map((one) => leaves(one, "", new Map())) as [
    Map<string, string>,
    Map<string, string>,
  ];
  const titles = new Map(
    [...version.parts, ...draft.parts].map((part): [string, string] => [part.id, part.title["zh-CN"]]),
  );
  const found: Change[] = [];
  const note = (path: string, was: string, is: string): void => {
    if (was === is) return;
    const [head, part, ...rest] = path.split(".");
    if (head === "parts" && part)
      found.push({ item: titles.get(part) ?? part, field: rest.join("."), before: was, after: is });
    else found.push({ item: "", field: path, before: was, after: is });
  };
  for (const path of new Set([...before.keys(), ...after.keys()]))
    note(path, before.get(path) ?? "", after.get(path) ?? "");
  const [had, has] = [version, draft].map((one) => new Map(recordings(one)));
  for (const id of new Set([...had!.keys(), ...has!.keys()])) {
    const sound = (map: typeof had): string => map!.get(id)?.audio?.sha256.slice(0, 8) ?? "";
    note(`parts.${id}.audio`, sound(had), sound(has));
  }
  return found;
}
