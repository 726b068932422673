import type { RouteRecordRaw } from "vue-router";

export const roleRoutes: RouteRecordRaw[] = [
  {
    path: "/role",
    component: () => import("./RolePage.vue"),
    meta: { title: "nav.rolePlay", messages: ["voice"] },
  },
  {
    path: "/role/:attemptId/:callId",
    component: () => import("./RoleCallPage.vue"),
    props: true,
    meta: { title: "nav.rolePlay", messages: ["voice"] },
  },
];
