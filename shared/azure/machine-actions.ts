import * as z from "zod";
import type { Ask, AzureAnswer, AzureRequest } from "./ask.ts";
import { odataText } from "./odata.ts";
import { understood } from "./understood.ts";

/** An action at a machine, as Defender for Endpoint keeps it: https://learn.microsoft.com/defender-endpoint/api/machineaction */
const MachineAction = z.object({
  id: z.string(),
  type: z.string(),
  status: z.string(),
  machineId: z.string(),
  requestorComment: z.string().nullish(),
  requestor: z.string().nullish(),
  scope: z.string().nullish(),
  cancellationComment: z.string().nullish(),
  creationDateTimeUtc: z.string(),
  relatedFileInfo: z.object({ fileIdentifier: z.string().nullish() }).nullish(),
});
export type MachineAction = z.infer<typeof MachineAction>;

const ActionPage = z.object({ value: z.array(MachineAction), "@odata.nextLink": z.string().optional() });

/** An action that has not ended; for a machine that is switched off that may last three days. */
export function isUnderWay({ status }: MachineAction): boolean {
  return status === "Pending" || status === "InProgress";
}

/** Everything that was asked of a machine and is of one of these types, the newest first. */
export async function machineActions(ask: Ask, machineId: string, types: readonly string[]): Promise<MachineAction[]> {
  const attempt = `read what was asked of the machine ${machineId}`;
  const filter = `machineId eq ${odataText(machineId)}`;
  const answer = await ask({
    service: "endpoint",
    attempt,
    method: "GET",
    path: `/api/machineactions?$filter=${encodeURIComponent(filter)}`,
  });
  const { value } = understood(attempt, answer, ActionPage);
  return value
    .filter((action) => types.includes(action.type) && action.machineId.toLowerCase() === machineId.toLowerCase())
    .sort((a, b) => b.creationDateTimeUtc.localeCompare(a.creationDateTimeUtc));
}

/** Undefined where the service knows no such action. */
export async function machineAction(ask: Ask, id: string): Promise<MachineAction | undefined> {
  const attempt = `read the machine action ${id}`;
  const path = `/api/machineactions/${encodeURIComponent(id)}`;
  const answer = await ask({ service: "endpoint", attempt, method: "GET", path });
  return answer.status === 404 ? undefined : understood(attempt, answer, MachineAction);
}

/** Keys of a body are case-sensitive: https://learn.microsoft.com/defender-endpoint/api/common-errors */
export function requestOfMachine(machineId: string, verb: string, body: { Comment: string }): AzureRequest {
  return {
    service: "endpoint",
    attempt: `ask for ${verb} of the machine ${machineId}`,
    method: "POST",
    path: `/api/machines/${encodeURIComponent(machineId)}/${verb}`,
    body,
  };
}

export function cancellation(actionId: string, comment: string): AzureRequest {
  return {
    service: "endpoint",
    attempt: `cancel the machine action ${actionId}`,
    method: "POST",
    path: `/api/machineactions/${encodeURIComponent(actionId)}/cancel`,
    body: { Comment: comment },
  };
}

/** The id under which the service keeps the action that it answered with. */
export function actionTicket({ body }: AzureAnswer): string | undefined {
  const action = MachineAction.pick({ id: true }).safeParse(body);
  return action.success ? action.data.id : undefined;
}
