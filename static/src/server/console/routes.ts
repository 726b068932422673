import type { RouteRecordRaw } from "vue-router";

export const consoleRoutes: RouteRecordRaw[] = [
  {
    path: "/contests",
    component: () => import("./ContestsPage.vue"),
    meta: { title: "console.contests", messages: ["console"] },
  },
  {
    path: "/contests/:contestId",
    component: () => import("./ContestPage.vue"),
    props: true,
    meta: { title: "console.contests", messages: ["console"] },
    children: [
      { path: "", component: () => import("./TimetableTab.vue"), meta: { title: "console.tab.timetable" } },
      { path: "roster", component: () => import("./RosterTab.vue"), meta: { title: "console.tab.roster" } },
      {
        path: "placements",
        component: () => import("./PlacementsTab.vue"),
        meta: { title: "console.tab.placements", messages: ["console", "board"] },
      },
      {
        path: "announcements",
        component: () => import("./AnnouncementsTab.vue"),
        meta: { title: "console.tab.announcements" },
      },
      {
        path: "print",
        component: () => import("@/server/print/ContestPrint.vue"),
        meta: { title: "print.title", messages: ["console", "print"] },
      },
      { path: "acts", component: () => import("./ActsTab.vue"), meta: { title: "console.tab.acts" } },
    ],
  },
  {
    path: "/places",
    component: () => import("./PlacesPage.vue"),
    meta: { title: "console.places", messages: ["console"] },
  },
  {
    path: "/people",
    component: () => import("./PeoplePage.vue"),
    meta: { title: "console.people", messages: ["console"] },
  },
  {
    path: "/me",
    component: () => import("./MePage.vue"),
    meta: { title: "console.me", messages: ["console"] },
  },
];
