import { onScopeDispose } from "vue";

/** Asks again and again, with a pause after each answer; `now` asks at once. Ends with the scope. */
export function usePoll(ask: () => Promise<unknown>, pauseMs: () => number): { now(): Promise<void> } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let round = 0;
  let gone = false;

  async function now(): Promise<void> {
    if (gone) return;
    clearTimeout(timer);
    const mine = ++round;
    await ask();
    if (gone || mine !== round) return;
    timer = setTimeout(() => void now(), pauseMs());
  }

  onScopeDispose(() => {
    gone = true;
    clearTimeout(timer);
  });
  return { now };
}

/** So that a whole hall does not ask in the same moment. */
export const jittered = (fromMs: number, toMs: number): number => fromMs + Math.random() * (toMs - fromMs);
