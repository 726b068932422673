import { computed, markRaw, ref, shallowRef, type Ref } from "vue";

/** Places chosen for an order, and the one where the keyboard is. */
export function useSelection(shown: Readonly<Ref<readonly string[]>>) {
  const chosen = shallowRef<ReadonlySet<string>>(new Set());
  const at = ref<string>();
  let anchor: string | undefined;

  const here = computed(() =>
    at.value !== undefined && shown.value.includes(at.value) ? at.value : shown.value[0],
  );

  function toggle(key: string): void {
    const next = new Set(chosen.value);
    if (!next.delete(key)) next.add(key);
    chosen.value = next;
    anchor = at.value = key;
  }

  /** From where the last choice was made to here. */
  function reach(key: string): void {
    const from = shown.value.indexOf(anchor ?? here.value ?? key);
    const to = shown.value.indexOf(key);
    if (to < 0) return;
    const start = from < 0 ? to : from;
    const range = shown.value.slice(Math.min(start, to), Math.max(start, to) + 1);
    chosen.value = new Set([...chosen.value, ...range]);
    at.value = key;
  }

  /** By so many places forward or back; `reaching` when the way there is to be chosen. */
  function step(by: number, reaching = false): string | undefined {
    if (!reaching) anchor = undefined;
    else anchor ??= here.value;
    const index = shown.value.indexOf(here.value ?? "");
    const next = Math.min(shown.value.length - 1, Math.max(0, index + by));
    at.value = shown.value[next];
    return at.value;
  }

  return markRaw({
    chosen,
    here,
    toggle,
    reach,
    step,
    go: (key: string) => (anchor = at.value = key),
    all: () => (chosen.value = new Set(shown.value)),
    none(): void {
      chosen.value = new Set();
      anchor = undefined;
    },
  });
}

export type Selection = ReturnType<typeof useSelection>;
