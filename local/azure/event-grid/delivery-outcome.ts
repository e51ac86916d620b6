import type { Subscription } from "./topic-options.ts";

/** What became of one attempt. `name` is what a dead letter calls `lastDeliveryOutcome`. */
export interface DeliveryOutcome {
  name: string;
  delivered: boolean;
  /** No retry can mend it. */
  final: boolean;
  status?: number;
}

const names: Readonly<Record<number, string>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  408: "TimedOut",
  413: "PayloadTooLarge",
  429: "Busy",
  503: "Busy",
};

/** https://learn.microsoft.com/azure/event-grid/delivery-and-retry#retry-schedule */
const finalFor = { AzureFunction: [400, 403, 413], WebHook: [400, 401, 403, 413] } as const;

/** Only 200 to 204 are success; a redirect is not followed. */
export function outcomeOfStatus(status: number, endpointType: Subscription["endpointType"]): DeliveryOutcome {
  const delivered = status >= 200 && status <= 204;
  return {
    name: delivered ? "Delivered" : (names[status] ?? "GenericError"),
    delivered,
    final: finalFor[endpointType ?? "AzureFunction"].some((code) => code === status),
    status,
  };
}

export function outcomeOfFailure(timedOut: boolean): DeliveryOutcome {
  return { name: timedOut ? "TimedOut" : "SocketError", delivered: false, final: false };
}
