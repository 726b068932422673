import type { RouteRecordRaw } from "vue-router";

export const printRoutes: RouteRecordRaw[] = [
  {
    path: "/places/print",
    component: () => import("./PlacesPrint.vue"),
    meta: { title: "print.title", messages: ["print"] },
  },
  {
    path: "/classes/:classId/print",
    component: () => import("./ClassPrint.vue"),
    props: true,
    meta: { title: "print.title", messages: ["print"] },
  },
];
