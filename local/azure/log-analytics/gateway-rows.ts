import type { GatewayCall } from "../gateway/gateway-log.ts";

export type ColumnType = "string" | "datetime" | "int" | "long" | "bool" | "dynamic" | "real";
export type Value = string | number | boolean | Date | null;

/** Published columns of ApiManagementGatewayLogs: https://learn.microsoft.com/azure/azure-monitor/reference/tables/apimanagementgatewaylogs */
const columnsByType: Readonly<Record<ColumnType, string>> = {
  string:
    "ApiId ApimSubscriptionId ApiRevision BackendId BackendMethod BackendProtocol BackendRequestBody BackendResponseBody BackendUrl Cache CallerIpAddress Category ClientProtocol ClientTlsVersion CorrelationId LastErrorMessage LastErrorReason LastErrorScope LastErrorSection LastErrorSource Method OperationId OperationName ProductId Region RequestBody ResponseBody SourceSystem TenantId Type Url UserId _IsBillable _ResourceId _SubscriptionId",
  datetime: "TimeGenerated Timestamp",
  int: "BackendResponseCode RequestSize ResponseCode ResponseSize",
  long: "BackendTime CacheTime ClientTime LastErrorElapsed TotalTime",
  bool: "IsMasterTrace IsRequestSuccess IsTraceAllowed IsTraceExpired IsTraceRequested",
  dynamic: "BackendRequestHeaders BackendResponseHeaders Errors RequestHeaders ResponseHeaders TraceRecords",
  real: "_BilledSize",
};

export const gatewayColumns: ReadonlyMap<string, ColumnType> = new Map(
  (Object.keys(columnsByType) as ColumnType[]).flatMap((type) =>
    columnsByType[type].split(" ").map((name): [string, ColumnType] => [name, type]),
  ),
);

export type Row = ReadonlyMap<string, Value>;

/** What the gateway's log says in the table's words. Columns that the simulated gateway knows nothing of are null, or empty text. */
export function gatewayRow(call: GatewayCall, workspaceId: string): Row {
  const known: Record<string, Value> = {
    TimeGenerated: call.at,
    Timestamp: call.at,
    Type: "ApiManagementGatewayLogs",
    TenantId: workspaceId,
    Category: "GatewayLogs",
    SourceSystem: "Azure",
    // Log Analytics writes resource ids in small letters.
    _ResourceId: (call.service ?? "").toLowerCase(),
    _SubscriptionId: call.service?.split("/")[2]?.toLowerCase() ?? "",
    CallerIpAddress: call.clientIp,
    Method: call.method,
    Url: call.path,
    ApiId: call.api ?? "",
    OperationId: call.operation ?? "",
    ApimSubscriptionId: call.subscription ?? "",
    ResponseCode: call.status,
    IsRequestSuccess: call.status >= 200 && call.status < 400,
    LastErrorReason: call.reason ?? "",
  };
  return new Map(
    [...gatewayColumns].map(([name, type]): [string, Value] => [name, known[name] ?? (type === "string" ? "" : null)]),
  );
}
