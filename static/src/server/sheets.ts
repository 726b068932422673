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
};

/** Modules whose marks people give, listening: the system proposes none. */
const BY_PEOPLE: ReadonlySet<string> = new Set(["telephony"]);
/** Modules whose attempts can be heard. */
const HEARD: ReadonlySet<string> = new Set(["telephony"]);

export const sheetOf = (module: string | undefined): Component | undefined => SHEETS[module ?? ""];
export const markedByPeople = (module: string | undefined): boolean => BY_PEOPLE.has(module ?? "");
export const canBeHeard = (module: string | undefined): boolean => HEARD.has(module ?? "");
