import { isObject, type Json, text, value } from "../fields.ts";
import type { Reading } from "../reading.ts";

/** What is left of `GET /security/alerts`: the alert itself, some connectors' flattened spelling of it, and its change notification. */
export function isGraphLegacyAlert(payload: Json): boolean {
  return providerOf(payload) !== undefined || isNotification(payload);
}

export function readGraphLegacyAlert(payload: Json, _at: string): Reading {
  // Both ways out lead to alerts_v2, which has other ids: nothing can be fetched by what is in hand.
  const wayOut =
    "Microsoft has retired it: poll alerts_v2 (the Graph poller does), or have the product's own alerts published";
  return {
    refused: isNotification(payload)
      ? `a change notification of Graph's legacy alerts holds no alert, only an id of the legacy API. ${wayOut}`
      : `an alert of Graph's legacy API (/security/alerts). ${wayOut}`,
  };
}

function providerOf(payload: Json): string | undefined {
  const vendor = value(payload, "vendorInformation");
  return isObject(vendor) ? text(vendor, "provider") : text(payload, "vendorInformation_provider");
}

/** The `data` of `Microsoft.Graph.AlertCreated`: https://learn.microsoft.com/azure/event-grid/security-alert-events */
function isNotification(payload: Json): boolean {
  return (
    typeof value(payload, "changeType") === "string" &&
    typeof value(payload, "resource") === "string" &&
    isObject(value(payload, "resourceData"))
  );
}
