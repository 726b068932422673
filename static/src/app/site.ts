import { shallowRef } from "vue";
import { api } from "@/api/http";
import type { Role, SiteView } from "@/api/types";

/** Which installation this is, and who is logged in. */
export const site = shallowRef<SiteView>();

export async function loadSite(): Promise<SiteView> {
  site.value ??= await api.site();
  return site.value;
}

export function forgetSite(): void {
  site.value = undefined;
}

export const homeOf = (role: Role): string => (role === "contestant" ? "/practice" : "/watch");
