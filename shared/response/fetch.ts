import { combineIncident } from "../alerts/families/sentinel-incident.ts";
import { isObject } from "../alerts/fields.ts";
import type { Fetch, Reading } from "../alerts/reading.ts";
import { type ArmAlerts, ForeignArmId } from "../azure/arm-alerts.ts";
import { AzureError } from "../azure/azure-error.ts";
import type { Endpoint } from "../azure/endpoint.ts";

/** Who is asked for what a payload only points at. Each answers undefined for what is not there. */
export interface FetchClients {
  armAlerts: ArmAlerts;
  graphAlert(id: string): Promise<unknown | undefined>;
  endpoint: Pick<Endpoint, "alert">;
}

/** The payload to read in the place of the pointer, what was made of it already, or why there is neither. */
export type Fetched = { payload: unknown } | { reading: Reading } | { missing: string };

/**
 * Reads what a payload points at. What may pass by itself (429, 503, no answer) is thrown, so that the delivery is repeated; what a
 * repetition would find again (not there, not allowed, not an id) is missing, with the reason.
 */
export async function fetchPayload(fetch: Fetch, clients: FetchClients): Promise<Fetched> {
  try {
    return fetch.what === "sentinel-incident"
      ? await fetchIncident(fetch.armId, clients.armAlerts)
      : await fetchAlert(fetch, clients);
  } catch (error) {
    if (error instanceof ForeignArmId || (error instanceof AzureError && !error.transient)) {
      return { missing: error.message };
    }
    throw error;
  }
}

async function fetchAlert(
  fetch: Exclude<Fetch, { what: "sentinel-incident" }>,
  { armAlerts, graphAlert, endpoint }: FetchClients,
): Promise<Fetched> {
  if (fetch.what === "arm-alert") return found(await armAlerts.alert(fetch.armId), "Defender for Cloud");
  // An id that comes in an event ends up in a URL.
  if (!/^[\w-]{1,128}$/.test(fetch.id)) return { missing: `what the event gives is no id of an alert` };
  return fetch.what === "graph-alert"
    ? found(await graphAlert(fetch.id), "Microsoft Graph")
    : found(await endpoint.alert(fetch.id), "Defender for Endpoint");
}

function found(payload: unknown, where: string): Fetched {
  return payload === undefined ? { missing: `${where} has no such alert` } : { payload };
}

/** The incident is read anew even where the event brought it along: whoever sends events must not say of what status it is. */
async function fetchIncident(armId: string, armAlerts: ArmAlerts): Promise<Fetched> {
  const incident = await armAlerts.incident(armId);
  if (!isObject(incident)) return { missing: "Sentinel has no such incident" };
  const [alerts, entities] = await Promise.all([armAlerts.incidentAlerts(armId), armAlerts.incidentEntities(armId)]);
  // Deleted while it was being read.
  if (!alerts || !entities) return { missing: "Sentinel has no such incident any more" };
  return { reading: combineIncident(incident, alerts, entities, "") };
}
