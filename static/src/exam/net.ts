import { onScopeDispose, ref, watch, type Ref } from "vue";
import type { SeatSession } from "./session";

const TICK_MS = 250;

/** Net time of an attempt whose module pushes what is live, ms; it ticks, and stands still with the stage. */
export function useNet(
  session: Pick<SeatSession, "live" | "clock">,
  running: () => boolean,
  tickMs = TICK_MS,
): Ref<number> {
  const net = ref(0);
  const look = (): void => {
    const known = session.live.value;
    if (!known) return;
    const since = running() ? Math.max(0, session.clock.now() - known.serverMs) : 0;
    net.value = known.stageMs + since;
  };
  watch(session.live, look, { immediate: true });
  const timer = setInterval(look, tickMs);
  onScopeDispose(() => clearInterval(timer));
  return net;
}
