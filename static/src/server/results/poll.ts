import { onMounted, onScopeDispose } from "vue";

/**
 * Loads at once, and again as long as `every` names a pause (ms); a page that nobody sees waits.
 * Returns a function that loads now.
 */
export function usePoll(load: () => Promise<void>, every: () => number | undefined): () => Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let gone = false;

  async function turn(): Promise<void> {
    clearTimeout(timer);
    if (document.visibilityState === "visible") await load();
    clearTimeout(timer);
    const pause = every();
    if (!gone && pause !== undefined) timer = setTimeout(() => void turn(), pause);
  }

  onMounted(() => void turn());
  onScopeDispose(() => {
    gone = true;
    clearTimeout(timer);
  });
  return turn;
}
