import { computed, onScopeDispose, ref, watch, type Ref } from "vue";
import { ApiProblem } from "@/api/http";
import { ServerClock } from "@/api/clock";
import { hallApi } from "@/server/console/api";
import { BoardLink, type LinkState } from "./link";
import { ageMs, BoardStore, isOld } from "./store";

const TICK_MS = 500;
const PROBE_MS = 20_000;

/** The board of a stage, live, with the server's time and the age of the picture. */
export function useBoard(contestId: string, stageId: Ref<string | undefined>) {
  const store = new BoardStore();
  const clock = new ServerClock();
  const state = ref<LinkState>("connecting");
  /** Until a probe has been answered, the fastest frame tells the time. */
  let fastest = Infinity;
  const serverNow = (): number => {
    if (clock.known) return clock.now();
    return fastest === Infinity ? Date.now() : performance.now() - fastest;
  };
  const now = ref(serverNow());

  const link = new BoardLink(
    (frame) => {
      fastest = Math.min(fastest, performance.now() - frame.at_ms);
      store.take(frame);
      now.value = serverNow();
    },
    (next) => (state.value = next),
  );

  async function probe(): Promise<void> {
    const sent = performance.now();
    try {
      const { server_ms } = await hallApi.clock(contestId);
      clock.add(sent, performance.now(), server_ms);
    } catch (error) {
      // The picture grows old on the screen by itself; the next probe is on its way.
      if (!(error instanceof ApiProblem)) throw error;
    }
  }

  watch(
    stageId,
    (next) => {
      store.clear();
      link.open(contestId, next);
    },
    { immediate: true },
  );
  void probe();
  const ticking = setInterval(() => (now.value = serverNow()), TICK_MS);
  const probing = setInterval(() => void probe(), PROBE_MS);
  onScopeDispose(() => {
    clearInterval(ticking);
    clearInterval(probing);
    link.close();
  });

  const age = computed(() => ageMs(now.value, store.atMs.value));
  /** Whole seconds, for what need not be drawn more often. */
  const second = computed(() => Math.floor(now.value / 1000) * 1000);
  return {
    store,
    state,
    now,
    second,
    age,
    old: computed(() => state.value !== "live" || isOld(age.value)),
    reopen: () => link.open(contestId, stageId.value),
  };
}

export type Board = ReturnType<typeof useBoard>;
