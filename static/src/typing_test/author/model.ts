import type { components } from "@/api/schema.gen";
import type { FieldSpec } from "../model";

type Schemas = components["schemas"];

export type DraftAudio = Schemas["DraftAudio"];
export type DictationDraft = Schemas["DictationDraft"];
export type DraftItem = Schemas["DraftItem"];
export type DraftAnswer = Schemas["DraftAnswer"];
export type { FieldSpec };
