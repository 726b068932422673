import type { RouteRecordRaw } from "vue-router";

export const boardRoutes: RouteRecordRaw[] = [
  {
    path: "/contests/:contestId/run/:stageId?",
    component: () => import("./RunPage.vue"),
    props: true,
    meta: { title: "board.title", messages: ["console", "board", "device", "voice"] },
  },
];
