import type { RouteRecordRaw } from "vue-router";

const messages = ["teach"];

export const teachRoutes: RouteRecordRaw[] = [
  {
    path: "/classes",
    component: () => import("./ClassesPage.vue"),
    meta: { title: "teach.classes.title", messages },
  },
  {
    path: "/classes/:classId",
    component: () => import("./ClassPage.vue"),
    props: true,
    meta: { title: "teach.class.title", messages },
  },
  {
    path: "/classes/:classId/lesson",
    component: () => import("./LessonPage.vue"),
    props: true,
    meta: { title: "teach.lesson.title", messages },
  },
  {
    path: "/classes/:classId/pupils/:accountId",
    component: () => import("./PupilPage.vue"),
    props: true,
    meta: { title: "teach.pupil.title", messages },
  },
  {
    path: "/papers",
    component: () => import("./PapersPage.vue"),
    meta: { title: "teach.papers.title", messages },
  },
];
