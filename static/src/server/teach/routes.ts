import type { RouteRecordRaw } from "vue-router";

export const teachRoutes: RouteRecordRaw[] = [
  {
    path: "/classes",
    component: () => import("./ClassesPage.vue"),
    meta: { title: "teach.classes.title", messages: ["teach"] },
  },
  {
    path: "/classes/:classId",
    component: () => import("./ClassPage.vue"),
    props: true,
    meta: { title: "teach.class.title", messages: ["teach"] },
  },
  {
    path: "/classes/:classId/lesson",
    component: () => import("./LessonPage.vue"),
    props: true,
    meta: { title: "teach.lesson.title", messages: ["teach"] },
  },
  {
    path: "/classes/:classId/pupils/:accountId",
    component: () => import("./PupilPage.vue"),
    props: true,
    meta: { title: "teach.pupil.title", messages: ["teach"] },
  },
  {
    path: "/papers",
    component: () => import("./PapersPage.vue"),
    meta: { title: "teach.papers.title", messages: ["teach"] },
  },
];
