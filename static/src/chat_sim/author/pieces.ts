import { translate } from "@/i18n";
import { freshId } from "@/server/bank/fields/ids";
import { idsOf } from "./draft";
import type { ChatDraft, Persona, Shop } from "./model";

export type Kind = "shop" | "persona";
const FORMAT = "ccss-chat";

/** A file that can't be taken: why, in words. */
export class Unfit extends Error {}

/** A shop or a customer as a file of its own. */
export const written = (kind: Kind, value: Shop | Persona): string =>
  `${JSON.stringify({ format: FORMAT, version: 1, kind, [kind]: value }, null, 2)}\n`;

/** Line and column (from 1) of a place in a text. */
export function placeIn(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch (error) {
    const at = /position (\d+)/.exec(String(error))?.[1];
    const place = at === undefined ? undefined : placeIn(text, Number(at));
    throw new Unfit(
      place ? translate("chatAuthor.pieces.brokenAt", place) : translate("chatAuthor.pieces.broken"),
    );
  }
}

/** What a file holds, if it is of the wanted kind; throws Unfit. Its fields are judged by the server. */
export function read(kind: Kind, text: string): unknown {
  const found = parsed(text) as Record<string, unknown> | null;
  if (!found || typeof found !== "object" || found.format !== FORMAT)
    throw new Unfit(translate("chatAuthor.pieces.foreign"));
  if (found.kind !== kind)
    throw new Unfit(
      translate("chatAuthor.pieces.otherKind", {
        wanted: translate(`chatAuthor.pieces.${kind}`),
        found:
          found.kind === "shop" || found.kind === "persona"
            ? translate(`chatAuthor.pieces.${found.kind}`)
            : "—",
      }),
    );
  if (found.version !== 1 || !found[kind] || typeof found[kind] !== "object")
    throw new Unfit(translate("chatAuthor.pieces.newer"));
  return found[kind];
}

/** The draft with another shop; a copy. */
export function withShop(draft: ChatDraft, shop: unknown): ChatDraft {
  return { ...(JSON.parse(JSON.stringify(draft)) as ChatDraft), shop: shop as Shop };
}

/** The draft with one more customer, under an id that is free; a copy. */
export function withPersona(draft: ChatDraft, persona: unknown): ChatDraft {
  const copy = JSON.parse(JSON.stringify(draft)) as ChatDraft;
  const taken = idsOf(copy.personas);
  const given = persona as Persona;
  const id = !given.id || taken.includes(given.id) ? freshId("C", taken) : given.id;
  copy.personas.push({ ...given, id });
  return copy;
}
