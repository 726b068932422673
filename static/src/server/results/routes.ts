import type { RouteRecordRaw } from "vue-router";

const messages = ["results"];

export const resultsRoutes: RouteRecordRaw[] = [
  {
    path: "/contests/:contestId/results/:stageId?",
    component: () => import("./ResultsPage.vue"),
    props: true,
    meta: { title: "results.title", messages },
  },
  {
    path: "/contests/:contestId/results/:stageId/key",
    component: () => import("./KeyPage.vue"),
    props: true,
    meta: { title: "results.key.title", messages },
  },
  {
    path: "/contests/:contestId/results/:stageId/:workCode",
    component: () => import("./WorkPage.vue"),
    props: true,
    meta: { title: "results.work.title", messages },
  },
];
