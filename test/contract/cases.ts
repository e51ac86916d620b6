import type { ApiManagementService, ApiSubscription, ApiUser } from "../../local/azure/api-management/store.ts";
import { createCloudAppsHost } from "../../local/azure/cloud-apps/cloud-apps-host.ts";
import { type CloudAppsState, cloudAppsAlert, cloudAppsState } from "../../local/azure/cloud-apps/cloud-apps-state.ts";
import { createEndpointHost } from "../../local/azure/endpoint/endpoint-host.ts";
import { type EndpointState, endpointState, simulatedMachine } from "../../local/azure/endpoint/endpoint-state.ts";
import {
  type ActionType,
  actAsPerson,
  isolationOf,
  isRestricted,
  machineFlow,
  succeededAt,
} from "../../local/azure/endpoint/machine-actions.ts";
import { decideFlow } from "../../local/azure/firewall/data-plane.ts";
import { firewallRoutes } from "../../local/azure/firewall/firewall-routes.ts";
import type { FirewallState, SimulatedIpGroup } from "../../local/azure/firewall/firewall-state.ts";
import { firewallApiVersions } from "../../local/azure/firewall/firewall-versions.ts";
import { createGraphHost } from "../../local/azure/graph/graph-host.ts";
import type { GraphState } from "../../local/azure/graph/state.ts";
import {
  type SimulatedSecurityAlert,
  securityAlertRoutes,
  securityApiVersions,
} from "../../local/azure/security/alert-routes.ts";
import { type SimulatedAzure, startSimulatedAzure } from "../../local/azure/simulated-azure.ts";
import { firewallId, hubFirewall, policyId } from "../../local/scenarios/hub-firewall.ts";
import { serviceId, services } from "../../local/scenarios/world.ts";
import type { Protection } from "../../shared/guardrails/guardrail.ts";
import { type EnforcementPoint, enforcementPoint } from "../../shared/ledger/containment.ts";
import type { Target } from "../../shared/ledger/target.ts";
import { createManualClock, type ManualClock } from "../support/manual-clock.ts";

/** Everything that responders act on, in the state in which an attack finds it. */
export interface World {
  azure: SimulatedAzure;
  clock: ManualClock;
  graph: GraphState;
  endpoint: EndpointState;
  firewall: FirewallState;
  alerts: SimulatedSecurityAlert[];
  cloudApps: CloudAppsState;
  shop: ApiManagementService;
  close(): Promise<void>;
}

/** One responder on one target, and what of the world shows what it did. */
export interface Case {
  responder: string;
  point: EnforcementPoint;
  target: Target;
  params?: Record<string, unknown>;
  /** What must be the same again after a release; without a way back what must have changed. */
  look(world: World): unknown;
  /** Makes it so as somebody else would have, before we came. */
  bySomebodyElse?(world: World): void;
  /** What of the world nobody asked us to touch. */
  bystanders?(world: World): unknown;
  /** Once done it is found done. */
  doneOnce?: boolean;
}

export const ids = {
  user: "00000000-0000-4000-8000-0000000000b1",
  application: "00000000-0000-4000-8000-0000000000c1",
  machine: "9f2c4e6a8b0d1f3a5c7e9b1d3f5a7c9e1b3d5f70",
  alert: "da637551227677560813_-961444813",
  incident: "2972395",
  armAlert:
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.Security/locations/westeurope/alerts/2518000000000000000_5f1c2d3e-4a5b-4c6d-8e7f-9a0b1c2d3e4f",
  cloudAppsAlert: "65aa00000000000000000001",
} as const;

export async function aWorld(): Promise<World> {
  const clock = createManualClock("2026-11-23T09:30:00.000Z");
  const graph: GraphState = {
    alerts: [{ id: ids.alert, status: "new", comments: [], lastUpdateDateTime: "2026-11-23T09:00:00Z" }],
    incidents: [{ id: ids.incident, status: "active", comments: [], lastUpdateDateTime: "2026-11-23T09:00:00Z" }],
    users: [
      {
        id: ids.user,
        displayName: "Robin",
        userPrincipalName: "robin@contoso.example",
        accountEnabled: true,
        userType: "Member",
        onPremisesSyncEnabled: null,
        signInSessionsValidFromDateTime: "2026-11-01T08:00:00Z",
      },
      {
        id: "00000000-0000-4000-8000-0000000000b2",
        displayName: "Kim",
        userPrincipalName: "kim@contoso.example",
        accountEnabled: true,
        userType: "Member",
        onPremisesSyncEnabled: null,
        signInSessionsValidFromDateTime: "2026-11-02T08:00:00Z",
      },
    ],
    servicePrincipals: [
      { id: ids.application, displayName: "Reports", accountEnabled: true },
      { id: "00000000-0000-4000-8000-0000000000c2", displayName: "Payroll", accountEnabled: true },
    ],
    riskyUsers: [],
    roles: [],
  };
  const endpoint = endpointState({
    machines: [
      simulatedMachine({ id: ids.machine, computerDnsName: "pay-7.contoso.example" }),
      simulatedMachine({ id: ids.machine.replace("9f2c", "1111"), computerDnsName: "pay-8.contoso.example" }),
    ],
  });
  const firewall = hubFirewall();
  const [theirs] = firewall.ipGroups;
  if (theirs) setEntries(theirs, ["198.51.100.77"]);
  const alerts = [{ id: ids.armAlert, properties: { status: "Active" } }];
  const cloudApps = cloudAppsState({
    alerts: [cloudAppsAlert({ _id: ids.cloudAppsAlert, timestamp: Date.parse("2026-11-23T09:00:00Z") })],
    permissions: new Set(["Investigation.manage"]),
  });
  const [shop] = services();
  if (!shop) throw new Error("the world of the plays has no API Management service");
  shop.users = new Map([
    ["kim", { id: "kim", firstName: "Kim", lastName: "K", email: "kim@example.com", state: "active", etag: '"1"' }],
    ["lee", { id: "lee", firstName: "Lee", lastName: "L", email: "lee@example.com", state: "active", etag: '"2"' }],
  ]);
  shop.subscriptions = new Map(
    ["partner", "customer"].map((id) => [
      id,
      {
        id,
        displayName: id,
        scope: "/apis",
        ownerId: id === "partner" ? "kim" : "lee",
        state: "active",
        primaryKey: `${id}-primary`,
        secondaryKey: `${id}-secondary`,
        etag: `"${id}"`,
      },
    ]),
  );
  const azure = await startSimulatedAzure({
    port: 0,
    gatewayPort: 0,
    clock,
    services: [shop],
    arm: {
      routes: [...firewallRoutes({ state: firewall, clock }), ...securityAlertRoutes(alerts)],
      apiVersions: [...firewallApiVersions, ...securityApiVersions],
    },
    hosts: [createGraphHost(graph), createEndpointHost(endpoint), createCloudAppsHost(cloudApps)],
  });
  return { azure, clock, graph, endpoint, firewall, alerts, cloudApps, shop, close: azure.close };
}

function setEntries(group: SimulatedIpGroup, entries: readonly string[]): void {
  group.inForce = entries;
  group.stored = entries;
}

const atGateway = enforcementPoint("apim-access", serviceId);
const subscriptionsBut = (id: string) => (world: World) =>
  [...(world.shop.subscriptions ?? new Map<string, ApiSubscription>()).values()].filter((one) => one.id !== id);
const usersBut = (id: string) => (world: World) =>
  [...(world.shop.users ?? new Map<string, ApiUser>()).values()].filter((one) => one.id !== id);

const user: Target = { kind: "user", userId: ids.user, name: "robin@contoso.example" };

const others = ({ graph }: World) => [graph.users.slice(1), graph.servicePrincipals.slice(1)];
const accountOf = ({ graph }: World) => graph.users[0]?.accountEnabled;

/** Whether the hub's firewall lets them talk to each other, each way. */
const flows = ({ firewall, clock }: World) =>
  [
    ["203.0.113.7", "10.0.0.4"],
    ["10.0.0.4", "203.0.113.7"],
  ].map(([source = "", destination = ""]) => {
    const flow = { source, destination, port: 443, protocol: "TCP" as const };
    return decideFlow(firewall, firewallId, flow, clock.now()).action;
  });

const machine: Target = { kind: "machine", machineId: ids.machine, name: "pay-7.contoso.example" };
const sha1 = "87662bc3d60e4200ceaf7aae249d1c343f4b83c9";
const atEndpoint = enforcementPoint("endpoint");

/** A person's action in the portal, long over when we come. */
const doneByPerson = ({ endpoint, clock }: World, type: ActionType, more: { scope?: string; sha1?: string } = {}) => {
  const asked = { machineId: ids.machine, type, comment: "by an analyst", ...more };
  actAsPerson(endpoint, new Date(clock.now().getTime() - 600_000), asked);
};

export const cases: readonly Case[] = [
  {
    responder: "mde-isolate-machine",
    point: atEndpoint,
    target: machine,
    look: ({ endpoint, clock }) => machineFlow(endpoint, ids.machine, "anywhere", clock.now()),
    bystanders: ({ endpoint, clock }) => isolationOf(endpoint, ids.machine.replace("9f2c", "1111"), clock.now()),
    bySomebodyElse: (world) => doneByPerson(world, "Isolate", { scope: "Full" }),
  },
  {
    responder: "mde-restrict-apps",
    point: atEndpoint,
    target: machine,
    look: ({ endpoint, clock }) => isRestricted(endpoint, ids.machine, clock.now()),
    bySomebodyElse: (world) => doneByPerson(world, "RestrictCodeExecution"),
  },
  {
    responder: "mde-scan-machine",
    point: atEndpoint,
    target: machine,
    params: { scan: "Quick" },
    look: ({ endpoint, clock }) => succeededAt(endpoint, ids.machine, "RunAntiVirusScan", clock.now()),
  },
  {
    responder: "mde-collect-package",
    point: atEndpoint,
    target: machine,
    look: ({ endpoint, clock }) => succeededAt(endpoint, ids.machine, "CollectInvestigationPackage", clock.now()),
  },
  {
    responder: "mde-quarantine-file",
    point: atEndpoint,
    target: { kind: "file", machineId: ids.machine, sha1 },
    look: ({ endpoint, clock }) => succeededAt(endpoint, ids.machine, "StopAndQuarantineFile", clock.now()),
    bySomebodyElse: (world) => doneByPerson(world, "StopAndQuarantineFile", { sha1 }),
    doneOnce: true,
  },
  {
    responder: "mde-block-indicator",
    point: atEndpoint,
    target: { kind: "indicator", type: "IpAddress", value: "203.0.113.7" },
    look: ({ endpoint }) => endpoint.indicators.find(({ indicatorValue }) => indicatorValue === "203.0.113.7")?.action,
    bystanders: ({ endpoint }) => endpoint.indicators.filter(({ indicatorValue }) => indicatorValue !== "203.0.113.7"),
    bySomebodyElse: ({ endpoint }) =>
      void endpoint.indicators.push({
        id: "7",
        indicatorValue: "203.0.113.7",
        indicatorType: "IpAddress",
        action: "Block",
        title: "by hand",
        description: "by an analyst",
        createdBy: "analyst@contoso.example",
        creationTimeDateTimeUtc: "2026-11-01T00:00:00Z",
        lastUpdateTime: "2026-11-01T00:00:00Z",
        lastUpdatedBy: null,
      }),
  },
  {
    responder: "firewall-block-ip",
    point: enforcementPoint("firewall", policyId),
    target: { kind: "address", address: "203.0.113.7" },
    look: flows,
    bystanders: ({ firewall, clock }) =>
      decideFlow(
        firewall,
        firewallId,
        { source: "198.51.100.77", destination: "10.0.0.4", port: 443, protocol: "TCP" },
        clock.now(),
      ),
    bySomebodyElse: ({ firewall }) => {
      const [group] = firewall.ipGroups;
      if (group) setEntries(group, [...group.stored, "203.0.113.7"]);
    },
  },
  {
    responder: "entra-disable-user",
    point: enforcementPoint("identity"),
    target: user,
    look: accountOf,
    bystanders: others,
    bySomebodyElse: ({ graph }) => {
      graph.users = graph.users.map((one) => ({ ...one, accountEnabled: false }));
    },
  },
  {
    responder: "entra-revoke-sessions",
    point: enforcementPoint("identity"),
    target: user,
    look: ({ graph }) => graph.users[0]?.signInSessionsValidFromDateTime,
    bystanders: others,
  },
  {
    responder: "entra-confirm-compromised",
    point: enforcementPoint("identity"),
    target: user,
    look: ({ graph }) => graph.riskyUsers?.find(({ id }) => id === ids.user)?.riskState === "confirmedCompromised",
    bySomebodyElse: ({ graph }) =>
      void graph.riskyUsers?.push({ id: ids.user, riskState: "confirmedCompromised", riskLevel: "high" }),
  },
  {
    responder: "entra-disable-app",
    point: enforcementPoint("applications"),
    target: { kind: "service-principal", servicePrincipalId: ids.application },
    look: ({ graph }) => graph.servicePrincipals[0]?.accountEnabled,
    bystanders: others,
    bySomebodyElse: ({ graph }) => {
      graph.servicePrincipals = graph.servicePrincipals.map((one) => ({ ...one, accountEnabled: false }));
    },
  },
  {
    responder: "apim-suspend-subscription",
    point: atGateway,
    target: { kind: "api-subscription", subscriptionId: "partner" },
    look: ({ shop }) => shop.subscriptions?.get("partner")?.state,
    bystanders: subscriptionsBut("partner"),
    bySomebodyElse: ({ shop }) => {
      const found = shop.subscriptions?.get("partner");
      if (found) found.state = "suspended";
    },
  },
  {
    responder: "apim-rotate-keys",
    point: atGateway,
    target: { kind: "api-subscription", subscriptionId: "partner" },
    look: ({ shop }) => shop.subscriptions?.get("partner")?.primaryKey,
    bystanders: subscriptionsBut("partner"),
  },
  {
    responder: "apim-block-user",
    point: atGateway,
    target: { kind: "api-user", userId: "kim" },
    look: ({ shop }) => shop.users?.get("kim")?.state,
    bystanders: usersBut("kim"),
    bySomebodyElse: ({ shop }) => {
      const found = shop.users?.get("kim");
      if (found) found.state = "blocked";
    },
  },
  ...(["in-progress", "resolved", "false-positive"] as const).map(
    (status): Case => ({
      responder: "alert-set-status",
      point: enforcementPoint("alerts"),
      target: { kind: "alert", product: "defender-for-cloud", id: ids.armAlert },
      params: { status },
      look: ({ alerts }) => alerts[0]?.properties,
      doneOnce: true,
    }),
  ),
  {
    responder: "alert-set-status",
    point: enforcementPoint("alerts"),
    target: { kind: "alert", product: "cloud-apps", id: ids.cloudAppsAlert },
    params: { status: "benign" },
    look: ({ cloudApps }) => cloudApps.alerts[0]?.resolutionStatusValue,
    doneOnce: true,
  },
  {
    responder: "alert-set-status",
    point: enforcementPoint("alerts"),
    target: { kind: "alert", product: "graph-incident", id: ids.incident },
    params: { status: "false-positive" },
    look: ({ graph }) => graph.incidents?.[0]?.classification,
    doneOnce: true,
  },
  {
    responder: "alert-add-comment",
    point: enforcementPoint("alerts"),
    target: { kind: "alert", product: "graph-alert", id: ids.alert },
    look: ({ graph }) => graph.alerts[0]?.comments,
    doneOnce: true,
  },
  {
    responder: "alert-set-status",
    point: enforcementPoint("alerts"),
    target: { kind: "alert", product: "graph-alert", id: ids.alert },
    params: { status: "in-progress" },
    look: ({ graph }) => graph.alerts[0]?.status,
    doneOnce: true,
    bySomebodyElse: ({ graph }) => {
      graph.alerts = graph.alerts.map((one) => ({ ...one, status: "inProgress" }));
    },
  },
  {
    responder: "alert-add-comment",
    point: enforcementPoint("alerts"),
    target: { kind: "alert", product: "graph-incident", id: ids.incident },
    look: ({ graph }) => graph.incidents?.[0]?.comments,
    doneOnce: true,
  },
];

/** Nothing is protected, and everything is given. */
export const everything: Protection = {
  apiManagement: [serviceId],
  firewallPolicies: [policyId],
  tenant: ["alerts", "applications", "endpoint", "identity"],
  networks: [],
  identities: [],
  machines: [],
};

export const cloudAppsUrl = "https://contoso.eu.portal.cloudappsecurity.com";
