import type { components } from "@/api/schema.gen";

type Schemas = components["schemas"];

export type TelephonyDraft = Schemas["TelephonyDraft"];
export type DraftPart = TelephonyDraft["parts"][number];
export type DraftInbound = Schemas["DraftInbound"];
export type DraftOutbound = Schemas["DraftOutbound"];
export type DraftRetell = Schemas["DraftRetell"];
export type DraftSummary = Schemas["DraftSummary"];
export type DraftTurn = Schemas["DraftTurn"];
export type DraftLine = Schemas["DraftLine"];
export type DraftPersona = Schemas["DraftPersona"];
export type DraftPersonaLine = Schemas["DraftPersonaLine"];
export type DraftKeyPoint = Schemas["DraftKeyPoint"];
export type DraftPackage = Schemas["DraftPackage"];
export type DraftArticle = Schemas["DraftArticle"];
export type DraftRecord = Schemas["DraftRecord"];
export type RequiredAct = Schemas["RequiredAct"];
export type Kind = NonNullable<DraftPart["kind"]>;

export const KINDS: readonly Kind[] = ["inbound", "outbound", "retell", "summary"];
export const OUTCOMES = ["deal", "interest", "refusal"] as const;
/** Slots of a script, in the order in which they are spoken. */
export const SLOTS = ["opening", "needs", "guiding", "product", "closing", "ending"] as const;
export const ACTS = [
  "search",
  "article",
  "look_up",
  "verify",
  "suspend",
  "change_address",
  "register",
  "hold",
  "transfer",
  "after_sales",
] as const;
export const RECORD_KINDS = ["parcel", "order", "member"] as const;
