import * as z from "zod";
import { armEndpoint } from "./arm-request.ts";
import { AzureError } from "./azure-error.ts";
import type { Connection } from "./connection.ts";
import { createServiceRequest } from "./service-request.ts";

/** Reads of what thin events point at in Resource Manager; every method throws AzureError, and answers undefined for what is absent. */
export interface ArmAlerts {
  /** An alert of Defender for Cloud, as the service gives it. */
  alert(armId: string): Promise<unknown | undefined>;
  /** An incident of Sentinel. It holds neither its alerts nor its entities. */
  incident(armId: string): Promise<unknown | undefined>;
  incidentAlerts(armId: string): Promise<unknown[] | undefined>;
  incidentEntities(armId: string): Promise<unknown[] | undefined>;
}

/** The id is not one of the resources that are read here; nothing was asked. */
export class ForeignArmId extends Error {
  override readonly name = "ForeignArmId";
}

const alertsVersion = "2022-01-01";
const insightsVersion = "2023-02-01";

const guid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
/** Resource groups have letters and digits of any script and `-_.()`, and do not end in a dot: so `..` is none, and nothing of it means anything in a URL. */
const group = "[\\p{L}\\p{N}_.()-]{0,89}[\\p{L}\\p{N}_()-]";
const name = "[\\w-]{1,100}";

/** Alerts lie in a subscription, or in a resource group of it. */
const alertId = new RegExp(
  `^/subscriptions/${guid}(?:/resourceGroups/${group})?/providers/Microsoft\\.Security/locations/[a-z0-9-]{1,50}/alerts/${name}$`,
  "iu",
);
const incidentId = new RegExp(
  `^/subscriptions/${guid}/resourceGroups/${group}/providers/Microsoft\\.OperationalInsights/workspaces/${name}/providers/Microsoft\\.SecurityInsights/incidents/${name}$`,
  "iu",
);

const Alerts = z.object({ value: z.array(z.unknown()) });
/** The list is not called `value` here, unlike everywhere else. */
const Entities = z.object({ entities: z.array(z.unknown()) });

/**
 * Whatever subscription an id names is asked: alerts come from all over the tenant, and the settings name only those with an API
 * gateway. What keeps this from being a way to read other things is that an id must be that of an alert or an incident to the last
 * character, that these calls only read, and that the identity's own role assignments decide which subscriptions answer.
 */
export function createArmAlerts(connection: () => Promise<Connection>): ArmAlerts {
  const ask = createServiceRequest(connection, { origin: armEndpoint, scope: `${armEndpoint}/.default` });

  async function get(armId: string, apiVersion: string): Promise<unknown | undefined> {
    const { status, body } = await ask({
      attempt: `read ${armId}`,
      method: "GET",
      path: `${armId}?api-version=${apiVersion}`,
    });
    return status === 404 ? undefined : body;
  }

  /** Lists of an incident are read with POST. https://learn.microsoft.com/rest/api/securityinsights/incidents/list-alerts */
  async function list<T>(armId: string, what: "alerts" | "entities", schema: z.ZodType<T>): Promise<T | undefined> {
    const attempt = `read the ${what} of ${armId}`;
    try {
      const path = `${checked(armId, incidentId)}/${what}?api-version=${insightsVersion}`;
      const { status, body } = await ask({ attempt, method: "POST", path });
      const parsed = schema.safeParse(body);
      if (parsed.success) return parsed.data;
      throw new AzureError(attempt, { status, code: "UnexpectedAnswer", message: "the answer holds no such list" });
    } catch (error) {
      if (error instanceof AzureError && error.status === 404) return undefined;
      throw error;
    }
  }

  return {
    alert: async (armId) => get(checked(armId, alertId), alertsVersion),
    incident: async (armId) => get(checked(armId, incidentId), insightsVersion),
    incidentAlerts: async (armId) => (await list(armId, "alerts", Alerts))?.value,
    incidentEntities: async (armId) => (await list(armId, "entities", Entities))?.entities,
  };
}

function checked(armId: string, pattern: RegExp): string {
  if (pattern.test(armId)) return armId;
  const what = pattern === alertId ? "an alert of Defender for Cloud" : "an incident of Sentinel";
  throw new ForeignArmId(`this is not the ARM id of ${what}`);
}
