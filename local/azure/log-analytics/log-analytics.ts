import * as z from "zod";
import type { Clock } from "../../../shared/clock.ts";
import type { GatewayLog } from "../gateway/gateway-log.ts";
import { ArmError } from "../resource-manager/arm-error.ts";
import { refusal } from "../resource-manager/refusals.ts";
import type { CreateHost, HostAnswer, HostCall } from "../simulated-host.ts";
import { evaluateQuery } from "./evaluate-query.ts";
import { gatewayRow } from "./gateway-rows.ts";
import { parseQuery, QueryProblem } from "./parse-query.ts";

/** What a workspace is; changed while it runs, it answers differently from then on. */
export interface SimulatedWorkspace {
  workspaceId: string;
  gatewayLog: GatewayLog;
  /** How long after a call its line can be found; in Azure some minutes. */
  ingestionDelayMs?: number;
  /** The identity may not read the workspace. */
  forbidden?: boolean;
  /** Queries succeed in part: 200 with an error beside the tables. */
  partialErrors?: boolean;
}

const operation = "Query_Execute";
const audiences = ["https://api.loganalytics.io", "https://api.loganalytics.io/"];
/** https://learn.microsoft.com/azure/azure-monitor/service-limits#log-queries-and-language: queries a user may send. */
const limit = { queries: 200, withinMs: 30_000 };

const Body = z.strictObject({
  query: z.string().min(1),
  timespan: z.string().optional(),
  workspaces: z.array(z.string()).length(0).optional(),
});

/**
 * The query API at api.loganalytics.io over one table, ApiManagementGatewayLogs, made of the simulated gateway's log. Errors as
 * published in https://learn.microsoft.com/azure/azure-monitor/logs/api/errors; the codes for an unknown
 * workspace and a throttled query were not found there and are made up. Not played: GET, other tables and workspaces, durations as a timespan, the Prefer header, and all Kusto that parse-query.ts does not read.
 */
export function createLogAnalytics(workspace: SimulatedWorkspace): CreateHost {
  return ({ clock, identity }) => {
    const allowed = createLimit(clock);

    function answerOrThrow(call: HostCall): HostAnswer {
      identity.authenticate(call.header("authorization"), audiences);
      const [, version, collection, id = "", verb] = call.url.pathname.split("/");
      if (version !== "v1" || collection !== "workspaces" || verb !== "query" || call.method !== "POST") {
        throw new ArmError(404, "PathNotFoundError", "The requested path does not exist");
      }
      if (id.toLowerCase() !== workspace.workspaceId.toLowerCase()) {
        throw new ArmError(404, "WorkspaceNotFoundError", `The workspace '${id}' could not be found`);
      }
      if (workspace.forbidden) {
        throw new ArmError(
          403,
          "InsufficientAccessError",
          "The provided credentials have insufficient access to perform the requested operation",
        );
      }
      allowed();
      const body = readBody(call);
      const { since, until } = readTimespan(body.timespan);
      const ingested = clock.now().getTime() - (workspace.ingestionDelayMs ?? 0);
      const rows = workspace.gatewayLog.calls
        .filter(({ at }) => at.getTime() <= ingested && at >= since && at <= until)
        .map((logged) => gatewayRow(logged, workspace.workspaceId));
      const table = evaluateQuery(parseQuery(body.query), rows);
      return { status: 200, body: { tables: [table], ...(workspace.partialErrors ? { error: partialError } : {}) } };
    }

    return {
      serves: (host) => host === "api.loganalytics.io",
      operations: [operation],
      operationOf: (method, url) =>
        method === "POST" && /^\/v1\/workspaces\/[^/]+\/query$/.test(url.pathname) ? operation : undefined,
      answer(call, strike) {
        try {
          if (strike.refuse !== undefined) throw refusal(strike.refuse);
          return answerOrThrow(call);
        } catch (error) {
          if (error instanceof QueryProblem) return badArgument(error.kind, error.message);
          if (!(error instanceof ArmError)) throw error;
          return { status: statusOf(error), headers: error.headers, body: error.body() };
        }
      },
    };
  };
}

/** This service answers 403 where Resource Manager answers 401 to a token that is not for it. */
function statusOf({ status, code }: ArmError): number {
  return code === "InvalidAuthenticationToken" || code === "InvalidAuthenticationTokenAudience" ? 403 : status;
}

function readBody({ text }: HostCall): z.infer<typeof Body> {
  try {
    return Body.parse(JSON.parse(text));
  } catch {
    throw new ArmError(400, "BadArgumentError", "The request had some invalid properties");
  }
}

/** `2026-11-23T08:00:00.000Z/2026-11-23T09:00:00.000Z`; counts in addition to what the query says. */
function readTimespan(timespan: string | undefined): { since: Date; until: Date } {
  if (timespan === undefined) return { since: new Date(0), until: new Date(8.64e15) };
  const [since, until] = timespan.split("/").map((part) => new Date(part));
  if (since && until && !Number.isNaN(since.getTime()) && !Number.isNaN(until.getTime())) return { since, until };
  throw new ArmError(400, "BadArgumentError", `The simulated Log Analytics does not read the timespan '${timespan}'`);
}

function badArgument(kind: QueryProblem["kind"], message: string): HostAnswer {
  const innererror = { code: kind, message };
  const error = { message: "The request had some invalid properties", code: "BadArgumentError", innererror };
  return { status: 400, body: { error } };
}

/** As in Azure/azure-sdk-for-python#25137. */
const partialError = {
  code: "PartialError",
  message: "There were some errors when processing your query.",
  details: [
    {
      code: "EngineError",
      message: "Something went wrong processing your query on the server.",
      innererror: { code: "-2133196797", message: "A part of the data could not be read.", severity: 2 },
    },
  ],
};

function createLimit(clock: Clock): () => void {
  let recent: number[] = [];
  return () => {
    const now = clock.now().getTime();
    recent = recent.filter((at) => at > now - limit.withinMs);
    const [oldest = now] = recent;
    if (recent.length < limit.queries) {
      recent.push(now);
      return;
    }
    throw new ArmError(429, "ThrottledError", "Too many queries were sent.", {
      headers: { "retry-after": String(Math.ceil((oldest + limit.withinMs - now) / 1000)) },
    });
  };
}
