import type { components } from "@/api/schema.gen";
import type { DeskSession, SeatSession } from "@/exam/session";

type Schemas = components["schemas"];
// Other modules have shapes of the same names: the way through the module's own keeps them apart.
type Shapes = Schemas["TelephonyShapes"];

export type SeatContent = Shapes["content"];
export type SeatState = Shapes["state"];
export type SeatLive = Shapes["live"];
export type VoiceCommand = Shapes["command"];
export type SaveField = Extract<VoiceCommand, { type: "telephony.save_field" }>;
export type SeatPart = SeatContent["parts"][number];
export type SeatInbound = Schemas["SeatInbound"];
export type SeatOutbound = Schemas["SeatOutbound"];
export type SeatRetell = Schemas["SeatRetell"];
export type SeatSummary = Schemas["SeatSummary"];
export type LiveCall = Schemas["LiveCall"];
export type Trouble = LiveCall["trouble"][number];
export type DeskView = Schemas["DeskView"];
export type RecordView = Schemas["RecordView"];

/** What the page of this module needs of a session; a trial in the task bank brings its own. */
export type VoiceSession = DeskSession & Pick<SeatSession, "live" | "clock" | "epoch">;
