import { ref } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import { translate } from "@/i18n";
import { loadSite } from "./site";

declare module "vue-router" {
  interface RouteMeta {
    title: string;
    open?: boolean;
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
    { path: "/watch", component: () => import("@/server/WatchPage.vue"), meta: { title: "nav.watch" } },
    {
      path: "/desk/:attemptId",
      component: () => import("@/exam/DeskPage.vue"),
      props: true,
      // The desk must come up with the server away: its wire finds out who is there.
      meta: { title: "title.desk", open: true },
    },
    {
      path: "/result/:attemptId",
      component: () => import("@/server/ResultPage.vue"),
      props: true,
      meta: { title: "title.result" },
    },
    {
      path: "/:rest(.*)*",
      component: () => import("@/server/LostPage.vue"),
      meta: { title: "title.lost", open: true },
    },
  ],
});

router.beforeEach(async (to) => {
  if (to.meta.open) return true;
  const site = await loadSite().catch(() => undefined);
  if (site && !site.me) return { path: "/", query: { next: to.fullPath } };
  return true;
});

/** A part of the pages did not come: they were replaced by newer ones, or the server is away. */
export const outdated = ref(false);
const failed = (): void => void (outdated.value = true);
router.onError(failed);
addEventListener("vite:preloadError", failed);

router.afterEach((to) => {
  outdated.value = false;
  document.title = `${translate(to.meta.title)} · CCSS`;
});
