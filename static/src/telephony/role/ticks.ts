import { ref } from "vue";

/** Prompts that the role player has brought up; kept in this tab over a reload, told to nobody. */
export function useTicks(scope: string) {
  const key = `ccss.role.${scope}`;
  const ticked = ref<ReadonlySet<string>>(new Set(restored(key)));

  function toggle(id: string): void {
    const next = new Set(ticked.value);
    if (!next.delete(id)) next.add(id);
    ticked.value = next;
    try {
      sessionStorage.setItem(key, JSON.stringify([...next]));
    } catch {
      // They then last until the page is left.
    }
  }

  return { ticked, toggle };
}

function restored(key: string): string[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(kept) ? kept.filter((id): id is string => typeof id === "string") : [];
  } catch {
    return [];
  }
}
