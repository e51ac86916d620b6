import type { Alert } from "../alerts/alert.ts";
import type { Directory } from "../azure/directory.ts";
import type { Endpoint } from "../azure/endpoint.ts";
import type { GatewayLogs } from "../azure/log-analytics.ts";
import type { OwnAddresses } from "../azure/own-addresses.ts";
import type { Clock } from "../clock.ts";
import type { Enrichment, Facts } from "../playbooks/facts.ts";
import { createApiSubscriptionLookUp } from "./api-subscription.ts";
import { createIdentityLookUp } from "./identity.ts";
import { notAsked, reasonOf } from "./look-up.ts";
import { createMachineLookUp } from "./machine.ts";
import { createOwnAddressLookUp } from "./own-address.ts";

/** One function for each part of an enrichment, with what it keeps between alerts. */
export type LookUps = {
  [Part in keyof Enrichment]: (alert: Alert, facts: Facts) => Promise<Enrichment[Part]>;
};

/** Only what is given is asked. */
export interface LookUpSources {
  clock: Clock;
  /** How long each look-up may hold up a decision, in milliseconds. */
  budgetMs?: number;
  /** ARM ids of the API Management services that the installation was given: their logs and their subscriptions are looked at. */
  services?: readonly string[];
  /** More subscriptions whose public addresses are our own: in a hub and spoke network gateways and firewalls have one to themselves. */
  subscriptions?: readonly string[];
  endpoint?: Pick<Endpoint, "machine" | "machinesByDnsName" | "machinesByNamePrefix">;
  directory?: Pick<Directory, "resolve" | "findUser" | "roles">;
  ownAddresses?: OwnAddresses;
  gatewayLogs?: GatewayLogs;
}

export function createLookUps(sources: LookUpSources): LookUps {
  const { clock, budgetMs = 2_000, services = [], subscriptions = [] } = sources;
  const { endpoint, directory, ownAddresses, gatewayLogs } = sources;
  const budget = { clock, budgetMs };
  const unnamed = async (name: string) => notAsked<never>(`PORTCULLIS_LOOKUPS does not name ${name}`);
  const noWorkspace = async () => notAsked<never>("PORTCULLIS_LOG_ANALYTICS_WORKSPACE is not set");
  return {
    machines: endpoint ? createMachineLookUp(endpoint, budget) : () => unnamed("machines"),
    identities: directory ? createIdentityLookUp(directory, budget) : () => unnamed("directory"),
    ownAddresses: ownAddresses
      ? createOwnAddressLookUp(ownAddresses, { services, subscriptions }, budget)
      : () => unnamed("own-addresses"),
    apiSubscriptions: gatewayLogs ? createApiSubscriptionLookUp(gatewayLogs, services, budget) : noWorkspace,
  };
}

/** Looks up all parts at the same time. Never throws: a look-up that fails is a miss, and the run goes on without it. */
export async function enrich(alert: Alert, lookUps: LookUps, facts: Facts): Promise<Enrichment> {
  const [machines, identities, ownAddresses, apiSubscriptions] = await Promise.all([
    orNothing(() => lookUps.machines(alert, facts)),
    orNothing(() => lookUps.identities(alert, facts)),
    orNothing(() => lookUps.ownAddresses(alert, facts)),
    orNothing(() => lookUps.apiSubscriptions(alert, facts)),
  ]);
  return { machines, identities, ownAddresses, apiSubscriptions };
}

async function orNothing<Part extends Enrichment[keyof Enrichment]>(look: () => Promise<Part>) {
  try {
    return await look();
  } catch (error) {
    return notAsked<never>(reasonOf(error));
  }
}
