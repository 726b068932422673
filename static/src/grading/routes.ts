import type { RouteRecordRaw } from "vue-router";

export const gradingRoutes: RouteRecordRaw[] = [
  {
    path: "/grading/:contest?",
    component: () => import("./WorksPage.vue"),
    props: true,
    meta: { title: "grading.title", messages: ["grading"] },
  },
  {
    path: "/grading/:contest/:work",
    component: () => import("./WorkPage.vue"),
    props: true,
    meta: { title: "grading.work.title", messages: ["grading", "replay"] },
  },
];
