import { client, need, type Answer } from "@/api/http";
import type { components } from "@/api/schema.gen";
import type { ContestView, Permission } from "@/api/types";
import { may } from "@/app/site";

type Schemas = components["schemas"];
export type EntrantView = Schemas["EntrantView"];
export type RosterReport = Schemas["RosterReport"];
export type SeatView = Schemas["SeatView"];
export type PlacementView = Schemas["PlacementView"];
export type AccountView = Schemas["AccountView"];
export type ActView = Schemas["ActView"];
export type Announcement = Schemas["AnnouncementReceipts"];
export type OrderRequest = Schemas["OrderRequest"];
export type OrderPreview = Schemas["OrderPreview"];
// A contest module has orders too.
export type OrderView = Schemas["server__contests__schemas__OrderView"];

const C = "/api/v1/contests/{contest_id}";
const of = (contest_id: string) => ({ params: { path: { contest_id } } });
const stageOf = (contest_id: string, stage_id: string) => ({ params: { path: { contest_id, stage_id } } });
const orderOf = (contest_id: string, order_id: string) => ({ params: { path: { contest_id, order_id } } });
const helpOf = (contest_id: string, attempt_id: string) => ({ params: { path: { contest_id, attempt_id } } });
const seatOf = (seat_id: string) => ({ params: { path: { seat_id } } });
const accountOf = (account_id: string) => ({ params: { path: { account_id } } });

/** A file goes as the body itself. */
function importRoster(contest_id: string, file: File, seen: number, dry_run: boolean): Promise<RosterReport> {
  const call = client.POST(`${C}/roster`, {
    params: { path: { contest_id }, query: { name: file.name, seen, dry_run } },
    headers: { "Content-Type": "application/octet-stream" },
    body: file as never,
    bodySerializer: (body: unknown) => body as BodyInit,
  });
  return need(call as Promise<Answer<RosterReport>>);
}

export const hallApi = {
  contests: () => need(client.GET("/api/v1/contests")),
  create: (body: Schemas["NewContest"]) => need(client.POST("/api/v1/contests", { body })),
  contest: (id: string) => need(client.GET(C, of(id))),
  change: (id: string, body: Schemas["ChangeContest"]) => need(client.PATCH(C, { ...of(id), body })),
  shelf: () => need(client.GET("/api/v1/paper-shelf")),
  addStage: (id: string, body: Schemas["NewStage"]) => need(client.POST(`${C}/stages`, { ...of(id), body })),
  changeStage: (id: string, stage: string, body: Schemas["ChangeStage"]) =>
    need(client.PATCH(`${C}/stages/{stage_id}`, { ...stageOf(id, stage), body })),
  roster: (id: string) => need(client.GET(`${C}/roster`, of(id))),
  importRoster,
  seats: () => need(client.GET("/api/v1/seats")),
  servesTls: async (): Promise<boolean> => (await client.GET("/api/v1/trust")).response.ok,
  addSeats: (body: Schemas["NewSeats"]) => need(client.POST("/api/v1/seats", { body })),
  changeSeat: (seat: string, body: Schemas["ChangeSeat"]) =>
    need(client.PATCH("/api/v1/seats/{seat_id}", { ...seatOf(seat), body })),
  placements: (id: string) => need(client.GET(`${C}/placements`, of(id))),
  place: (id: string, body: Schemas["Place"]) => need(client.POST(`${C}/placements`, { ...of(id), body })),
  move: (id: string, body: Schemas["Move"]) => need(client.POST(`${C}/moves`, { ...of(id), body })),
  preview: (id: string, stage: string, body: OrderRequest) =>
    need(client.POST(`${C}/stages/{stage_id}/orders/preview`, { ...stageOf(id, stage), body })),
  order: (id: string, stage: string, body: OrderRequest) =>
    need(client.POST(`${C}/stages/{stage_id}/orders`, { ...stageOf(id, stage), body })),
  orders: (id: string) => need(client.GET(`${C}/orders`, of(id))),
  /** `seen`: of the order as it was shown to whoever confirms it. */
  confirm: (id: string, order: string, seen: number) =>
    need(client.POST(`${C}/orders/{order_id}/confirm`, { ...orderOf(id, order), body: { seen } })),
  withdraw: (id: string, order: string) =>
    need(client.POST(`${C}/orders/{order_id}/withdraw`, orderOf(id, order))),
  claimHelp: (id: string, attempt: string) =>
    need(client.POST(`${C}/help/{attempt_id}/claim`, helpOf(id, attempt))),
  closeHelp: (id: string, attempt: string) =>
    need(client.POST(`${C}/help/{attempt_id}/close`, helpOf(id, attempt))),
  announcements: (id: string) => need(client.GET(`${C}/announcements`, of(id))),
  announce: (id: string, body: Schemas["NewAnnouncement"]) =>
    need(client.POST(`${C}/announcements`, { ...of(id), body })),
  clock: (id: string) => need(client.GET(`${C}/clock`, of(id))),
  accounts: () => need(client.GET("/api/v1/accounts")),
  addAccount: (body: Schemas["NewAccount"]) => need(client.POST("/api/v1/accounts", { body })),
  changeAccount: (id: string, body: Schemas["ChangeAccount"]) =>
    need(client.PATCH("/api/v1/accounts/{account_id}", { ...accountOf(id), body })),
  password: (body: Schemas["ChangePassword"]) => need(client.POST("/api/v1/me/password", { body })),
  acts: (contest_id?: string) => need(client.GET("/api/v1/acts", { params: { query: { contest_id } } })),
};

/** What the one who is logged in may do in a contest; a lesson is its teacher's. The server asks again. */
export interface Powers {
  manage: boolean;
  run: boolean;
  confirm: boolean;
  watch: boolean;
  help: boolean;
  places: boolean;
  move: boolean;
  announce: boolean;
  acts: boolean;
  results: boolean;
  /** Hear a call that is up. */
  listen: boolean;
}

export function powersIn(contest: Pick<ContestView, "kind">): Powers {
  const lesson = contest.kind === "lesson";
  const has = (...any: Permission[]): boolean => may(...any, ...(lesson ? (["teach"] as const) : []));
  return {
    manage: has("manage_contest"),
    run: has("run_stage"),
    confirm: !lesson && may("confirm_order"),
    watch: has("watch_hall"),
    help: has("answer_help"),
    places: !lesson && may("manage_contest", "manage_places", "move_contestant"),
    move: !lesson && may("move_contestant"),
    announce: has("announce"),
    acts: may("read_acts"),
    results: has("see_results"),
    listen: has("listen_in"),
  };
}
