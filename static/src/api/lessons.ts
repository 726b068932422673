import { client, need } from "./http";
import type { components } from "./schema.gen";

export type PupilLogIn = components["schemas"]["PupilLogIn"];

export const lessons = {
  /** The attempt in a lesson that goes on; null if there is none. */
  mine: () => need(client.GET("/api/v1/lessons/mine")),
  logIn: (body: PupilLogIn) => need(client.POST("/api/v1/pupil-sessions", { body })),
};
