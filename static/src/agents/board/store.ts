import { markRaw, ref, shallowRef, triggerRef, type ShallowRef } from "vue";
import type { components } from "@/api/schema.gen";
import type { DeviceMark } from "@/exam/device/judge";
import { compare } from "@/ui/table";

type Schemas = components["schemas"];
export type BoardRow = Schemas["BoardRow"];
export type BoardFrame = Schemas["BoardFrame"];
export type VoiceRow = NonNullable<BoardRow["voice"]>;
export type Trouble = BoardRow["troubles"][number];

/** A picture older than this is shown as old. */
export const STALE_MS = 3_000;

/** Worst first, as the server sorts them. */
export const TROUBLES: readonly Trouble[] = [
  "help",
  "offline",
  "wrong_seat",
  "end_unseen",
  "unsaved",
  "no_microphone",
  "no_packets",
  "no_sound",
  "wrong_device",
  "clipping",
  "unconnected",
  "unsent",
  "outage",
  "clock",
  "device",
  "silent",
  "never_came",
];
const rank = new Map(TROUBLES.map((name, index) => [name, index]));

/** One place that is drawn: only what shows this row is drawn anew when it changes. */
export class Cell {
  readonly row: ShallowRef<BoardRow>;
  constructor(row: BoardRow) {
    this.row = shallowRef(row);
    markRaw(this);
  }
}

/** The hall as the server last showed it. */
export class BoardStore {
  readonly cells = shallowRef(new Map<string, Cell>());
  readonly atMs = ref<number>();
  readonly revision = ref(0);
  readonly stageId = ref<string | null>(null);
  readonly costMs = ref(0);
  /** All rows in their order: a new list with every frame that changes any. */
  readonly rows = shallowRef<readonly BoardRow[]>([]);

  take(frame: BoardFrame): void {
    this.atMs.value = frame.at_ms;
    this.revision.value = frame.revision;
    this.costMs.value = frame.cost_ms;
    if (frame.type === "picture") {
      this.stageId.value = frame.stage_id ?? null;
      this.replace(frame.rows);
    } else if (frame.rows.length) this.patch(frame.rows);
  }

  /** Another stage or contest is coming: nothing of the old one may stay on the screen. */
  clear(): void {
    this.atMs.value = undefined;
    this.cells.value = new Map();
    this.rows.value = [];
  }

  private replace(rows: readonly BoardRow[]): void {
    const before = this.cells.value;
    const after = new Map<string, Cell>();
    for (const row of rows) {
      const cell = before.get(row.key);
      if (cell) cell.row.value = row;
      after.set(row.key, cell ?? new Cell(row));
    }
    const same = before.size === after.size && [...before.keys()].every((key) => after.has(key));
    if (!same) this.cells.value = after;
    this.rows.value = [...rows].sort(byPlace);
  }

  private patch(rows: readonly BoardRow[]): void {
    const cells = this.cells.value;
    let grown = false;
    for (const row of rows) {
      const cell = cells.get(row.key);
      if (cell) cell.row.value = row;
      else {
        cells.set(row.key, new Cell(row));
        grown = true;
      }
    }
    if (grown) {
      triggerRef(this.cells);
      this.rows.value = [...cells.values()].map((cell) => cell.row.value).sort(byPlace);
    } else {
      const changed = new Map(rows.map((row) => [row.key, row]));
      this.rows.value = this.rows.value.map((row) => changed.get(row.key) ?? row);
    }
  }
}

/** By room; who has no place yet comes last. */
const byPlace = (a: BoardRow, b: BoardRow): number =>
  compare(a.room || null, b.room || null) || compare(a.label, b.label);

export const ageMs = (serverMs: number, atMs: number | undefined): number | undefined =>
  atMs === undefined ? undefined : Math.max(0, serverMs - atMs);

export const isOld = (age: number | undefined): boolean => age === undefined || age > STALE_MS;

/** Since when a trouble lasts, as far as the row says. */
const since = (row: BoardRow): number | null =>
  row.troubles[0] === "help" ? row.help_since_ms : (row.seen_ms ?? row.saved_ms);

/** Rows with troubles: the worst kind first, in it whoever waits longest. */
export function troubled(rows: readonly BoardRow[]): BoardRow[] {
  return rows
    .filter((row) => row.troubles.length > 0)
    .sort(
      (a, b) =>
        (rank.get(a.troubles[0]!) ?? 99) - (rank.get(b.troubles[0]!) ?? 99) ||
        compare(since(a), since(b)) ||
        byPlace(a, b),
    );
}

/** Raised hands, oldest first. */
export const handsUp = (rows: readonly BoardRow[]): BoardRow[] =>
  rows
    .filter((row) => row.help_since_ms !== null)
    .sort((a, b) => a.help_since_ms! - b.help_since_ms! || byPlace(a, b));

/** A change of the end, for the rows that it was for. */
export interface EndChange {
  atMs: number;
  for: (row: BoardRow) => boolean;
}

/**
 * Places at work whose page has not yet said that it counts down to the end that holds; also those
 * that have not been heard of since the end was changed.
 */
export const endUnseen = (rows: readonly BoardRow[], changed?: EndChange): BoardRow[] =>
  rows.filter((row) => {
    if (row.phase !== "running" && row.phase !== "paused") return false;
    if (!row.end_seen) return true;
    return changed !== undefined && !row.online && (row.seen_ms ?? 0) < changed.atMs && changed.for(row);
  });

export type State = "running" | "paused" | "closed" | "armed" | "delayed" | "not_open" | "spare" | "free";
export const STATES: readonly State[] = [
  "running",
  "paused",
  "armed",
  "delayed",
  "not_open",
  "closed",
  "spare",
  "free",
];

export function stateOf(row: BoardRow): State {
  if (row.phase && row.phase !== "closed" && row.phase !== "running" && row.delayed) return "delayed";
  if (row.phase) return row.phase;
  if (row.ticket_number !== null || row.name !== null) return "not_open";
  return row.spare ? "spare" : "free";
}

/** What is left of the time, as of the server's `nowMs`; null while none runs. */
export function leftMs(row: BoardRow, nowMs: number): number | null {
  if (row.phase === "running" && row.ends_ms !== null) return Math.max(0, row.ends_ms - nowMs);
  if (row.phase === "paused" && row.limit_ms !== null && row.stage_ms !== null)
    return Math.max(0, row.limit_ms - row.stage_ms);
  return null;
}

/** Working time as of the server's `nowMs`: a row that runs is not sent anew each second. */
export function netMs(row: BoardRow, nowMs: number): number | null {
  const left = row.phase === "running" ? leftMs(row, nowMs) : null;
  return left === null || row.limit_ms === null ? row.stage_ms : Math.max(0, row.limit_ms - left);
}

/** The end that most of those at work have. */
export function commonEnd(rows: readonly BoardRow[]): number | undefined {
  const ends = new Map<number, number>();
  for (const row of rows)
    if (row.phase === "running" && row.ends_ms !== null)
      ends.set(row.ends_ms, (ends.get(row.ends_ms) ?? 0) + 1);
  return [...ends].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0];
}

/** Worst first. */
export const DEVICES: readonly DeviceMark[] = ["faulty", "untested", "partial", "passed"];

export interface Filter {
  room: string;
  state: "" | State;
  device: "" | DeviceMark;
  troubledOnly: boolean;
  text: string;
}

export const noFilter = (): Filter => ({ room: "", state: "", device: "", troubledOnly: false, text: "" });

export function passes(row: BoardRow, filter: Filter): boolean {
  if (filter.room && row.room !== filter.room) return false;
  if (filter.state && stateOf(row) !== filter.state) return false;
  if (filter.device && row.device !== filter.device) return false;
  if (filter.troubledOnly && row.troubles.length === 0) return false;
  const text = filter.text.trim().toLowerCase();
  return !text || `${row.label} ${row.ticket_number ?? ""} ${row.name ?? ""}`.toLowerCase().includes(text);
}
