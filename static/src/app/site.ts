import { shallowRef } from "vue";
import { api } from "@/api/http";
import type { Me, Permission, SiteView } from "@/api/types";

/** Which installation this is, and who is logged in. */
export const site = shallowRef<SiteView>();

export async function loadSite(): Promise<SiteView> {
  site.value ??= await api.site();
  return site.value;
}

export function forgetSite(): void {
  site.value = undefined;
}

/** Whether the table of the house allows the one who is logged in any of these; the server asks again. */
export function may(...any: Permission[]): boolean {
  return site.value?.me?.permissions.some((held) => any.includes(held)) ?? false;
}

const HALL: readonly Permission[] = [
  "manage_contest",
  "run_stage",
  "watch_hall",
  "confirm_order",
  "see_results",
];

/** The page that everybody begins on. */
export function homeOf(me: Me): string {
  if (me.contest_id) return "/place";
  const has = (permission: Permission): boolean => me.permissions.includes(permission);
  if (me.role === "scoring_referee" && has("judge_works")) return "/grading";
  if (me.role === "trainer" && has("teach")) return "/classes";
  if (HALL.some(has)) return "/contests";
  if (has("teach")) return "/classes";
  if (has("author_tasks")) return "/bank";
  if (has("practise")) return "/practice";
  return has("see_hall_clock") ? "/clock" : "/practice";
}
