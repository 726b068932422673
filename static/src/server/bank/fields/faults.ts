import { computed, inject, type ComputedRef, type InjectionKey, type Ref } from "vue";
import type { Fault } from "../model";

/** All faults of the draft. */
export const FOUND: InjectionKey<Ref<readonly Fault[]>> = Symbol("found");

/** The id of the control that a path is mended at. */
export const controlOf = (path: string): string => `v-${path.replaceAll(".", "-")}`;

export const within = (fault: Fault, path: string): boolean =>
  fault.path === path || fault.path.startsWith(`${path}.`);

/** Faults of a field, those of its parts too. */
export function useFaults(path: () => string): ComputedRef<Fault[]> {
  const found = inject(FOUND);
  return computed(() => (found?.value ?? []).filter((fault) => within(fault, path())));
}

export const severeOf = (found: readonly Fault[], path: string): number =>
  found.filter((fault) => fault.severe && within(fault, path)).length;

/** Focuses the control of a path, or of what it is part of; whether there was one. */
export function focusOn(wanted: string): boolean {
  for (let at = wanted; at; at = at.includes(".") ? at.slice(0, at.lastIndexOf(".")) : "") {
    const control = document.getElementById(controlOf(at));
    if (!control) continue;
    control.scrollIntoView?.({ block: "nearest" });
    control.focus();
    return true;
  }
  return false;
}
