import { randomBytes } from "node:crypto";
import type { Clock } from "../../../shared/clock.ts";
import { ArmError } from "../resource-manager/arm-error.ts";
import type { ArmAnswer, ArmCall, ArmRoute } from "../resource-manager/route.ts";
import { notFound, onService } from "./resources.ts";
import type { ApiManagementService } from "./store.ts";

interface LongRunningOperation {
  id: string;
  service: ApiManagementService;
  /** The resource that is written, as the store names it. */
  resource: string;
  status: "InProgress" | "Succeeded" | "Failed";
  started: Date;
  updated: Date;
}

interface Write {
  service: ApiManagementService;
  resource: string;
  /** 201 when the write creates; what polling the location ends with. */
  code: 200 | 201;
  /** How long the operation runs; 0 finishes before the answer is sent, though the answer says InProgress. */
  ms: number;
  fail: boolean;
  /** Puts the new state in force. */
  succeed(): void;
  failed(): void;
}

export interface LongRunningOperations {
  /** Starts a write and gives the two headers that lead to its outcome. */
  start(call: ArmCall, write: Write): Record<string, string>;
  isRunning(service: ApiManagementService, resource: string): boolean;
  /** Answers a poll of the `location` address; undefined when the operation is over and the resource itself is the answer. */
  answerLocationPoll(service: ApiManagementService, call: ArmCall): ArmAnswer | undefined;
  routes(services: readonly ApiManagementService[]): ArmRoute[];
}

/** Whoever started an operation polls it at once; of those that are over the oldest are forgotten. */
const rememberFinished = 1000;

const failure = { code: "InternalServerError", message: "The policy could not be distributed to the gateways." };

/**
 * API Management's long-running writes: the PUT answers 200 or 201 with `InProgress`, a `location` with asyncId and
 * asyncCode, and an `Azure-AsyncOperation` address below `tenant/operationResults` (published example of the fragment).
 */
export function createLongRunningOperations(clock: Clock, closing: AbortSignal): LongRunningOperations {
  const operations = new Map<string, LongRunningOperation>();
  const finished: string[] = [];

  function finish(operation: LongRunningOperation, { fail, succeed, failed }: Write): void {
    operation.status = fail ? "Failed" : "Succeeded";
    operation.updated = clock.now();
    if (fail) failed();
    else succeed();
    finished.push(operation.id);
    const [oldest = ""] = finished.length > rememberFinished ? finished.splice(0, 1) : [];
    operations.delete(oldest);
  }

  function find(service: ApiManagementService, id: string | null | undefined): LongRunningOperation {
    const found = operations.get(id ?? "");
    if (found === undefined || found.service !== service) throw notFound("OperationResult");
    return found;
  }

  return {
    start(call, write) {
      const { service, resource, code, ms } = write;
      const id = randomBytes(12).toString("hex");
      const now = clock.now();
      const operation: LongRunningOperation = {
        id,
        service,
        resource,
        status: "InProgress",
        started: now,
        updated: now,
      };
      operations.set(id, operation);
      if (ms === 0) finish(operation, write);
      else {
        void clock.sleep(ms, closing).then(() => {
          if (!closing.aborted) finish(operation, write);
        });
      }
      const version = `api-version=${call.url.searchParams.get("api-version")}`;
      const { origin, pathname } = call.url;
      return {
        location: `${origin}${pathname}?${version}&asyncId=${id}&asyncCode=${code}`,
        "azure-asyncoperation": `${origin}${service.id}/tenant/operationResults/${id}?${version}`,
      };
    },
    isRunning: (service, resource) =>
      Array.from(operations.values()).some(
        (one) => one.status === "InProgress" && one.service === service && one.resource === resource,
      ),
    answerLocationPoll(service, call) {
      const operation = find(service, call.url.searchParams.get("asyncId"));
      if (operation.status === "InProgress") return { status: 202, headers: { location: call.url.href } };
      if (operation.status === "Failed") throw new ArmError(500, failure.code, failure.message, { details: null });
      return undefined;
    },
    routes: (services) => [
      onService(services, {
        operationId: "OperationResult_Get",
        method: "GET",
        path: "/tenant/operationResults/{operationId}",
        answer: (service, call) => present(service, find(service, call.params.operationId)),
      }),
    ],
  };
}

/**
 * `status` stands at the top, where ARM's rule for Azure-AsyncOperation has it, and again below `properties`, where this
 * api-version's published operation results have it.
 */
function present(service: ApiManagementService, operation: LongRunningOperation): ArmAnswer {
  const { id, status, started, updated } = operation;
  const error = status === "Failed" ? failure : null;
  return {
    status: status === "InProgress" ? 202 : 200,
    body: {
      id: `${service.id}/tenant/operationResults/${id}`,
      type: "Microsoft.ApiManagement/service/tenant/operationResults",
      name: id,
      status,
      ...(error === null ? {} : { error }),
      properties: {
        id,
        status,
        started: started.toISOString(),
        updated: updated.toISOString(),
        resultInfo: null,
        error,
        actionLog: [],
      },
    },
  };
}
