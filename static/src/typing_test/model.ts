import type { components } from "@/api/schema.gen";

type Schemas = components["schemas"];

export type FieldSpec = Schemas["FieldSpec"];
export type SeatItem = Schemas["SeatItem"];
export type SeatContent = Schemas["SeatContent"];
export type SeatState = Schemas["SeatState"];
export type SaveField = Schemas["SaveField"];
export type DictationCommand = Schemas["TypingTestShapes"]["command"];
export type Run = Schemas["Run"];
export type FieldScore = Schemas["FieldScore"];
export type ItemScore = Schemas["ItemScore"];
export type ScoreSheetData = Schemas["ScoreSheet"];
