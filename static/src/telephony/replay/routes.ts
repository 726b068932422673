import type { RouteRecordRaw } from "vue-router";

export const replayRoutes: RouteRecordRaw[] = [
  {
    path: "/replay/:attemptId",
    component: () => import("./ReplayPage.vue"),
    props: true,
    meta: { title: "replay.title", messages: ["replay"] },
  },
];
