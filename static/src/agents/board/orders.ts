import type { ContestView, StageView } from "@/api/types";
import type { OrderPreview, OrderRequest, OrderView } from "@/server/console/api";
import type { BoardRow, EndChange } from "./store";

export type Act = OrderRequest["act"];
export type Scope = "all" | "rooms" | "keys";

export const ACTS: readonly Act[] = [
  "arm",
  "start",
  "unschedule",
  "pause",
  "resume",
  "grant",
  "credit",
  "hand_in",
  "close",
];
/** What has no sense for a part of the hall. */
const WHOLE: ReadonlySet<Act> = new Set(["unschedule", "close"]);
const TIMED: ReadonlySet<Act> = new Set(["grant", "credit"]);
const HARSH: ReadonlySet<Act> = new Set(["hand_in", "close"]);

export const isTimed = (act: Act): boolean => TIMED.has(act);
export const isHarsh = (act: Act): boolean => HARSH.has(act);
export const isWhole = (act: Act): boolean => WHOLE.has(act);

const BY_PHASE: Record<StageView["phase"], readonly Act[]> = {
  not_open: ["arm"],
  armed: ["start", "close"],
  scheduled: ["start", "unschedule"],
  running: ["pause", "resume", "grant", "credit", "hand_in", "close"],
  closed: [],
};

/** Whether an act fits the stage, or, in a stage that runs, those of its places that it is for. */
export function fits(
  act: Act,
  stage: Pick<StageView, "phase"> | undefined,
  rows: readonly BoardRow[],
): boolean {
  if (!stage) return false;
  const some = (...phases: (string | null)[]): boolean => rows.some((row) => phases.includes(row.phase));
  if (stage.phase === "running") {
    // Whoever comes late is armed and started alone.
    if (act === "arm")
      return some("not_open") || rows.some((row) => !row.phase && row.ticket_number !== null);
    if (act === "start") return some("armed");
    if (act === "pause") return some("running");
    if (act === "resume") return some("paused");
    if (isTimed(act) || act === "hand_in") return some("running", "paused");
  }
  return BY_PHASE[stage.phase].includes(act);
}

/** No further ahead does the server plan a start. */
const DAY_MS = 24 * 3600 * 1000;

export interface Draft {
  act: Act;
  scope: Scope;
  rooms: string[];
  keys: string[];
  minutes: number;
  reason: string;
  /** start: at the planned time, not at once. */
  planned: boolean;
}

export function draftOf(
  act: Act,
  selected: readonly string[],
  stage?: Pick<StageView, "planned_ms">,
  nowMs = 0,
): Draft {
  const inMs = (stage?.planned_ms ?? 0) - nowMs;
  return {
    act,
    scope: selected.length && !isWhole(act) ? "keys" : "all",
    rooms: [],
    keys: [...selected],
    minutes: 5,
    reason: "",
    planned: act === "start" && !selected.length && inMs > 0 && inMs <= DAY_MS,
  };
}

/** What is still missing before the order can be given; nothing when it is whole. */
export function lacks(draft: Draft): "rooms" | "keys" | "minutes" | "reason" | undefined {
  if (draft.scope === "rooms" && draft.rooms.length === 0) return "rooms";
  if (draft.scope === "keys" && draft.keys.length === 0) return "keys";
  if (!isTimed(draft.act)) return undefined;
  if (!(draft.minutes > 0 && draft.minutes <= 240)) return "minutes";
  return draft.reason.trim() ? undefined : "reason";
}

export function requestOf(draft: Draft, seen: number, plannedMs: number | null): OrderRequest {
  return {
    act: draft.act,
    rooms: draft.scope === "rooms" ? draft.rooms : [],
    keys: draft.scope === "keys" ? draft.keys : [],
    at_ms: draft.act === "start" && draft.planned ? plannedMs : null,
    ms: isTimed(draft.act) ? Math.round(draft.minutes * 60_000) : null,
    reason: draft.reason.trim(),
    seen,
  };
}

export interface Desk {
  /** The revision of the picture that the person looks at. */
  revision: () => number;
  preview: (request: OrderRequest) => Promise<OrderPreview>;
  give: (request: OrderRequest) => Promise<OrderView>;
  /** Fetches the contest anew; the answer is the revision that holds. */
  renew: () => Promise<number>;
}

/** Preview, then order: the order names the revision of the preview that the person has read. */
export class Ordering {
  private seen: number | undefined;
  private asked = 0;

  constructor(
    private readonly desk: Desk,
    private readonly plannedMs: number | null,
  ) {}

  /** What the draft would do; undefined when a later draft has been asked about meanwhile. */
  async preview(draft: Draft): Promise<OrderPreview | undefined> {
    const mine = ++this.asked;
    this.seen = undefined;
    const seen = this.desk.revision();
    const request = requestOf(draft, seen, this.plannedMs);
    // What an order does is shown before its reason is written, which the server asks for first.
    const found = await this.desk.preview({ ...request, reason: request.reason || "—" });
    if (mine !== this.asked) return undefined;
    this.seen = seen;
    return found;
  }

  get ready(): boolean {
    return this.seen !== undefined;
  }

  /** The order given, or "overtaken": then nothing was done and the preview must be read again. */
  async give(draft: Draft): Promise<OrderView | "overtaken"> {
    if (this.seen === undefined) throw new Error("an order without its preview");
    try {
      return await this.desk.give(requestOf(draft, this.seen, this.plannedMs));
    } catch (error) {
      if ((error as { code?: string }).code !== "overtaken") throw error;
      this.seen = undefined;
      await this.desk.renew();
      return "overtaken";
    }
  }
}

/** Whether an order that would reach nobody has a sense all the same. */
export const mayReachNone = (draft: Draft): boolean =>
  draft.scope === "all" && (draft.act === "close" || draft.act === "unschedule" || draft.act === "arm");

/** The last time that ends were changed in a stage, and for whom. */
export function endChangeOf(
  orders: readonly OrderView[],
  stageId: string | undefined,
): EndChange | undefined {
  const last = orders
    .filter((order) => order.status === "done" && order.stage_id === stageId && isTimed(order.request.act))
    .reduce<
      OrderView | undefined
    >((newest, order) => (newest && newest.settled_ms! >= order.settled_ms! ? newest : order), undefined);
  if (last?.settled_ms == null) return undefined;
  const { rooms = [], keys = [] } = last.request;
  return {
    atMs: last.settled_ms,
    for: (row) =>
      (rooms.length === 0 && keys.length === 0) || rooms.includes(row.room) || keys.includes(row.key),
  };
}

export const pendingOf = (orders: readonly OrderView[]): OrderView[] =>
  orders.filter((order) => order.status === "pending");

/** The stage to show when none is named: one at work, else the next, else the last. */
export function stageToShow(contest: Pick<ContestView, "stages">): StageView | undefined {
  const { stages } = contest;
  return (
    stages.find((stage) => stage.phase === "running") ??
    stages.find((stage) => stage.phase === "scheduled" || stage.phase === "armed") ??
    stages.find((stage) => stage.phase === "not_open") ??
    stages.at(-1)
  );
}
