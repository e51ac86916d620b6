import ipaddr from "ipaddr.js";
import * as z from "zod";
import { isApiManagementService, parseArmId } from "../arm-id.ts";
import { AzureError } from "./azure-error.ts";
import type { Connection } from "./connection.ts";
import { instantKql, quoteKql } from "./kql.ts";
import { createServiceRequest } from "./service-request.ts";

/** Which calls are asked for. All of it is put into a query, so all of it is checked here again. */
export interface CallsQuestion {
  serviceId: string;
  /** Without it, calls of every API. */
  apiId?: string;
  address: string;
  from: Date;
  until: Date;
}

/** Calls with one subscription (key) and one answer. */
export interface LoggedCalls {
  /** Empty for calls without a key. */
  subscriptionId: string;
  status: number;
  calls: number;
  first: string;
  last: string;
}

/** What the gateways of API Management logged; throws AzureError. Lines arrive minutes after the calls. */
export interface GatewayLogs {
  callsFrom(question: CallsQuestion): Promise<{ calls: LoggedCalls[]; incomplete?: string }>;
}

const logAnalyticsEndpoint = "https://api.loganalytics.io";
const mostRows = 100;

/** The question cannot be put into a query; nothing was sent. */
class UnaskableQuestion extends Error {
  override readonly name = "UnaskableQuestion";
}

/** Columns: https://learn.microsoft.com/azure/azure-monitor/reference/tables/apimanagementgatewaylogs */
export function callsQuery({ serviceId, apiId, address, from, until }: CallsQuestion): string {
  const service = parseArmId(serviceId);
  if (!service || !isApiManagementService(service)) throw new UnaskableQuestion("that is no API Management service");
  if (!ipaddr.isValid(address)) throw new UnaskableQuestion("that is no IP address");
  // The rule of Microsoft.ApiManagement 2024-05-01 for apiId.
  if (apiId !== undefined && !/^[^*#&+:<>?]{1,256}$/.test(apiId)) throw new UnaskableQuestion("that is no API's id");
  return [
    "ApiManagementGatewayLogs",
    `| where TimeGenerated between (${instantKql(from)} .. ${instantKql(until)})`,
    `| where _ResourceId =~ ${quoteKql(service.id)}`,
    `| where CallerIpAddress == ${quoteKql(ipaddr.process(address).toString())}`,
    ...(apiId === undefined ? [] : [`| where ApiId =~ ${quoteKql(apiId)}`]),
    "| summarize Calls = count(), First = min(TimeGenerated), Last = max(TimeGenerated) by ApimSubscriptionId, ResponseCode",
    `| top ${mostRows} by Calls desc`,
  ].join("\n");
}

const Answer = z.object({
  tables: z.array(
    z.object({
      name: z.string(),
      columns: z.array(z.object({ name: z.string() })),
      rows: z.array(z.array(z.unknown())),
    }),
  ),
  /** A query may succeed in part: the answer is then 200 with an error beside the tables. */
  error: z.object({ code: z.string().optional(), message: z.string().optional() }).optional(),
});

const Row = z.object({
  ApimSubscriptionId: z.string().nullish(),
  ResponseCode: z.number().nullish(),
  Calls: z.number(),
  First: z.string(),
  Last: z.string(),
});

/** The query API of one Log Analytics workspace. https://learn.microsoft.com/rest/api/loganalytics/dataaccess/query/execute */
export function createGatewayLogs(connection: () => Promise<Connection>, workspaceId: string): GatewayLogs {
  const ask = createServiceRequest(connection, {
    origin: logAnalyticsEndpoint,
    scope: `${logAnalyticsEndpoint}/.default`,
  });

  return {
    async callsFrom(question) {
      const { from, until } = question;
      const attempt = `ask the Log Analytics workspace ${workspaceId} for gateway logs`;
      const body = { query: callsQuery(question), timespan: `${from.toISOString()}/${until.toISOString()}` };
      const path = `/v1/workspaces/${encodeURIComponent(workspaceId)}/query`;
      return readAnswer((await ask({ attempt, method: "POST", path, body })).body, attempt);
    },
  };
}

function readAnswer(body: unknown, attempt: string): { calls: LoggedCalls[]; incomplete?: string } {
  const answer = Answer.safeParse(body);
  const table = answer.data?.tables.find(({ name }) => name === "PrimaryResult");
  const rows = z.array(Row).safeParse(table?.rows.map((row) => named(table.columns, row)));
  if (!answer.success || !rows.success) {
    throw new AzureError(attempt, { status: 200, code: "UnexpectedAnswer", message: "the answer holds no such table" });
  }
  const { error } = answer.data;
  const calls = rows.data.map(({ ApimSubscriptionId, ResponseCode, Calls, First, Last }) => ({
    subscriptionId: ApimSubscriptionId ?? "",
    status: ResponseCode ?? 0,
    calls: Calls,
    first: First,
    last: Last,
  }));
  if (error)
    return { calls, incomplete: `${error.code ?? ""} ${error.message ?? ""}`.trim().slice(0, 300) || "an error" };
  return calls.length < mostRows ? { calls } : { calls, incomplete: `only the first ${mostRows} rows were asked for` };
}

function named(columns: readonly { name: string }[], row: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(columns.map(({ name }, index) => [name, row[index]]));
}
