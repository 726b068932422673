import { computed, onScopeDispose, shallowRef } from "vue";
import { onBeforeRouteLeave, onBeforeRouteUpdate } from "vue-router";
import { askToStay } from "@/ui/leaving";

interface Saver {
  readonly dirty: boolean;
  flush(): Promise<void>;
}

/** Saves before the page is left, and asks where that was not possible: also when the window is closed. */
export function useLeaving(saver: () => Saver | undefined) {
  const asked = shallowRef<(leave: boolean) => void>();

  /** Whether everything is saved now. */
  async function settled(): Promise<boolean> {
    await saver()?.flush();
    return !saver()?.dirty;
  }

  function answer(leave: boolean): void {
    asked.value?.(leave);
    asked.value = undefined;
  }

  async function mayLeave(): Promise<boolean> {
    answer(false);
    if (await settled()) return true;
    return new Promise((resolve) => (asked.value = resolve));
  }

  const closing = (event: BeforeUnloadEvent): void => {
    if (!saver()?.dirty) return;
    void saver()?.flush();
    askToStay(event);
  };

  onBeforeRouteLeave(mayLeave);
  onBeforeRouteUpdate(mayLeave);
  addEventListener("beforeunload", closing);
  onScopeDispose(() => removeEventListener("beforeunload", closing));
  return { asking: computed(() => !!asked.value), answer, settled };
}
