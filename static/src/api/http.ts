import createClient from "openapi-fetch";
import { language } from "@/i18n";
import { ApiProblem, problemFrom } from "./problem";
import type { paths } from "./schema.gen";

export const client = createClient<paths>({ baseUrl: "/", credentials: "same-origin" });

client.use({
  onRequest({ request }) {
    request.headers.set("Accept-Language", language());
    // A header that a cross-site form can't set.
    if (request.method !== "GET") request.headers.set("X-CCSS", "1");
    return request;
  },
});

export interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The data of an answer; throws ApiProblem for refusals and for a server that can't be reached. */
export async function need<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch {
    throw problemFrom(undefined, 0);
  }
  if (!answer.response.ok) throw problemFrom(answer.error, answer.response.status);
  return answer.data as T;
}

const of = (attempt_id: string) => ({ params: { path: { attempt_id } } });

export const api = {
  site: () => need(client.GET("/api/v1/site")),
  demoLogIn: (role: string) => need(client.POST("/api/v1/demo/sessions", { body: { role: role as never } })),
  logIn: (login_name: string, password: string) =>
    need(client.POST("/api/v1/sessions", { body: { login_name, password } })),
  logOut: () => need(client.DELETE("/api/v1/sessions/current")),
  papers: () => need(client.GET("/api/v1/papers")),
  practise: (paper_id: string) => need(client.POST("/api/v1/practice", { body: { paper_id } })),
  history: () => need(client.GET("/api/v1/practice")),
  again: (id: string) => need(client.POST("/api/v1/practice/{attempt_id}/again", of(id))),
  attempt: (id: string) => need(client.GET("/api/v1/attempts/{attempt_id}", of(id))),
  outcome: (id: string) => need(client.GET("/api/v1/attempts/{attempt_id}/outcome", of(id))),
  content: (id: string) => need(client.GET("/api/v1/attempts/{attempt_id}/content", of(id))),
  events: (id: string) => need(client.GET("/api/v1/attempts/{attempt_id}/events", of(id))),
  watch: () => need(client.GET("/api/v1/practice/watch")),
  closeHelp: (id: string) => need(client.POST("/api/v1/attempts/{attempt_id}/help/close", of(id))),
};

export const fileUrl = (attemptId: string, sha256: string): string =>
  `/api/v1/attempts/${encodeURIComponent(attemptId)}/files/${sha256}`;

export { ApiProblem };
