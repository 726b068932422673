import type { ProblemBody } from "./types";

/** A refusal of the server, or "offline" when it could not be reached. */
export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly retry: boolean;
  readonly detail: string;

  constructor(body: Pick<ProblemBody, "code" | "status" | "retry" | "detail">) {
    super(`${body.code}: ${body.detail}`);
    this.code = body.code;
    this.status = body.status;
    this.retry = body.retry;
    this.detail = body.detail;
  }
}

export function problemFrom(error: unknown, status: number): ApiProblem {
  const body = (typeof error === "object" && error !== null ? error : {}) as Partial<ProblemBody>;
  return new ApiProblem({
    code: body.code ?? (status === 0 ? "offline" : `http-${status}`),
    status,
    retry: body.retry ?? status === 0,
    detail: body.detail ?? "",
  });
}
