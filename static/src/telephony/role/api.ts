import { ApiProblem, client, need } from "@/api/http";
import type { components } from "@/api/schema.gen";

type Schemas = components["schemas"];

export type RoleCallView = Schemas["RoleCallView"];
export type RoleDesk = Schemas["RoleDesk"];
export type RoleCard = Schemas["RoleCard"];
export type RoleAct = Schemas["RoleAct"];
export type DialogOutcome = NonNullable<RoleDesk["outcome"]>;

export const OUTCOMES: readonly DialogOutcome[] = ["deal", "interest", "refusal"];

const of = (attempt_id: string, call_id: string) => ({ params: { path: { attempt_id, call_id } } });

export const roleApi = {
  calls: (): Promise<RoleCallView[]> => need(client.GET("/api/v1/role/calls")),
  desk: (attempt: string, call: string): Promise<RoleDesk> =>
    need(client.GET("/api/v1/role/calls/{attempt_id}/{call_id}", of(attempt, call))),
  connect: (attempt: string, call: string, sdp: string, connection: number) =>
    need(
      client.POST("/api/v1/role/calls/{attempt_id}/{call_id}/connection", {
        ...of(attempt, call),
        body: { sdp, connection },
      }),
    ),
  act: (attempt: string, call: string, body: RoleAct) =>
    need(client.POST("/api/v1/role/calls/{attempt_id}/{call_id}/acts", { ...of(attempt, call), body })),
};

export { ApiProblem };
