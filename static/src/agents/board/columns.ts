import { deviceWords } from "@/exam/device/looks";
import { translate as t } from "@/i18n";
import type { Column } from "@/ui/table";
import { minutes, span } from "@/ui/format";
import { DEVICES, leftMs, netMs, stateOf, STATES, TROUBLES, type BoardRow } from "./store";
import { unsentWords, voiceRank, voiceWords } from "./voice";
import { ago, waiting } from "./words";

const dash = "—";
const ms = (value: number | null): string => (value === null ? dash : `${Math.round(value)}`);

/** All columns of the board as a table; times as of the server's `now`. */
export function boardColumns(now: () => number, named: boolean, voiced = false): Column<BoardRow>[] {
  const column = (
    key: string,
    value: Column<BoardRow>["value"],
    text?: Column<BoardRow>["text"],
    num = false,
  ): Column<BoardRow> => ({ key, title: t(`board.column.${key}`), value, text, num });
  const age = (value: number | null): string => (value === null ? dash : ago(now() - value));
  const worst = (row: BoardRow): number | null =>
    row.troubles[0] ? TROUBLES.indexOf(row.troubles[0]) : null;

  return [
    column("label", (row) => row.label),
    column("room", (row) => row.room || null),
    named ? column("name", (row) => row.name) : column("ticket", (row) => row.ticket_number),
    column(
      "state",
      (row) => STATES.indexOf(stateOf(row)),
      (row) => t(`board.state.${stateOf(row)}`),
    ),
    column("troubles", worst, (row) =>
      row.troubles.map((name) => t(`board.trouble.${name}`)).join(t("board.comma")),
    ),
    ...(voiced
      ? [
          column("voice", voiceRank, voiceWords),
          column(
            "unsent",
            (row) => row.unsent_ms ?? null,
            (row) => unsentWords(row) || dash,
            true,
          ),
        ]
      : []),
    column(
      "device",
      (row) => (row.device === null ? null : DEVICES.indexOf(row.device)),
      (row) => (row.device === null ? dash : deviceWords(row.device, row.device_faults)),
    ),
    column(
      "progress",
      (row) => (row.total ? row.done / row.total : null),
      (row) => (row.total ? `${row.done}/${row.total}` : dash),
      true,
    ),
    column(
      "saved",
      (row) => row.saved_ms,
      (row) => age(row.saved_ms),
      true,
    ),
    column(
      "left",
      (row) => leftMs(row, now()),
      (row) => {
        const left = leftMs(row, now());
        return left === null ? dash : span(left, true);
      },
      true,
    ),
    column(
      "net",
      (row) => netMs(row, now()),
      (row) => {
        const net = netMs(row, now());
        return net === null ? dash : span(net);
      },
      true,
    ),
    column(
      "limit",
      (row) => row.limit_ms,
      (row) => (row.limit_ms === null ? dash : `${minutes(row.limit_ms)}`),
      true,
    ),
    column(
      "online",
      (row) => Number(row.online),
      (row) => t(row.online ? "board.yes" : row.bound || row.attempt_id ? "board.no" : "board.unbound"),
    ),
    column(
      "seen",
      (row) => row.seen_ms,
      (row) => age(row.seen_ms),
      true,
    ),
    column(
      "offset",
      (row) => row.offset_ms,
      (row) => ms(row.offset_ms),
      true,
    ),
    column(
      "rtt",
      (row) => row.rtt_ms,
      (row) => ms(row.rtt_ms),
      true,
    ),
    column("queued", (row) => row.queued, undefined, true),
    column(
      "end",
      (row) => Number(row.end_seen),
      (row) =>
        row.online && (row.phase === "running" || row.phase === "paused")
          ? t(row.end_seen ? "board.yes" : "board.no")
          : dash,
    ),
    column(
      "help",
      (row) => row.help_since_ms,
      (row) =>
        row.help_since_ms === null ? dash : `${waiting(row.help_since_ms, now())} ${row.help_by ?? ""}`,
    ),
    column("unread", (row) => row.unread, undefined, true),
  ];
}
