import { client, need } from "@/api/http";
import type { components } from "@/api/schema.gen";

type Schemas = components["schemas"];

export type ContestBrief = Schemas["ContestBrief"];
export type StageBrief = Schemas["StageBrief"];
export type WorkBrief = Schemas["WorkBrief"];
export type Dossier = Schemas["Dossier"];
export type EvidenceFile = Schemas["EvidenceFile"];

export const gradingApi = {
  contests: () => need(client.GET("/api/v1/grading/contests")),
  arrears: () => need(client.GET("/api/v1/grading/arrears")),
  works: (contest_code: string) =>
    need(client.GET("/api/v1/grading/contests/{contest_code}/works", { params: { path: { contest_code } } })),
  work: (work_code: string) =>
    need(client.GET("/api/v1/grading/works/{work_code}", { params: { path: { work_code } } })),
};

export const evidenceUrl = (workCode: string, sha256: string): string =>
  `/api/v1/grading/works/${encodeURIComponent(workCode)}/evidence/${sha256}`;

export interface KeyLine {
  path: string;
  title: Dossier["module_title"];
  accepted: string[];
}

/** The task as the contestant saw it, with its key: a file of evidence. */
export async function loadKey(workCode: string, sha256: string): Promise<KeyLine[]> {
  const answer = await fetch(evidenceUrl(workCode, sha256), { credentials: "same-origin" });
  if (!answer.ok) throw new Error(`task: ${answer.status}`);
  return ((await answer.json()) as { key: KeyLine[] }).key;
}
