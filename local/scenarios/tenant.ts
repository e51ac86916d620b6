import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Hono } from "hono";
import * as z from "zod";
import { systemClock } from "../../shared/clock.ts";
import { createCloudAppsHost } from "../azure/cloud-apps/cloud-apps-host.ts";
import { cloudAppsAlert, cloudAppsState } from "../azure/cloud-apps/cloud-apps-state.ts";
import { createEndpointHost } from "../azure/endpoint/endpoint-host.ts";
import { endpointState, simulatedMachine } from "../azure/endpoint/endpoint-state.ts";
import { machineFlowRoutes } from "../azure/endpoint/machine-flow-routes.ts";
import { createFirewallDataPlane } from "../azure/firewall/data-plane.ts";
import { firewallRoutes } from "../azure/firewall/firewall-routes.ts";
import { firewallApiVersions } from "../azure/firewall/firewall-versions.ts";
import { flowRoutes } from "../azure/firewall/flow-routes.ts";
import { createGraphHost } from "../azure/graph/graph-host.ts";
import { signInRoutes } from "../azure/graph/sign-in-routes.ts";
import { createSignIns } from "../azure/graph/sign-ins.ts";
import type { GraphState } from "../azure/graph/state.ts";
import { createLogAnalytics } from "../azure/log-analytics/log-analytics.ts";
import { networkApiVersions, publicIpRoutes } from "../azure/network/public-ip-routes.ts";
import { securityAlertRoutes, securityApiVersions } from "../azure/security/alert-routes.ts";
import { sentinelApiVersions, sentinelRoutes } from "../azure/sentinel/incident-routes.ts";
import type { SimulatedAzureOptions } from "../azure/simulated-azure.ts";
import { hubFirewall } from "./hub-firewall.ts";

/** What the shop's tenant has besides API Management: what alerts point at and what is looked up about them. */

const subscriptionId = "00000000-0000-4000-8000-000000000001";
const workspaceId = "00000000-0000-4000-8000-0000000000a1";
/** The key that the attacker of the play calls with, and whose it is. */
export const leakedKey = "local-only-subscription-key";
const leakedSubscription = "partner-fabrikam";
/** The shop's own way out to the internet. */
export const ownAddress = "192.0.2.200";

/** The second identity, which alone may change applications. */
const applicationsClientId = "33333333-3333-3333-3333-333333333333";
const domainControllerId = "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567";
export const machineId = "9f2c4e6a8b0d1f3a5c7e9b1d3f5a7c9e1b3d5f70";
const applicationId = "7b8c9d0e-1f2a-4b3c-9d4e-5f6a7b8c9d0e";
export const userId = "0d9c1b2a-3e4f-4a5b-8c6d-7e8f9a0b1c2d";
const web = `/subscriptions/${subscriptionId}/resourceGroups/rg-web/providers`;

export function tenant(): Pick<SimulatedAzureOptions, "arm" | "flows" | "hosts" | "identity" | "subscriptions"> {
  const now = systemClock.now();
  const minutesAgo = (minutes: number) => new Date(now.getTime() - minutes * 60_000).toISOString();
  const graphAlert = { ...first(fixture("graph-ransomware")), lastUpdateDateTime: minutesAgo(2) };
  // A firewall takes minutes; nobody who watches a play wants to.
  const firewall = hubFirewall();
  firewall.latency.attachedMs = 3_000;
  const directory: GraphState = {
    alerts: [graphAlert],
    users: [
      {
        id: userId,
        displayName: "Robin",
        userPrincipalName: "robin@contoso.example",
        accountEnabled: true,
        userType: "Member",
        onPremisesSyncEnabled: null,
      },
    ],
    servicePrincipals: [
      {
        id: applicationId,
        appId: "5f1c2d3e-4a5b-4c6d-8e7f-9a0b1c2d3e4f",
        displayName: "Report builder",
        servicePrincipalType: "Application",
        accountEnabled: true,
      },
    ],
    riskyUsers: [],
    roles: [],
  };
  const endpoint = endpointState({
    machines: [
      simulatedMachine({ id: machineId, computerDnsName: "pay-7.contoso.example" }),
      simulatedMachine({ id: domainControllerId, computerDnsName: "dc-1.contoso.example" }),
    ],
    alerts: [Resource.parse(fixture("endpoint-credential-theft"))],
  });
  const incident = Resource.parse(fixture("sentinel-incident-to-fetch"));
  const { alerts, relatedEntities } = LogicAppIncident.parse(fixture("sentinel-incident-of-a-logic-app")).object
    .properties;
  return {
    subscriptions: new Map([[leakedKey, leakedSubscription]]),
    flows: new Hono()
      .route("/", flowRoutes(createFirewallDataPlane(firewall, systemClock)))
      .route("/", machineFlowRoutes(endpoint, systemClock))
      .route("/", signInRoutes(createSignIns(directory, systemClock))),
    identity: { userAssigned: [applicationsClientId] },
    arm: {
      apiVersions: [...networkApiVersions, ...firewallApiVersions, ...securityApiVersions, ...sentinelApiVersions],
      routes: [
        ...publicIpRoutes({
          subscriptions: [subscriptionId],
          publicIPAddresses: [
            {
              id: `${web}/Microsoft.Network/publicIPAddresses/way-out`,
              ipAddress: ownAddress,
              natGatewayId: `${web}/Microsoft.Network/natGateways/way-out`,
            },
          ],
          publicIPPrefixes: [],
        }),
        ...firewallRoutes({ state: firewall, clock: systemClock }),
        ...securityAlertRoutes([Resource.parse(fixture("arm-key-vault-access-from-tor"))]),
        ...sentinelRoutes([{ incident, alerts, entities: relatedEntities }], systemClock),
      ],
    },
    hosts: [
      createGraphHost(directory),
      createEndpointHost(endpoint),
      createCloudAppsHost(
        cloudAppsState({
          alerts: [cloudAppsAlert({ _id: "65aa00000000000000000001", timestamp: Date.parse(minutesAgo(5)) })],
        }),
      ),
      (tools) => createLogAnalytics({ workspaceId, gatewayLog: tools.gatewayLog })(tools),
    ],
  };
}

const Resource = z.looseObject({ id: z.string() });
const LogicAppIncident = z.object({
  object: z.object({
    properties: z.object({
      alerts: z.array(z.record(z.string(), z.unknown())),
      relatedEntities: z.array(z.record(z.string(), z.unknown())),
    }),
  }),
});

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(join(import.meta.dirname, `alerts/${name}.json`), "utf8"));
}

function first(list: unknown): z.infer<typeof Resource> {
  const [only] = z.object({ value: z.tuple([Resource]) }).parse(list).value;
  return only;
}
