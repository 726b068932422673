import { client, need } from "@/api/http";
import type { Text } from "@/api/types";

export interface PlanMessage {
  at_ms: number;
  text: string;
  cause: string;
}

export interface PlanCustomer {
  id: string;
  name: string;
  profile: string;
  arrives_ms: number;
  think_ms: number;
  typing_ms: number;
  patience_ms: number;
  nudges: number;
  needs: string[];
  buys: boolean;
  messages: PlanMessage[];
}

export interface FairPlan {
  kind: "chat";
  title: Text;
  duration_ms: number;
  content_sha256: string;
  plan_sha256: string;
  most_open: number;
  customers: PlanCustomer[];
}

/** The plan of a task's draft, or of a paper; throws ApiProblem. */
export async function planOf(of: { task: string } | { paper: string }): Promise<FairPlan> {
  const found =
    "task" in of
      ? await need(
          client.GET("/api/v1/bank/tasks/{task_id}/plan", { params: { path: { task_id: of.task } } }),
        )
      : await need(
          client.GET("/api/v1/bank/papers/{paper_id}/plan", { params: { path: { paper_id: of.paper } } }),
        );
  return found as unknown as FairPlan;
}

/** Rows of a sheet of A4 below its head. */
export const ROWS = 30;

export type Row =
  | { kind: "customer"; customer: PlanCustomer; n: number }
  | { kind: "message"; message: PlanMessage; name: string };

/** First every arrival in order, then every message of the silent run by its time. */
export function rowsOf({ customers }: FairPlan): { arrivals: Row[]; messages: Row[] } {
  const arrivals = customers.map((customer, index): Row => ({ kind: "customer", customer, n: index + 1 }));
  const messages = customers
    .flatMap(({ name, messages }) => messages.map((message): Row => ({ kind: "message", message, name })))
    .sort((a, b) => (a.kind === "message" && b.kind === "message" ? a.message.at_ms - b.message.at_ms : 0));
  return { arrivals, messages };
}
