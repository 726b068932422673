import type { RouteRecordRaw } from "vue-router";

export const bankRoutes: RouteRecordRaw[] = [
  {
    path: "/bank",
    component: () => import("./BankPage.vue"),
    meta: { title: "nav.bank", messages: ["bank"] },
  },
  {
    path: "/bank/:taskId",
    component: () => import("./TaskPage.vue"),
    props: true,
    meta: { title: "nav.bank", messages: ["bank", "author", "author_telephony", "author_chat"] },
  },
  {
    path: "/bank/:taskId/preview",
    component: () => import("./PreviewPage.vue"),
    props: true,
    meta: { title: "nav.bank", messages: ["bank", "author_telephony", "author_chat"] },
  },
  {
    path: "/bank/:taskId/plan",
    component: () => import("@/chat_sim/author/PlanPrint.vue"),
    props: true,
    meta: { title: "nav.bank", messages: ["bank", "print", "author_chat"] },
  },
  {
    path: "/papers/:paperId/plan",
    component: () => import("@/chat_sim/author/PlanPrint.vue"),
    props: true,
    meta: { title: "nav.bank", messages: ["bank", "print", "author_chat"] },
  },
];
