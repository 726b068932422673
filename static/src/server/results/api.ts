import { client, need } from "@/api/http";
import type { NewCorrection } from "./model";

const of = (stage_id: string) => ({ params: { path: { stage_id } } });

export const resultsApi = {
  contest: (contest_id: string) =>
    need(client.GET("/api/v1/contests/{contest_id}", { params: { path: { contest_id } } })),
  stage: (id: string) => need(client.GET("/api/v1/stages/{stage_id}/results", of(id))),
  work: (stage_id: string, work_code: string) =>
    need(
      client.GET("/api/v1/stages/{stage_id}/works/{work_code}", {
        params: { path: { stage_id, work_code } },
      }),
    ),
  key: (id: string) => need(client.GET("/api/v1/stages/{stage_id}/key", of(id))),
  corrections: (id: string) => need(client.GET("/api/v1/stages/{stage_id}/corrections", of(id))),
  correct: (id: string, body: NewCorrection) =>
    need(client.POST("/api/v1/stages/{stage_id}/corrections", { ...of(id), body })),
};

export const workbookUrl = (stageId: string): string =>
  `/api/v1/stages/${encodeURIComponent(stageId)}/results.xlsx`;
