import type { components } from "@/api/schema.gen";
import type { DeskSession, SeatSession } from "@/exam/session";

// Other modules have shapes of the same names: the way through the module's own keeps them apart.
type Shapes = components["schemas"]["ChatSimShapes"];

/** The server writes every field, also one that has a default. */
type Whole<T> = T extends (infer One)[]
  ? Whole<One>[]
  : T extends object
    ? { [Key in keyof T]-?: Whole<T[Key]> }
    : T;

export type SeatContent = Whole<Shapes["content"]>;
export type SeatState = Whole<Shapes["state"]>;
export type SeatLive = Whole<Shapes["live"]>;
export type ChatCommand = Shapes["command"];
export type CommandOf<Name extends string> = Extract<ChatCommand, { type: `chat_sim.${Name}` }>;
export type SaveField = CommandOf<"save_field">;
export type CloseReason = CommandOf<"close">["reason"];

export type Shop = SeatContent["shop"];
export type Product = Shop["products"][number];
export type Promotion = Shop["promotions"][number];
export type Canned = SeatContent["canned"][number];
export type Picture = NonNullable<Product["picture"]>;
export type ChatMessage = SeatState["messages"][number];
export type LiveConversation = SeatLive["conversations"][number];
export type OrderForm = LiveConversation["form"];
export type OrderLine = OrderForm["lines"][number];
export type OrderView = SeatLive["orders"][number];
export type Quote = NonNullable<OrderForm["quote"]>;
export type LookUp = SeatLive["look_up"];

/** What the page of this module needs of a session; a trial in the task bank brings its own. */
export type ChatSession = DeskSession & Pick<SeatSession, "live" | "clock" | "resync">;

export const REASONS: readonly CloseReason[] = [
  "ordered",
  "solved",
  "unsolved",
  "transferred",
  "customer_gone",
];
/** Characters that a field keeps. */
export const MOST_TYPED = 2_000;
