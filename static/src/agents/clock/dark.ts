import { onScopeDispose, ref, watch, type Ref } from "vue";

const KEY = "ccss.clock.light";

function restored(): boolean {
  try {
    return localStorage.getItem(KEY) === null;
  } catch {
    return true;
  }
}

/** Dark unless chosen otherwise on this machine, whatever the other pages look like; they get theirs back. */
export function useDark(): Ref<boolean> {
  const dark = ref(restored());
  const root = document.documentElement;
  const before = root.dataset.theme;
  watch(
    dark,
    (now) => {
      root.dataset.theme = now ? "dark" : "light";
      try {
        if (now) localStorage.removeItem(KEY);
        else localStorage.setItem(KEY, "1");
      } catch {
        // The choice then lasts until the page is left.
      }
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    if (before === undefined) delete root.dataset.theme;
    else root.dataset.theme = before;
  });
  return dark;
}
