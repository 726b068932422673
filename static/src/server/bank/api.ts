import { client, need } from "@/api/http";
import { problemFrom } from "@/api/problem";
import { language } from "@/i18n";
import type { ChangeTask, NewPaper, TaskView } from "./model";

const of = (task_id: string) => ({ params: { path: { task_id } } });
const at = (task_id: string, part: string) => ({ params: { path: { task_id, part } } });

export const bankApi = {
  tasks: (deleted: boolean) => need(client.GET("/api/v1/bank/tasks", { params: { query: { deleted } } })),
  add: (module: string, folder: string, title: string, copy_of: string | null = null) =>
    need(client.POST("/api/v1/bank/tasks", { body: { module, folder, title, copy_of } })),
  task: (id: string) => need(client.GET("/api/v1/bank/tasks/{task_id}", of(id))),
  change: (id: string, body: ChangeTask) =>
    need(client.PATCH("/api/v1/bank/tasks/{task_id}", { ...of(id), body })),
  delete: (task_id: string, seen: number) =>
    need(client.DELETE("/api/v1/bank/tasks/{task_id}", { params: { path: { task_id }, query: { seen } } })),
  undelete: (id: string, seen: number) =>
    need(client.POST("/api/v1/bank/tasks/{task_id}/undelete", { ...of(id), body: { seen } })),
  invent: (id: string, seen: number, part: string) =>
    need(client.POST("/api/v1/bank/tasks/{task_id}/invent", { ...of(id), body: { seen, part } })),
  makeVersion: (id: string, seen: number, note: string) =>
    need(client.POST("/api/v1/bank/tasks/{task_id}/versions", { ...of(id), body: { seen, note } })),
  version: (task_id: string, number: number) =>
    need(
      client.GET("/api/v1/bank/tasks/{task_id}/versions/{number}", { params: { path: { task_id, number } } }),
    ),
  takeVersion: (task_id: string, number: number, seen: number) =>
    need(
      client.POST("/api/v1/bank/tasks/{task_id}/versions/{number}/take", {
        params: { path: { task_id, number } },
        body: { seen },
      }),
    ),
  preview: (id: string) => need(client.GET("/api/v1/bank/tasks/{task_id}/preview", of(id))),
  voices: () => need(client.GET("/api/v1/bank/voices")),
  speak: (id: string, part: string, body: { seen: number; voice: string; speed: number; readings: number }) =>
    need(client.POST("/api/v1/bank/tasks/{task_id}/parts/{part}/speech", { ...at(id, part), body })),
  confirm: (id: string, part: string, seen: number, confirmed: boolean) =>
    need(
      client.POST("/api/v1/bank/tasks/{task_id}/parts/{part}/confirm", {
        ...at(id, part),
        body: { seen, confirmed },
      }),
    ),
  remove: (task_id: string, part: string, seen: number) =>
    need(
      client.DELETE("/api/v1/bank/tasks/{task_id}/parts/{part}/recording", {
        params: { path: { task_id, part }, query: { seen } },
      }),
    ),
  renameFolder: (old: string, folder: string) =>
    need(client.POST("/api/v1/bank/folders/rename", { body: { old, new: folder } })),
  makePaper: (body: NewPaper) => need(client.POST("/api/v1/bank/papers", { body })),
  /** The file itself is the body. */
  import: (file: File, query: { module: string; folder: string; readings: number; check: boolean }) =>
    need(
      client.POST("/api/v1/bank/import", {
        params: { query: { name: file.name, ...query } },
        body: file as never,
        bodySerializer: (body: unknown) => body as Blob,
        headers: { "Content-Type": "application/octet-stream" },
      }),
    ),
};

export const recordingUrl = (taskId: string, part: string, sha256: string): string =>
  `/api/v1/bank/tasks/${encodeURIComponent(taskId)}/parts/${encodeURIComponent(part)}/recording?sha256=${sha256}`;

export const templateUrl = (module: string): string => `/api/v1/bank/template.xlsx?module=${module}`;

export const exportUrl = (kind: "zip" | "xlsx", tasks: readonly string[]): string =>
  `/api/v1/bank/export.${kind}?${tasks.map((id) => `task=${encodeURIComponent(id)}`).join("&")}`;

export interface Sending {
  source: "recorded" | "uploaded";
  readings: number;
  seen: number;
}

/** Hands a recording in; XMLHttpRequest, because fetch tells nothing of how far it is. Throws ApiProblem. */
export function sendRecording(
  taskId: string,
  part: string,
  sound: Blob,
  { source, readings, seen }: Sending,
  progress: (share: number) => void,
): Promise<TaskView> {
  const query = new URLSearchParams({ source, readings: `${readings}`, seen: `${seen}` });
  const path = `/api/v1/bank/tasks/${encodeURIComponent(taskId)}/parts/${encodeURIComponent(part)}/recording`;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", `${path}?${query}`);
    request.responseType = "json";
    request.setRequestHeader("Accept-Language", language());
    request.setRequestHeader("X-CCSS", "1");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.onerror = () => reject(problemFrom(undefined, 0));
    request.onload = () =>
      request.status < 400
        ? resolve(request.response as TaskView)
        : reject(problemFrom(request.response, request.status));
    request.send(sound);
  });
}
