import type { RouteRecordRaw } from "vue-router";

export const resultsRoutes: RouteRecordRaw[] = [
  {
    path: "/contests/:contestId/results/:stageId?",
    component: () => import("./ResultsPage.vue"),
    props: true,
    meta: { title: "results.title", messages: ["results"] },
  },
  {
    path: "/contests/:contestId/results/:stageId/key",
    component: () => import("./KeyPage.vue"),
    props: true,
    meta: { title: "results.key.title", messages: ["results"] },
  },
  {
    path: "/contests/:contestId/results/:stageId/:workCode",
    component: () => import("./WorkPage.vue"),
    props: true,
    meta: { title: "results.work.title", messages: ["results"] },
  },
];
