import type { components } from "@/api/schema.gen";

type Schemas = components["schemas"];

export type ContestView = Schemas["ContestView"];
export type StageView = Schemas["StageView"];
export type StageResults = Schemas["StageResults"];
export type WorkView = Schemas["WorkView"];
export type WorkOutcome = Schemas["WorkOutcome"];
export type KeyLineView = Schemas["KeyLineView"];
export type NewCorrection = Schemas["NewCorrection"];
export type CorrectionView = Schemas["CorrectionView"];
