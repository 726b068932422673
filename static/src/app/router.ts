import { ref } from "vue";
import { createRouter, createWebHistory, type RouteLocationNormalized } from "vue-router";
import { boardRoutes } from "@/agents/board/routes";
import { loadMessages, translate } from "@/i18n";
import { bankRoutes } from "@/server/bank/routes";
import { consoleRoutes } from "@/server/console/routes";
import { gradingRoutes } from "@/grading/routes";
import { printRoutes } from "@/server/print/routes";
import { resultsRoutes } from "@/server/results/routes";
import { teachRoutes } from "@/server/teach/routes";
import { replayRoutes } from "@/telephony/replay/routes";
import { roleRoutes } from "@/telephony/role/routes";
import { loadSite } from "./site";

declare module "vue-router" {
  interface RouteMeta {
    title: string;
    open?: boolean;
    /** Parts of the texts (src/i18n/parts) that must be there before the page is shown, besides `pages`. */
    messages?: string[];
    /** A screen of its own, without the header: needs no texts of `pages`. */
    bare?: boolean;
  }
}

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    {
      path: "/",
      component: () => import("@/server/DemoPage.vue"),
      meta: { title: "title.home", open: true },
    },
    {
      path: "/practice",
      component: () => import("@/server/PracticePage.vue"),
      meta: { title: "nav.practice" },
    },
    {
      path: "/trust",
      component: () => import("./trust/TrustPage.vue"),
      meta: { title: "title.trust", open: true, bare: true, messages: ["trust"] },
    },
    {
      path: "/watch",
      component: () => import("@/server/WatchPage.vue"),
      meta: { title: "nav.watch", messages: ["voice"] },
    },
    {
      path: "/place/:seatId?",
      component: () => import("@/agents/place/PlacePage.vue"),
      props: true,
      meta: { title: "title.place", open: true, bare: true, messages: ["place"] },
    },
    {
      path: "/clock/:contestId?",
      component: () => import("@/agents/clock/ClockPage.vue"),
      props: true,
      meta: { title: "title.clock", bare: true, messages: ["clock"] },
    },
    {
      path: "/desk/:attemptId",
      component: () => import("@/exam/DeskPage.vue"),
      props: true,
      // The desk must come up with the server away: its wire finds out who is there.
      meta: { title: "title.desk", open: true, bare: true },
    },
    {
      path: "/result/:attemptId",
      component: () => import("@/server/ResultPage.vue"),
      props: true,
      meta: { title: "title.result", messages: ["device", "voice"] },
    },
    ...consoleRoutes,
    ...boardRoutes,
    ...teachRoutes,
    ...bankRoutes,
    ...resultsRoutes,
    ...gradingRoutes,
    ...printRoutes,
    ...replayRoutes,
    ...roleRoutes,
    {
      path: "/:rest(.*)*",
      component: () => import("@/server/LostPage.vue"),
      meta: { title: "title.lost", open: true },
    },
  ],
});

const textsFor = ({ meta }: RouteLocationNormalized): Promise<void> =>
  loadMessages(...(meta.bare ? [] : ["pages"]), ...(meta.messages ?? []));

router.beforeEach(async (to) => {
  // They come while the page's own chunk does; a failure shows below.
  textsFor(to).catch(() => undefined);
  if (to.meta.open) return true;
  const site = await loadSite().catch(() => undefined);
  if (site && !site.me) return { path: "/", query: { next: to.fullPath } };
  return true;
});

router.beforeResolve(textsFor);

/** A part of the pages did not come: they were replaced by newer ones, or the server is away. */
export const outdated = ref(false);
const failed = (): void => void (outdated.value = true);
router.onError(failed);
addEventListener("vite:preloadError", failed);

router.afterEach((to) => {
  outdated.value = false;
  document.title = `${translate(to.meta.title)} · CCSS`;
});
