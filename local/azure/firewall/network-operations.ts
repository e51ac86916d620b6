import { randomUUID } from "node:crypto";
import { ArmError } from "../resource-manager/arm-error.ts";
import type { ArmAnswer, ArmCall, ArmRoute } from "../resource-manager/route.ts";
import { speakVersion } from "../resource-manager/speak-version.ts";
import type { FirewallState, NetworkOperation } from "./firewall-state.ts";
import { firewallApiVersions } from "./firewall-versions.ts";

/** An operation that was begun, and the headers that lead to its outcome. */
interface BegunOperation {
  id: string;
  headers: Record<string, string>;
}

const locations = "/subscriptions/{subscriptionId}/providers/Microsoft.Network/locations/{location}";

/** A long-running write: https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations. */
export function beginOperation(
  state: FirewallState,
  call: ArmCall,
  { resourceId, location, end }: { resourceId: string; location: string; end: "azure-asyncoperation" | "location" },
): BegunOperation {
  const id = randomUUID();
  state.operations.set(id, { resourceId, status: "InProgress" });
  const { subscriptionId } = call.params;
  const version = call.url.searchParams.get("api-version");
  const base = `https://management.azure.com/subscriptions/${subscriptionId}/providers/Microsoft.Network/locations/${regionOf(location)}`;
  return {
    id,
    headers: {
      "azure-asyncoperation": `${base}/operations/${id}?api-version=${version}`,
      ...(end === "location" ? { location: `${base}/operationResults/${id}?api-version=${version}` } : {}),
      "retry-after": String(state.retryAfterSeconds),
    },
  };
}

/** "West US" and "westus" are the same place. */
export function regionOf(location: string): string {
  return location.toLowerCase().replaceAll(" ", "");
}

/** The two addresses that a write answers with. Whoever asks them has brought the state up to date. */
export function operationRoutes(state: FirewallState): ArmRoute[] {
  const route = (
    operationId: string,
    type: string,
    present: (operation: NetworkOperation, call: ArmCall) => ArmAnswer,
  ): ArmRoute => ({
    operationId,
    method: "GET",
    path: `${locations}/${type}/{operationId}`,
    answer(call) {
      speakVersion(call, `locations/${type}`, firewallApiVersions);
      const { subscriptionId, operationId: id = "" } = call.params;
      const operation = state.operations.get(id);
      if (operation?.resourceId.toLowerCase().startsWith(`/subscriptions/${subscriptionId}/`.toLowerCase())) {
        return present(operation, call);
      }
      throw new ArmError(404, "OperationNotFound", `The operation '${id}' was not found.`);
    },
  });
  const again = () => ({ "retry-after": String(state.retryAfterSeconds) });
  return [
    route("AzureAsyncOperation_Get", "operations", ({ status, error }) => ({
      status: 200,
      headers: status === "InProgress" ? again() : {},
      body: { status, ...(error ? { error } : {}) },
    })),
    route("AzureAsyncOperationResult_Get", "operationResults", ({ status }, { url }) =>
      status === "InProgress" ? { status: 202, headers: { ...again(), location: url.href } } : { status: 204 },
    ),
  ];
}
