import type { ProblemBody } from "./types";

/** A refusal of the server, or "offline" when it could not be reached. */
export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly retry: boolean;
  readonly detail: string;
  /** Every place that is wrong in what was sent. */
  readonly faults: NonNullable<ProblemBody["faults"]>;

  constructor(
    body: Pick<ProblemBody, "code" | "status" | "retry" | "detail"> & Partial<Pick<ProblemBody, "faults">>,
  ) {
    super(`${body.code}: ${body.detail}`);
    this.code = body.code;
    this.status = body.status;
    this.retry = body.retry;
    this.detail = body.detail;
    this.faults = body.faults ?? [];
  }
}

export function problemFrom(error: unknown, status: number): ApiProblem {
  const body = (typeof error === "object" && error !== null ? error : {}) as Partial<ProblemBody>;
  return new ApiProblem({
    code: body.code ?? (status === 0 ? "offline" : `http-${status}`),
    status,
    retry: body.retry ?? status === 0,
    detail: body.detail ?? "",
    faults: body.faults,
  });
}
