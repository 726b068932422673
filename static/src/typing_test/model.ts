import type { components } from "@/api/schema.gen";

type Schemas = components["schemas"];

export type FieldSpec = Schemas["FieldSpec"];
export type SeatItem = Schemas["SeatItem"];
// Other modules have shapes of the same names: the way through the module's own keeps them apart.
type Shapes = Schemas["TypingTestShapes"];
export type SeatContent = Shapes["content"];
export type SeatState = Shapes["state"];
export type DictationCommand = Shapes["command"];
export type SaveField = Extract<DictationCommand, { type: "typing_test.save_field" }>;
export type Run = Schemas["Run"];
export type FieldScore = Schemas["FieldScore"];
export type ItemScore = Schemas["ItemScore"];
export type ScoreSheetData = Shapes["sheet"];
