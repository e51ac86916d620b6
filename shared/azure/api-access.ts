import * as z from "zod";
import type { Ask, AzureRequest } from "./ask.ts";
import { AzureError } from "./azure-error.ts";
import { understood } from "./understood.ts";

/** The version that @azure/arm-apimanagement 10 speaks. */
const version = "api-version=2024-05-01";

const State = z.object({ properties: z.object({ state: z.string(), note: z.string().nullish() }) });
const Secrets = z.object({ primaryKey: z.string(), secondaryKey: z.string() });

/** A subscription or user of API Management, with the version it was read at. */
export interface ApiAccess {
  state: string;
  note: string | undefined;
  etag: string;
}

type Kind = "subscriptions" | "users";

/** Undefined where the service has none of that id. */
export async function readAccess(ask: Ask, serviceId: string, kind: Kind, id: string): Promise<ApiAccess | undefined> {
  const attempt = `read ${kind}/${id} of API Management`;
  const answer = await ask({ service: "resource-manager", attempt, method: "GET", path: pathOf(serviceId, kind, id) });
  if (answer.status === 404) return undefined;
  const { state, note } = understood(attempt, answer, State).properties;
  if (answer.etag === undefined)
    throw new AzureError(attempt, {
      status: answer.status,
      code: "UnexpectedAnswer",
      message: "the answer has no ETag",
    });
  return { state, note: note ?? undefined, etag: answer.etag };
}

/** Writes only over the version that was read: `notify=false` keeps API Management from mailing the attacker about it. */
export function writeAccess(
  serviceId: string,
  kind: Kind,
  id: string,
  properties: { state: string; note?: string },
  etag: string,
): AzureRequest {
  return {
    service: "resource-manager",
    attempt: `set ${kind}/${id} of API Management to ${properties.state}`,
    method: "PATCH",
    path: `${pathOf(serviceId, kind, id)}${kind === "subscriptions" ? "&notify=false" : ""}`,
    headers: { "If-Match": etag },
    body: { properties },
  };
}

export function regenerateKey(serviceId: string, id: string, key: "primary" | "secondary"): AzureRequest {
  const verb = key === "primary" ? "regeneratePrimaryKey" : "regenerateSecondaryKey";
  return {
    service: "resource-manager",
    attempt: `regenerate the ${key} key of the subscription ${id} of API Management`,
    method: "POST",
    path: `${resourceOf(serviceId, "subscriptions", id)}/${verb}?${version}`,
  };
}

/** Both keys, for whoever can tell from them whether they changed; they must not get into a log, an error or the ledger. */
export async function readKeys(ask: Ask, serviceId: string, id: string): Promise<z.infer<typeof Secrets>> {
  const attempt = `see whether the keys of the subscription ${id} of API Management changed`;
  const path = `${resourceOf(serviceId, "subscriptions", id)}/listSecrets?${version}`;
  return understood(attempt, await ask({ service: "resource-manager", attempt, method: "POST", path }), Secrets);
}

function pathOf(serviceId: string, kind: Kind, id: string): string {
  return `${resourceOf(serviceId, kind, id)}?${version}`;
}

function resourceOf(serviceId: string, kind: Kind, id: string): string {
  return `${serviceId}/${kind}/${encodeURIComponent(id)}`;
}
