import { shallowRef, type ShallowRef } from "vue";
import { client, need } from "@/api/http";
import type { components } from "@/api/schema.gen";

export type Formula = components["schemas"]["Formula"];

const known: ShallowRef<ReadonlyMap<string, Formula> | undefined> = shallowRef();
let coming: Promise<void> | undefined;

/** What formula ids stand for; asked for once. Without them a figure still has its id. */
export function useFormulas(): ShallowRef<ReadonlyMap<string, Formula> | undefined> {
  coming ??= need(client.GET("/api/v1/formulas")).then(
    (list) => void (known.value = new Map(list.map((one) => [one.id, one]))),
    () => {
      coming = undefined;
    },
  );
  return known;
}
