import { ApiProblem, client, need } from "@/api/http";
import { problemFrom } from "@/api/problem";
import type { components } from "@/api/schema.gen";

type Schemas = components["schemas"];

export type ReplayView = Schemas["ReplayView"];
export type RecordingView = Schemas["RecordingView"];
export type Marker = Schemas["Marker"];
export type Stretch = Schemas["Stretch"];
export type Measure = Schemas["Measure"];
export type Peaks = Schemas["Peaks"];
export type CommentView = Schemas["CommentView"];
export type NewComment = Schemas["NewComment"];
export type ModelAnswer = Schemas["ModelAnswer"];

const of = (recording_id: string) => ({ params: { path: { recording_id } } });

export const replayApi = {
  replay: (attempt_id: string): Promise<ReplayView> =>
    need(client.GET("/api/v1/attempts/{attempt_id}/replay", { params: { path: { attempt_id } } })),
  comments: (id: string): Promise<CommentView[]> =>
    need(client.GET("/api/v1/recordings/{recording_id}/comments", of(id))),
  comment: (id: string, body: NewComment) =>
    need(client.POST("/api/v1/recordings/{recording_id}/comments", { ...of(id), body })),
  uncomment: (recording_id: string, comment_id: string) =>
    need(
      client.DELETE("/api/v1/recordings/{recording_id}/comments/{comment_id}", {
        params: { path: { recording_id, comment_id } },
      }),
    ),
};

/** Peaks made by the server, wherever they lie; throws ApiProblem. */
export async function loadPeaks(url: string): Promise<Peaks> {
  let answer: Response;
  try {
    answer = await fetch(url, { credentials: "same-origin" });
  } catch {
    throw problemFrom(undefined, 0);
  }
  const body: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok || body === undefined) throw problemFrom(body, answer.ok ? 500 : answer.status);
  return body as Peaks;
}

export { ApiProblem };
