import { onScopeDispose, ref, watch, type Ref } from "vue";
import type { ServerClock } from "@/api/clock";
import type { AttemptView } from "@/api/types";

export type Warning = 180 | 60 | 10;
const LEVELS: readonly Warning[] = [180, 60, 10];

/** Time left of an attempt at a server time, ms. */
export function leftOf(attempt: Pick<AttemptView, "ends_ms" | "left_ms">, nowMs: number): number {
  if (attempt.ends_ms === null || attempt.ends_ms === undefined) return attempt.left_ms;
  return Math.max(0, attempt.ends_ms - nowMs);
}

/** Gives each warning once, when the time left falls to it; only the nearest if several fell at once. */
export class Warnings {
  private before = Infinity;

  step(leftMs: number): Warning | undefined {
    const passed = LEVELS.filter((level) => leftMs <= level * 1000 && this.before > level * 1000);
    const first = this.before === Infinity;
    this.before = leftMs;
    // A stage shorter than a warning's mark has no such warning.
    return first || leftMs <= 0 ? undefined : passed.at(-1);
  }
}

/** Ms until the shown second changes. */
export function nextTick(leftMs: number): number {
  return leftMs <= 0 ? 1000 : Math.max(15, leftMs % 1000 || 1000);
}

export interface CountdownHooks {
  warn(level: Warning): void;
  end(): void;
  /** The end that is counted down to; null while the time stands still. */
  aim?(endsMs: number | null): void;
}

/** Time left, moving with the server's clock while the attempt runs; `end` comes once per end. */
export function useCountdown(
  attempt: Ref<AttemptView | undefined>,
  clock: ServerClock,
  hooks: CountdownHooks,
): Ref<number> {
  const left = ref(0);
  const warnings = new Warnings();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let endedFor: number | undefined;

  function tick(): void {
    clearTimeout(timer);
    const view = attempt.value;
    if (!view) return;
    left.value = leftOf(view, clock.now());
    const aim = view.phase === "running" ? view.ends_ms : null;
    hooks.aim?.(aim);
    if (aim === null) return;
    const warning = warnings.step(left.value);
    if (warning) hooks.warn(warning);
    if (left.value <= 0 && endedFor !== aim) {
      endedFor = aim;
      hooks.end();
    }
    timer = setTimeout(tick, nextTick(left.value));
  }

  watch(attempt, tick, { immediate: true });
  document.addEventListener("visibilitychange", tick);
  onScopeDispose(() => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", tick);
  });
  return left;
}

/** Ms until an instant of server time, ticking with its seconds; undefined while there is none. */
export function useUntil(at: () => number | null | undefined, now: () => number): Ref<number | undefined> {
  const left = ref<number>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function tick(): void {
    clearTimeout(timer);
    const target = at();
    left.value = target === null || target === undefined ? undefined : Math.max(0, target - now());
    if (left.value !== undefined) timer = setTimeout(tick, nextTick(left.value));
  }

  watch(at, tick, { immediate: true });
  document.addEventListener("visibilitychange", tick);
  onScopeDispose(() => {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", tick);
  });
  return left;
}
