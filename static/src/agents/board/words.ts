import type { InjectionKey, Ref } from "vue";
import { textOf, translate as t } from "@/i18n";
import type { StageView } from "@/api/types";
import type { OrderRequest } from "@/server/console/api";
import { minutes, span } from "@/ui/format";
import { stateOf, type BoardRow, type State, type Trouble } from "./store";

/** The server's time in whole seconds, for cells: handed past the lists, which it does not concern. */
export const secondKey: InjectionKey<Readonly<Ref<number>>> = Symbol("second");

interface Look {
  icon:
    | "hand"
    | "cut"
    | "link"
    | "warn"
    | "clock"
    | "save"
    | "stop"
    | "sound"
    | "ring"
    | "play"
    | "pause"
    | "check"
    | "dot"
    | "half";
  tone: "" | "ok" | "accent" | "warn" | "danger";
}

export const TROUBLE_LOOKS: Record<Trouble, Look> = {
  help: { icon: "hand", tone: "warn" },
  offline: { icon: "cut", tone: "danger" },
  wrong_seat: { icon: "warn", tone: "danger" },
  end_unseen: { icon: "clock", tone: "danger" },
  unsaved: { icon: "save", tone: "danger" },
  no_microphone: { icon: "cut", tone: "danger" },
  no_packets: { icon: "cut", tone: "danger" },
  no_sound: { icon: "sound", tone: "danger" },
  wrong_device: { icon: "warn", tone: "warn" },
  clipping: { icon: "warn", tone: "warn" },
  unconnected: { icon: "link", tone: "danger" },
  unsent: { icon: "save", tone: "warn" },
  outage: { icon: "stop", tone: "warn" },
  clock: { icon: "clock", tone: "warn" },
  device: { icon: "warn", tone: "warn" },
  silent: { icon: "sound", tone: "warn" },
  never_came: { icon: "ring", tone: "warn" },
};

export const STATE_LOOKS: Record<State, Look> = {
  running: { icon: "play", tone: "accent" },
  paused: { icon: "pause", tone: "warn" },
  closed: { icon: "check", tone: "ok" },
  armed: { icon: "clock", tone: "" },
  delayed: { icon: "half", tone: "" },
  not_open: { icon: "ring", tone: "" },
  spare: { icon: "dot", tone: "" },
  free: { icon: "dot", tone: "" },
};

/** Icon, tone and word of a row: its worst trouble, else its state. */
export function lookOf(row: BoardRow): Look & { word: string } {
  const worst = row.troubles[0];
  if (worst) return { ...TROUBLE_LOOKS[worst], word: t(`board.trouble.${worst}`) };
  if (row.close_cause === "absent") return { icon: "ring", tone: "", word: t("board.absent") };
  const state = stateOf(row);
  return { ...STATE_LOOKS[state], word: t(`board.state.${state}`) };
}

/** How long ago in words that change seldom: by 5 seconds, by minutes, by hours. */
export function ago(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  if (seconds < 5) return t("board.ago.now");
  if (seconds < 60) return t("board.ago.s", { n: seconds - (seconds % 5) });
  return seconds < 3600
    ? t("board.ago.min", { n: Math.floor(seconds / 60) })
    : t("board.ago.h", { n: Math.floor(seconds / 3600) });
}

/** What is left, by minutes until the last one. */
export function leftWords(ms: number): string {
  if (ms > 60_000) return t("board.left.min", { n: Math.ceil(ms / 60_000) });
  return t("board.left.s", { n: Math.ceil(ms / 10_000) * 10 });
}

export const waiting = (sinceMs: number, nowMs: number): string => span(Math.max(0, nowMs - sinceMs));

/** An order in words: what, for whom, how long, why. */
export function orderWords(request: OrderRequest, labels: (key: string) => string): string {
  const keys = request.keys ?? [];
  const rooms = request.rooms ?? [];
  const names = keys.slice(0, 5).map(labels).join(t("board.comma"));
  const scope = keys.length
    ? t(keys.length > 5 ? "board.scopeKeysMore" : "board.scopeKeys", { names, n: keys.length })
    : rooms.length
      ? t("board.scopeRooms", { names: rooms.join(t("board.comma")) })
      : t("board.scopeAll");
  const time = request.ms ? t("board.orderMinutes", { n: minutes(request.ms) }) : "";
  const reason = request.reason ? t("board.orderReason", { reason: request.reason }) : "";
  return `${t(`board.act.${request.act}`)} ${time} · ${scope}${reason}`;
}

export const stageTitle = (stage: Pick<StageView, "title" | "module_title">): string =>
  textOf(stage.title) || textOf(stage.module_title);
