import * as z from "zod";
import type { HostAnswer } from "../simulated-host.ts";
import { fail } from "./endpoint-failure.ts";
import { endpointOrigin } from "./endpoint-origin.ts";
import type { EndpointRoute } from "./endpoint-route.ts";
import type { EndpointState } from "./endpoint-state.ts";
import { parseEqualityFilter } from "./equality-filter.ts";
import {
  type ActionType,
  addAction,
  bringActionsUpToDate,
  cancelAction,
  presentAction,
  type SimulatedAction,
} from "./machine-actions.ts";

interface Verb {
  verb: string;
  type: ActionType;
  permission: string;
  /** The parameter besides the comment, in the service's own letter case. */
  parameter?: { name: string; values: readonly string[] | RegExp; required: boolean };
  platforms?: RegExp;
}

/** https://learn.microsoft.com/defender-endpoint/api/machineaction */
const verbs: readonly Verb[] = [
  {
    verb: "isolate",
    type: "Isolate",
    permission: "Machine.Isolate",
    parameter: { name: "IsolationType", values: ["Full", "Selective", "UnManagedDevice"], required: true },
  },
  { verb: "unisolate", type: "Unisolate", permission: "Machine.Isolate" },
  {
    verb: "restrictCodeExecution",
    type: "RestrictCodeExecution",
    permission: "Machine.RestrictExecution",
    platforms: /^Windows/,
  },
  {
    verb: "unrestrictCodeExecution",
    type: "UnrestrictCodeExecution",
    permission: "Machine.RestrictExecution",
    platforms: /^Windows/,
  },
  {
    verb: "runAntiVirusScan",
    type: "RunAntiVirusScan",
    permission: "Machine.Scan",
    parameter: { name: "ScanType", values: ["Quick", "Full"], required: true },
  },
  {
    verb: "collectInvestigationPackage",
    type: "CollectInvestigationPackage",
    permission: "Machine.CollectForensics",
  },
  {
    verb: "StopAndQuarantineFile",
    type: "StopAndQuarantineFile",
    permission: "Machine.StopAndQuarantine",
    parameter: { name: "Sha1", values: /^[0-9a-f]{40}$/i, required: true },
  },
];

const Comment = z.looseObject({ Comment: z.string().min(1) });

/**
 * Actions at machines. Not played: offboarding, live response, the package's address, what Defender for Servers Plan 1 lacks, and the
 * permission to cancel by its kind: any one of those that ask for actions does.
 */
export const actionRoutes: readonly EndpointRoute[] = [
  ...verbs.map(
    (verb): EndpointRoute => ({
      operation: `Endpoint_${verb.type}`,
      method: "POST",
      path: new RegExp(`^/api(?:/v1\\.0)?/machines/([\\w.-]+)/${verb.verb}$`, "i"),
      permissions: [verb.permission],
      answer: ({ id, body, state, now, caller }) => ask(verb, id, body, state, now, caller),
    }),
  ),
  {
    operation: "Endpoint_GetMachineAction",
    method: "GET",
    path: /^\/api(?:\/v1\.0)?\/machineactions\/([\w-]+)$/i,
    permissions: ["Machine.Read.All"],
    answer({ id, state, now }) {
      bringActionsUpToDate(state, now);
      const action = state.actions.find((one) => one.id === id);
      return action ? shown(200, action) : fail(404, "ResourceNotFound", `Machine action ${id} was not found`);
    },
  },
  {
    operation: "Endpoint_ListMachineActions",
    method: "GET",
    path: /^\/api(?:\/v1\.0)?\/machineactions$/i,
    permissions: ["Machine.Read.All"],
    answer({ query, state, now }) {
      bringActionsUpToDate(state, now);
      const test = parseEqualityFilter<SimulatedAction>(query.get("$filter"), {
        status: ({ status }) => status,
        machineId: ({ machineId }) => machineId,
        type: ({ type }) => type,
        requestor: ({ requestor }) => requestor,
      });
      const value = state.actions.filter(test).map((action) => presentAction(action, endpointOrigin));
      return { status: 200, body: { "@odata.context": `${endpointOrigin}/api/$metadata#MachineActions`, value } };
    },
  },
  {
    operation: "Endpoint_CancelMachineAction",
    method: "POST",
    path: /^\/api(?:\/v1\.0)?\/machineactions\/([\w-]+)\/cancel$/i,
    permissions: [...new Set(verbs.map(({ permission }) => permission))],
    answer({ id, body, state, now, caller }) {
      bringActionsUpToDate(state, now);
      const comment = Comment.safeParse(body);
      if (!comment.success) return missing("Comment");
      const action = state.actions.find((one) => one.id === id);
      if (!action) return fail(404, "ResourceNotFound", `Machine action ${id} was not found`);
      if (action.status !== "Pending" && action.status !== "InProgress")
        return fail(400, "BadRequest", `The action is ${action.status} and cannot be cancelled.`);
      cancelAction(action, now, caller, comment.data.Comment);
      return shown(200, action);
    },
  },
];

function ask(
  { type, parameter, platforms }: Verb,
  id: string,
  body: unknown,
  state: EndpointState,
  now: Date,
  requestor: string,
): HostAnswer {
  bringActionsUpToDate(state, now);
  const read = Comment.safeParse(body);
  if (!read.success) return missing("Comment");
  const value = parameter && read.data[parameter.name];
  if (parameter && value === undefined) return missing(parameter.name);
  if (parameter && !fits(parameter.values, value)) {
    return type === "StopAndQuarantineFile"
      ? fail(400, "InvalidHashValue", "The hash value is invalid; a SHA-1 is wanted.")
      : fail(400, "InvalidInput", `${parameter.name} is invalid.`);
  }
  const machine = state.machines.find((one) => one.id === id.toLowerCase());
  if (!machine) return fail(404, "ResourceNotFound", `Machine ${id} was not found`);
  if (platforms && !platforms.test(machine.osPlatform))
    return fail(400, "OsPlatformNotSupported", `${machine.osPlatform} does not support this action.`);
  if (type === "Isolate" && value === "Selective" && /^Linux|Ubuntu|RedHat/i.test(machine.osPlatform))
    return fail(400, "OsPlatformNotSupported", "Selective isolation is for Windows and macOS.");

  const same = state.actions.find(
    (one) =>
      one.machineId === machine.id && one.type === type && (one.status === "Pending" || one.status === "InProgress"),
  );
  if (same) return duplicate(same, state);
  const details =
    type === "StopAndQuarantineFile" ? { sha1: String(value) } : value === undefined ? {} : { scope: String(value) };
  return shown(
    201,
    addAction(state, now, { machineId: machine.id, type, comment: read.data.Comment, requestor, ...details }),
  );
}

/** Both answers are documented, and which of them comes depends on the time. A second package is always refused. */
function duplicate(same: SimulatedAction, state: EndpointState): HostAnswer {
  state.duplicates++;
  const refuses =
    state.answersDuplicates === "refuse" || (state.answersDuplicates === "alternate" && state.duplicates % 2 === 1);
  if (refuses || same.type === "CollectInvestigationPackage")
    return fail(400, "ActiveRequestAlreadyExists", "Action is already in progress");
  return shown(201, same);
}

function fits(values: readonly string[] | RegExp, value: unknown): boolean {
  if (typeof value !== "string") return false;
  return values instanceof RegExp ? values.test(value) : values.includes(value);
}

function missing(name: string): HostAnswer {
  return fail(400, "MissingRequiredParameter", `The parameter '${name}' is required; keys are case-sensitive.`);
}

function shown(status: number, action: SimulatedAction): HostAnswer {
  return { status, body: presentAction(action, endpointOrigin) };
}
