import { randomUUID } from "node:crypto";
import type { EndpointState } from "./endpoint-state.ts";

/** An action at a machine as `GET /api/machineactions/{id}` gives it, without the times of its progress. */
export interface SimulatedAction {
  id: string;
  type: ActionType;
  scope: string | null;
  requestor: string;
  requestorComment: string;
  status: "Pending" | "InProgress" | "Succeeded" | "Failed" | "TimeOut" | "Cancelled";
  machineId: string;
  computerDnsName: string | null;
  createdAt: number;
  updatedAt: number;
  requestSource: "PublicApi" | "Portal";
  sha1?: string;
  errorHResult: number;
  cancellation?: { requestor: string; comment: string; at: number };
}

export type ActionType =
  | "Isolate"
  | "Unisolate"
  | "RestrictCodeExecution"
  | "UnrestrictCodeExecution"
  | "RunAntiVirusScan"
  | "CollectInvestigationPackage"
  | "StopAndQuarantineFile";

/** Recorded: an online machine releases within two seconds and scans within half a minute; the others are guesses of that order. */
const takesMs: Readonly<Record<ActionType, number>> = {
  Isolate: 4_000,
  Unisolate: 2_000,
  RestrictCodeExecution: 3_000,
  UnrestrictCodeExecution: 3_000,
  RunAntiVirusScan: 23_000,
  CollectInvestigationPackage: 8_000,
  StopAndQuarantineFile: 5_000,
};
/** "Retried for up to three days": https://learn.microsoft.com/defender-endpoint/respond-machine-alerts */
const threeDays = 3 * 24 * 3_600_000;
/** 0x80190198 and 0x80004004, as recorded answers have them. */
const timedOut = -2145844840;
const aborted = -2147467260;

/** Lets everything happen that has happened by now: one action after another at each machine, in the order of their asking. */
export function bringActionsUpToDate(state: EndpointState, now: Date): void {
  for (const action of state.actions) {
    if (action.status !== "Pending" && action.status !== "InProgress") continue;
    if (state.offline.has(action.machineId)) {
      if (now.getTime() - action.createdAt >= threeDays) end(action, "TimeOut", action.createdAt + threeDays, timedOut);
      continue;
    }
    const begins = Math.max(
      action.createdAt,
      endOfThoseBefore(state, action),
      state.onlineSince.get(action.machineId) ?? 0,
    );
    const ends = begins + takesMs[action.type];
    if (now.getTime() >= ends) end(action, "Succeeded", ends, 0);
    else if (now.getTime() >= begins + 1_000) action.status = "InProgress";
  }
}

function endOfThoseBefore({ actions }: EndpointState, action: SimulatedAction): number {
  const before = actions.slice(0, actions.indexOf(action)).filter(({ machineId }) => machineId === action.machineId);
  return Math.max(0, ...before.map(({ updatedAt }) => updatedAt));
}

function end(action: SimulatedAction, status: SimulatedAction["status"], at: number, errorHResult: number): void {
  Object.assign(action, { status, updatedAt: at, errorHResult });
}

export interface AskedAction {
  machineId: string;
  type: ActionType;
  comment: string;
  requestor: string;
  requestSource?: SimulatedAction["requestSource"];
  scope?: string;
  sha1?: string;
}

export function addAction(state: EndpointState, now: Date, asked: AskedAction): SimulatedAction {
  const { machineId, type, comment, requestor, requestSource = "PublicApi", scope = null, sha1 } = asked;
  const machine = state.machines.find(({ id }) => id === machineId);
  const action: SimulatedAction = {
    id: randomUUID(),
    type,
    scope,
    requestor,
    requestorComment: comment,
    status: "Pending",
    machineId,
    computerDnsName: machine?.computerDnsName ?? null,
    createdAt: now.getTime(),
    updatedAt: now.getTime(),
    requestSource,
    errorHResult: 0,
    ...(sha1 === undefined ? {} : { sha1 }),
  };
  state.actions.push(action);
  return action;
}

/** What a person does in the portal; the product has to respect it. */
export function actAsPerson(state: EndpointState, now: Date, asked: Omit<AskedAction, "requestor" | "requestSource">) {
  return addAction(state, now, { ...asked, requestor: "analyst@contoso.example", requestSource: "Portal" });
}

export function cancelAction(action: SimulatedAction, now: Date, requestor: string, comment: string): void {
  end(action, "Cancelled", now.getTime(), aborted);
  action.cancellation = { requestor, comment, at: now.getTime() };
}

/** Whether the network of a machine is cut, by the actions that succeeded. */
export function isolationOf(state: EndpointState, machineId: string, now: Date): "none" | "Full" | "Selective" {
  const last = lastSucceeded(state, machineId, ["Isolate", "Unisolate"], now);
  return last?.type === "Isolate" ? (last.scope === "Selective" ? "Selective" : "Full") : "none";
}

export function isRestricted(state: EndpointState, machineId: string, now: Date): boolean {
  return (
    lastSucceeded(state, machineId, ["RestrictCodeExecution", "UnrestrictCodeExecution"], now)?.type ===
    "RestrictCodeExecution"
  );
}

export function succeededAt(state: EndpointState, machineId: string, type: ActionType, now: Date): number[] {
  bringActionsUpToDate(state, now);
  return state.actions
    .filter((one) => one.machineId === machineId && one.type === type && one.status === "Succeeded")
    .map(({ updatedAt }) => updatedAt);
}

/** Defender's own cloud is reached from an isolated machine as well. */
export function machineFlow(
  state: EndpointState,
  machineId: string,
  destination: "defender" | "outlook" | "anywhere",
  now: Date,
): "allowed" | "blocked" {
  const isolation = isolationOf(state, machineId, now);
  if (isolation === "none" || destination === "defender") return "allowed";
  return isolation === "Selective" && destination === "outlook" ? "allowed" : "blocked";
}

function lastSucceeded(state: EndpointState, machineId: string, types: readonly ActionType[], now: Date) {
  bringActionsUpToDate(state, now);
  return state.actions
    .filter((one) => one.machineId === machineId && types.includes(one.type) && one.status === "Succeeded")
    .sort((a, b) => a.updatedAt - b.updatedAt)
    .at(-1);
}

/** With the fields that recorded answers have. */
export function presentAction(action: SimulatedAction, origin: string) {
  const { createdAt, updatedAt, sha1, cancellation, ...shown } = action;
  return {
    "@odata.context": `${origin}/api/$metadata#MachineActions/$entity`,
    ...shown,
    title: null,
    creationDateTimeUtc: new Date(createdAt).toISOString(),
    lastUpdateDateTimeUtc: new Date(updatedAt).toISOString(),
    cancellationRequestor: cancellation?.requestor ?? null,
    cancellationComment: cancellation?.comment ?? null,
    cancellationDateTimeUtc: cancellation ? new Date(cancellation.at).toISOString() : null,
    externalId: null,
    relatedFileInfo: sha1 === undefined ? null : { fileIdentifier: sha1, fileIdentifierType: "Sha1" },
    commands: [],
    troubleshootInfo: null,
  };
}
