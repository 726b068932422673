import type { components } from "@/api/schema.gen";

type Schemas = components["schemas"];

export type AttemptBrief = Schemas["AttemptBrief"];
export type ClassView = Schemas["ClassView"];
export type ContestView = Schemas["ContestView"];
export type LessonOffer = Schemas["LessonOffer"];
export type NewLesson = Schemas["NewLesson"];
export type PaperView = Schemas["PaperView"];
export type PupilHistory = Schemas["PupilHistory"];
export type PupilView = Schemas["PupilView"];
export type RosterReport = Schemas["RosterReport"];
