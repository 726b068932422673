import { client, need } from "@/api/http";

export const halls = {
  all: () => need(client.GET("/api/v1/contests")),
  clock: (contest_id: string) =>
    need(client.GET("/api/v1/contests/{contest_id}/clock", { params: { path: { contest_id } } })),
};
