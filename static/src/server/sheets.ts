import { defineAsyncComponent, type Component } from "vue";
import { loadMessages } from "@/i18n";

/** The score sheets of the contest modules, by module name; one without its own shows its marks and working. */
const SHEETS: Record<string, Component> = {
  typing_test: defineAsyncComponent(() => import("@/typing_test/ScoreSheet.vue")),
  telephony: defineAsyncComponent(async () => {
    const [sheet] = await Promise.all([
      import("@/telephony/VoiceSheet.vue"),
      loadMessages("voice", "replay"),
    ]);
    return sheet;
  }),
  chat_sim: defineAsyncComponent(async () => {
    const [sheet] = await Promise.all([
      import("@/chat_sim/replay/ChatSheet.vue"),
      loadMessages("chat_replay"),
    ]);
    return sheet;
  }),
};

/** In the order of the contest's stages; others after them. */
const ORDER = ["typing_test", "telephony", "chat_sim"];
function rank(module: string): number {
  const at = ORDER.indexOf(module);
  return at < 0 ? ORDER.length : at;
}

/** Modules whose marks people give, listening: the system proposes none. */
const BY_PEOPLE: ReadonlySet<string> = new Set(["telephony"]);
/** Modules of whose marks the system proposes a part: referees give the others. */
const PARTLY: ReadonlySet<string> = new Set(["chat_sim"]);
/** Modules whose attempts can be heard. */
const HEARD: ReadonlySet<string> = new Set(["telephony"]);
/** Modules in which something comes by itself, to a plan that is equal at all seats. */
const PLANNED: ReadonlySet<string> = new Set(["chat_sim"]);
/** Modules whose judgements a referee can overrule one by one. */
const OVERRULED: ReadonlySet<string> = new Set(["chat_sim"]);

export const sheetOf = (module: string | undefined): Component | undefined => SHEETS[module ?? ""];
export const markedByPeople = (module: string | undefined): boolean => BY_PEOPLE.has(module ?? "");
export const markedPartly = (module: string | undefined): boolean => PARTLY.has(module ?? "");
export const canBeOverruled = (module: string | undefined): boolean => OVERRULED.has(module ?? "");
export const canBeHeard = (module: string | undefined): boolean => HEARD.has(module ?? "");

/** Any of these lets read fairness plans. */
export const READ_PLANS = ["manage_papers", "correct_key"] as const;

/** The fairness plan of a paper, to be printed; undefined in modules that have none. */
export const planOf = (module: string, paperId: string): string | undefined =>
  PLANNED.has(module) ? `/papers/${paperId}/plan` : undefined;

/** Things of several modules: those of one together, in the contest's order, as they stood among themselves. */
export const inModuleOrder = <One extends { module: string }>(all: readonly One[]): One[] =>
  [...all].sort((a, b) => rank(a.module) - rank(b.module));

/** Where an attempt can be heard, or seen again. */
export function replayOf(module: string | undefined, attemptId: string): string | undefined {
  if (canBeHeard(module)) return `/replay/${attemptId}`;
  return module === "chat_sim" ? `/result/${attemptId}?view=replay` : undefined;
}
