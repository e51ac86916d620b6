import { resolve } from "node:path";
import { createApiManagement } from "./azure/api-management.ts";
import { createArmAlerts } from "./azure/arm-alerts.ts";
import { createCloudApps } from "./azure/cloud-apps.ts";
import { type Connection, connect } from "./azure/connection.ts";
import { createAsk } from "./azure/create-ask.ts";
import { createDirectory } from "./azure/directory.ts";
import { createEndpoint } from "./azure/endpoint.ts";
import { createFirewall } from "./azure/firewall.ts";
import { createFresh } from "./azure/fresh.ts";
import { createGraph } from "./azure/graph.ts";
import { readGraphAlert } from "./azure/graph-alerts.ts";
import { limitCalls } from "./azure/limit-calls.ts";
import { createGatewayLogs } from "./azure/log-analytics.ts";
import { createOwnAddresses } from "./azure/own-addresses.ts";
import { openTable } from "./azure/tables.ts";
import { type Clock, systemClock } from "./clock.ts";
import { isLoopback, type Settings } from "./config.ts";
import { milliseconds } from "./duration.ts";
import { createLookUps } from "./enrichment/enrich.ts";
import { unknownPoint } from "./guardrails/known-enforcement-point.ts";
import { standingObjection } from "./guardrails/standing-objection.ts";
import { createAlertRegister } from "./ledger/alert-register.ts";
import type { Containment } from "./ledger/containment.ts";
import { createContainments } from "./ledger/containments.ts";
import { createEnforcementPoints } from "./ledger/enforcement-points.ts";
import { createIntakeJournal } from "./ledger/intake-journal.ts";
import { createRuns } from "./ledger/runs.ts";
import { createStreamParts } from "./ledger/stream-parts.ts";
import { describeTarget } from "./ledger/target.ts";
import { createNotifier } from "./notify/notifier.ts";
import { loadPlaybooks } from "./playbooks/load-playbooks.ts";
import type { Pass, PassOptions } from "./reconcile/pass.ts";
import { reconcileCommands } from "./reconcile/reconcile-commands.ts";
import { reconcileFragment } from "./reconcile/reconcile-fragment.ts";
import { reconcileGroups } from "./reconcile/reconcile-groups.ts";
import { untouched } from "./reconcile/untouched.ts";
import { responders } from "./responders/responders.ts";
import { assess } from "./response/assess.ts";
import { type ConcludeInput, conclude } from "./response/conclude.ts";
import { type ContainInput, contain } from "./response/contain.ts";
import { type Fetched, fetchPayload } from "./response/fetch.ts";
import { joinStreamAlert } from "./response/join-stream.ts";
import { type Receiver, receiveBody, receiveEvent } from "./response/receive.ts";
import { type HubMessage, receiveBatch } from "./response/receive-batch.ts";
import type { ReconcileInput } from "./response/reconciled.ts";
import { Request } from "./response/request.ts";
import { type ByHand, requestByHand } from "./response/request-by-hand.ts";
import { type Starter, startRun } from "./response/start-run.ts";
import { pollCloudApps } from "./sources/poll-cloud-apps.ts";
import { pollGraphAlerts } from "./sources/poll-graph-alerts.ts";
import { createWatermarks } from "./sources/watermark.ts";

export type Portcullis = Awaited<ReturnType<typeof assemble>>;

const minute = 60_000;

/** Puts the product together from its settings; everything that talks to Azure connects when it is first used. */
export async function assemble(settings: Settings, clock: Clock = systemClock) {
  let connected: Promise<Connection> | undefined;
  const connection = () => {
    const connecting = connected ?? connect(settings);
    connected = connecting;
    // What failed once is tried again by the next call.
    connecting.catch(() => {
      if (connected === connecting) connected = undefined;
    });
    return connecting;
  };
  const table = (name: string) => openTable(name, settings, connection);
  const [live, history, points, alerts, runs, intake, parts, notices, marks, playbooks] = await Promise.all([
    table("Containments"),
    table("Released"),
    table("EnforcementPoints"),
    table("Alerts"),
    table("Runs"),
    table("Intake"),
    table("StreamParts"),
    table("Notices"),
    table("Watermarks"),
    loadPlaybooks(resolve(settings.PORTCULLIS_PLAYBOOKS), responders),
  ]);

  const apiManagement = createApiManagement(connection);
  const inventory = {
    apiManagement,
    hosts: createFresh<string[]>(10 * minute, clock),
    apis: createFresh<Awaited<ReturnType<typeof apiManagement.apis>>>(10 * minute, clock),
    operations: createFresh<Awaited<ReturnType<typeof apiManagement.operations>>>(10 * minute, clock),
  };
  const containments = createContainments(live, history);
  const reconciler = {
    apiManagement,
    containments,
    responders,
    apis: inventory.apis,
    operations: inventory.operations,
    sound: createFresh<true>(10 * minute, clock),
    fragments: createFresh<Awaited<ReturnType<typeof apiManagement.fragment>>>(5_000, clock),
    ...(settings.PORTCULLIS_CLIENT_ADDRESS_HEADER
      ? { seenAs: { header: settings.PORTCULLIS_CLIENT_ADDRESS_HEADER } }
      : {}),
    clock,
  };
  const protection = {
    apiManagement: settings.PORTCULLIS_API_MANAGEMENT,
    firewallPolicies: settings.PORTCULLIS_FIREWALL_POLICIES,
    tenant: settings.PORTCULLIS_CONTAIN_IN,
    networks: settings.PORTCULLIS_PROTECTED_NETWORKS,
    identities: settings.PORTCULLIS_PROTECTED_IDENTITIES,
    machines: settings.PORTCULLIS_PROTECTED_MACHINES,
  };
  const applicationsClient = settings.PORTCULLIS_APPLICATIONS_CLIENT_ID;
  const sending = createAsk(connection, {
    ...(settings.PORTCULLIS_CLOUD_APPS_URL ? { cloudAppsUrl: settings.PORTCULLIS_CLOUD_APPS_URL } : {}),
    ...(applicationsClient
      ? { applicationsConnection: () => connect({ ...settings, PORTCULLIS_CLIENT_ID: applicationsClient }) }
      : {}),
  });
  const ask = limitCalls(sending, clock);
  const forbids = (containment: Containment) => standingObjection(containment, protection);
  const groups = { containments, responders, firewall: createFirewall(ask), forbids, clock };
  const armAlerts = createArmAlerts(connection);
  const endpoint = createEndpoint(connection);
  const graph = createGraph(connection);
  const asked = new Set(settings.PORTCULLIS_LOOKUPS);
  const workspace = settings.PORTCULLIS_LOG_ANALYTICS_WORKSPACE;
  const lookUps = createLookUps({
    clock,
    services: settings.PORTCULLIS_API_MANAGEMENT,
    subscriptions: settings.PORTCULLIS_NETWORK_SUBSCRIPTIONS,
    ...(asked.has("machines") ? { endpoint } : {}),
    ...(asked.has("directory") ? { directory: createDirectory(graph) } : {}),
    ...(asked.has("own-addresses") ? { ownAddresses: createOwnAddresses(connection) } : {}),
    ...(workspace ? { gatewayLogs: createGatewayLogs(connection, workspace) } : {}),
  });
  const ledger = {
    containments,
    points: createEnforcementPoints(points),
    alerts: createAlertRegister(alerts),
    runs: createRuns(runs),
    journal: createIntakeJournal(intake),
  };
  const assessor = {
    playbooks,
    responders,
    protection,
    mode: settings.PORTCULLIS_MODE,
    maxDuration: milliseconds(settings.PORTCULLIS_MAX_DURATION),
    inventory,
    reconciler,
    commands: {
      ask,
      containments,
      ...(settings.PORTCULLIS_CLOUD_APPS_URL ? { cloudAppsUrl: settings.PORTCULLIS_CLOUD_APPS_URL } : {}),
      clock,
    },
    groups,
    lookUps,
    runs: ledger.runs,
    clock,
  };
  const fetched = createFresh<Fetched>(10 * minute, clock);
  const notifyUrl = settings.PORTCULLIS_NOTIFY_URL;
  const notifier = createNotifier({
    notices,
    // A rehearsal tells nobody outside this machine.
    url: notifyUrl && (!settings.PORTCULLIS_SIMULATED_AZURE || isLoopback(notifyUrl)) ? notifyUrl : undefined,
    clock,
  });
  const commands = {
    containments,
    responders,
    ask,
    forbids,
    escalate: async ({ id, target }: Containment, reason: string) =>
      notifier.notify({
        about: `containment ${id}`,
        text: `${id} on ${describeTarget(target)} needs a person: ${reason}`,
      }),
    clock,
  };
  const receiver = (starter: Starter): Receiver => ({
    ...ledger,
    playbooks,
    parts: createStreamParts(parts),
    notifier,
    // A delivery that is repeated must not spend the services' limits on what it has read before.
    fetch: async (what, eventId) => {
      const key = JSON.stringify([eventId, what]);
      const result = await fetched.get(key, () =>
        fetchPayload(what, { armAlerts, endpoint, graphAlert: (id) => readGraphAlert(graph, id) }),
      );
      if ("missing" in result) fetched.drop(key);
      return result;
    },
    joinWindow: settings.PORTCULLIS_JOIN_WINDOW,
    starter,
    clock,
  });
  const watermarks = createWatermarks(marks);
  return {
    settings,
    playbooks,
    ledger,
    clock,
    receiveEvent: (event: unknown, starter: Starter) => receiveEvent(event, receiver(starter)),
    receiveBody: (body: unknown, from: string, starter: Starter) => receiveBody(body, from, receiver(starter)),
    receiveBatch: (messages: readonly HubMessage[], starter: Starter) => receiveBatch(messages, receiver(starter)),
    joinStreamAlert: (alertId: string, starter: Starter) => joinStreamAlert(alertId, receiver(starter)),
    /** Undefined when the settings do not ask for it. */
    pollGraphAlerts: async (starter: Starter) => {
      if (settings.PORTCULLIS_POLL_GRAPH === "off") return undefined;
      const take = async (found: readonly unknown[]) =>
        void (await receiveBody(found, "poller: graph", receiver(starter)));
      return pollGraphAlerts({ graph, watermarks, take, clock });
    },
    /** Undefined when the settings do not ask for it. */
    pollCloudApps: async (starter: Starter) => {
      const url = settings.PORTCULLIS_CLOUD_APPS_URL;
      if (url === undefined) return undefined;
      const take = async (found: readonly unknown[]) =>
        void (await receiveBody(found, "poller: cloud apps", receiver(starter)));
      return pollCloudApps({ cloudApps: createCloudApps(connection, url), watermarks, take, clock });
    },
    requestByHand: (asked: Pick<ByHand, "playbook" | "body" | "key" | "by">) =>
      requestByHand({ ...asked, now: clock.now(), known: settings.PORTCULLIS_API_MANAGEMENT }),
    startByHand: async (starter: Starter, run: Request) =>
      (await starter.status(run.runId)) === "started" ? "exists" : startRun(starter, run),
    assess: (input: unknown) => assess(Request.parse(input), assessor),
    contain: (input: ContainInput) => contain(input, { ...ledger, clock }),
    conclude: (input: ConcludeInput) => conclude(input, { ...ledger, clock }),
    reconcile: ({ point, fresh = false }: ReconcileInput, last: Omit<Partial<PassOptions>, "fresh">): Promise<Pass> => {
      // Taken out of the settings: from then on it is not ours to write to, not even to put right what we once wrote.
      const unknown = unknownPoint(point, protection);
      if (unknown !== undefined) return untouched(point, unknown, containments);
      switch (point.kind) {
        case "apim-fragment":
          return reconcileFragment(
            point,
            { lastEtag: last.lastEtag, lastWriteAt: last.lastWriteAt, fresh },
            reconciler,
          );
        case "firewall":
          return reconcileGroups(point, last, groups);
        default:
          return reconcileCommands(point, commands);
      }
    },
  };
}
