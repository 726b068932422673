import { translate as t } from "@/i18n";
import type { BoardRow, VoiceRow } from "./store";

/** Lower bounds of the steps in which the server tells levels, dBFS. */
const STEPS = [-60, -45, -35, -25, -12] as const;

/** A level as a share of the bar, 0 to 1. */
export const levelStep = (dbfs: number): number =>
  STEPS.filter((bound) => dbfs >= bound).length / STEPS.length;

const PHASES: readonly VoiceRow["phase"][] = ["talking", "held", "dialling", "ringing"];
/** For sorting: calls that are talked in first. */
export const voiceRank = (row: BoardRow): number | null =>
  row.voice ? PHASES.indexOf(row.voice.phase) : null;

/** Sound that is on the machine only, in words; "" if there is none. */
export const unsentWords = (row: Pick<BoardRow, "unsent_ms">): string =>
  row.unsent_ms ? t("board.voice.unsent", { n: Math.max(1, Math.round(row.unsent_ms / 1000)) }) : "";

export const voiceWords = (row: BoardRow): string =>
  row.voice ? t(row.voice.muted ? "board.voice.muted" : `board.voice.phase.${row.voice.phase}`) : "—";
