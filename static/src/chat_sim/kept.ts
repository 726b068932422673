import { reactive, watch } from "vue";

/** What stands on the screen and is no matter of the server; it outlives a reload of this page, and no more. */
export function useKept<T extends object>(key: string, initial: T): T {
  const name = `ccss.chat.${key}`;
  const kept = reactive({ ...initial }) as T;
  try {
    Object.assign(kept, JSON.parse(sessionStorage.getItem(name) ?? "{}"));
  } catch {
    // Then it begins anew.
  }
  watch(kept, () => {
    try {
      sessionStorage.setItem(name, JSON.stringify(kept));
    } catch {
      // Then it lasts until the page is left.
    }
  });
  return kept;
}
