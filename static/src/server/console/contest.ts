import { computed, inject, type ComputedRef, type InjectionKey } from "vue";
import { ApiProblem } from "@/api/http";
import type { ContestView } from "@/api/types";
import { useLoaded, type Loaded } from "@/server/use";
import { hallApi, powersIn, type Powers } from "./api";

export interface ContestDesk extends Loaded<ContestView> {
  id: string;
  powers: ComputedRef<Powers | undefined>;
  /** What an act answered with is the newest picture. */
  keep(contest: ContestView): void;
  /** Does an act on the picture shown; if somebody else acted meanwhile, the picture is fetched anew. */
  on<T>(act: (contest: ContestView) => Promise<T>): Promise<T>;
}

export const contestKey: InjectionKey<ContestDesk> = Symbol("contest");

export function useContest(id: string): ContestDesk {
  const loaded = useLoaded(() => hallApi.contest(id));
  return {
    ...loaded,
    id,
    powers: computed(() => loaded.data.value && powersIn(loaded.data.value)),
    keep: (contest) => (loaded.data.value = contest),
    async on(act) {
      try {
        return await act(loaded.data.value!);
      } catch (error) {
        if (error instanceof ApiProblem && error.code === "overtaken") await loaded.load();
        throw error;
      }
    },
  };
}

/** The contest of the page around; its tabs are shown only when it is there. */
export function theContest(): ContestDesk & { contest: ComputedRef<ContestView> } {
  const desk = inject(contestKey);
  if (!desk) throw new Error("no contest around");
  return { ...desk, contest: computed(() => desk.data.value!) };
}
