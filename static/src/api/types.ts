import type { components } from "./schema.gen";

type Schemas = components["schemas"];

export type Text = Schemas["Text"];
export type AttemptView = Schemas["AttemptView"];
export type AttemptBrief = Schemas["AttemptBrief"];
export type EventView = Schemas["EventView"];
export type OutcomeView = Schemas["OutcomeView"];
export type PaperView = Schemas["PaperView"];
export type Receipt = Schemas["Receipt"];
export type SiteView = Schemas["SiteView"];
export type Phase = Schemas["Phase"];
export type Role = Schemas["Role"];
export type Permission = Schemas["Permission"];
export type Me = Schemas["Principal"];
export type PlaceView = Schemas["PlaceView"];
export type StageView = Schemas["StageView"];
export type ContestView = Schemas["ContestView"];
export type HallClock = Schemas["HallClock"];
export type AnnouncementView = Schemas["AnnouncementView"];
export type ProblemBody = Schemas["ProblemBody"];
export type SeatFrame = Schemas["SeatFrame"];
export type ServerFrame = Schemas["ServerFrame"];
export type Welcome = Schemas["Welcome"];
export type Acked = Schemas["Acked"];
export type Refused = Schemas["Refused"];
export type LiveFrame = Schemas["Live"];

/** A command as it travels: the module's and the core's own unions narrow it where it is made. */
export type Command = { type: string; [key: string]: unknown };

export type CoreCommand = Schemas["CoreShapes"]["command"];
