import type { components } from "@/api/schema.gen";

type Schemas = components["schemas"];

export type ChangeTask = Schemas["ChangeTask"];
export type Fault = Schemas["Fault"];
export type ImportReport = Schemas["ImportReport"];
export type NewPaper = Schemas["NewPaper"];
export type PaperView = Schemas["PaperView"];
export type PartView = Schemas["PartView"];
export type Tags = Schemas["Tags"];
export type TaskBrief = Schemas["TaskBrief"];
export type TaskView = Schemas["TaskView"];
export type VersionView = Schemas["VersionView"];
export type VoicesView = Schemas["VoicesView"];

/** The modules whose tasks are written here; a new one is of the first unless somebody chooses otherwise. */
export const AUTHORED = ["typing_test", "telephony", "chat_sim"] as const;
export const LEVELS = ["easy", "middle", "hard"] as const;
