import { client, need } from "@/api/http";
import type { NewLesson } from "./model";

const of = (class_id: string) => ({ params: { path: { class_id } } });

/** How far the server's clock is ahead of ours (ms), to the second, by the date of its last answer about papers. */
let ahead = 0;

async function shelf() {
  const call = client.GET("/api/v1/paper-shelf");
  const papers = await need(call);
  const date = Date.parse((await call).response.headers.get("Date") ?? "");
  if (!Number.isNaN(date)) ahead = date - Date.now();
  return papers;
}

export const serverNow = (): number => Date.now() + ahead;

export const teachApi = {
  classes: () => need(client.GET("/api/v1/classes")),
  create: (title: string) => need(client.POST("/api/v1/classes", { body: { title } })),
  rename: (id: string, title: string) =>
    need(client.PATCH("/api/v1/classes/{class_id}", { ...of(id), body: { title, new_code: false } })),
  openRegistration: (id: string, registration: boolean) =>
    need(client.PATCH("/api/v1/classes/{class_id}", { ...of(id), body: { registration, new_code: false } })),
  newCode: (id: string) =>
    need(client.PATCH("/api/v1/classes/{class_id}", { ...of(id), body: { new_code: true } })),
  /** The file itself is the body. */
  importPupils: (class_id: string, file: File, dry_run: boolean) =>
    need(
      client.POST("/api/v1/classes/{class_id}/pupils", {
        params: { path: { class_id }, query: { name: file.name, dry_run } },
        body: file as never,
        bodySerializer: (body: unknown) => body as Blob,
        headers: { "Content-Type": "application/octet-stream" },
      }),
    ),
  forgetPassword: (class_id: string, account_id: string) =>
    need(
      client.POST("/api/v1/classes/{class_id}/pupils/{account_id}/forget-password", {
        params: { path: { class_id, account_id } },
      }),
    ),
  history: (id: string) => need(client.GET("/api/v1/classes/{class_id}/history", of(id))),
  contests: () => need(client.GET("/api/v1/contests")),
  offers: () => need(client.GET("/api/v1/lesson-offers")),
  startLesson: (id: string, body: NewLesson) =>
    need(client.POST("/api/v1/classes/{class_id}/lessons", { ...of(id), body })),
  shelf,
  publish: (paper_id: string, visible_from_ms: number | null) =>
    need(
      client.PATCH("/api/v1/papers/{paper_id}", {
        params: { path: { paper_id } },
        body: { visible_from_ms },
      }),
    ),
};

export const PUPILS_TEMPLATE = "/api/v1/pupils-template.xlsx";
