import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from "vue";
import { ApiProblem } from "@/api/http";
import { hallApi, type OrderView } from "@/server/console/api";
import { pendingOf } from "./orders";
import { passes, type BoardRow, type Filter } from "./store";

const POLL_MS = 2_000;

/** Orders that wait, fetched every 2 seconds and whenever somebody has acted. */
export function useOrders(contestId: string, revision: Readonly<Ref<number>>, wanted: () => boolean) {
  const orders = shallowRef<readonly OrderView[]>([]);
  const failing = ref(false);

  async function load(): Promise<void> {
    if (!wanted()) return;
    try {
      orders.value = await hallApi.orders(contestId);
      failing.value = false;
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      failing.value = true;
    }
  }

  watch(revision, () => void load(), { immediate: true });
  const timer = setInterval(() => document.visibilityState === "visible" && void load(), POLL_MS);
  onScopeDispose(() => clearInterval(timer));
  return { orders, pending: computed(() => pendingOf(orders.value)), failing, load };
}

export interface RoomKeys {
  room: string;
  keys: string[];
}

/** The places that pass the filter, by room; the same object as long as they are the same. */
export function useShown(rows: Readonly<Ref<readonly BoardRow[]>>, filter: Ref<Filter>) {
  const shown = computed(() => rows.value.filter((row) => passes(row, filter.value)));
  let signature = "";
  const rooms = computed((before?: RoomKeys[]): RoomKeys[] => {
    const next = shown.value.map((row) => `${row.room}\n${row.key}`).join("\n\n");
    if (before && next === signature) return before;
    signature = next;
    const groups = new Map<string, string[]>();
    for (const { room, key } of shown.value) {
      const group = groups.get(room);
      if (group) group.push(key);
      else groups.set(room, [key]);
    }
    return [...groups].map(([room, keys]) => ({ room, keys }));
  });
  return { shown, rooms, keys: computed(() => rooms.value.flatMap((group) => group.keys)) };
}
