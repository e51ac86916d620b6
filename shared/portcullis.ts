import { resolve } from "node:path";
import { sameArmId } from "./arm-id.ts";
import { createApiManagement } from "./azure/api-management.ts";
import { type Connection, connect } from "./azure/connection.ts";
import { createFresh } from "./azure/fresh.ts";
import { openTable } from "./azure/tables.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Settings } from "./config.ts";
import { milliseconds } from "./duration.ts";
import { createAlertRegister } from "./ledger/alert-register.ts";
import { createContainments } from "./ledger/containments.ts";
import { createEnforcementPoints } from "./ledger/enforcement-points.ts";
import { createIntakeJournal } from "./ledger/intake-journal.ts";
import { createRuns } from "./ledger/runs.ts";
import { loadPlaybooks } from "./playbooks/load-playbooks.ts";
import { reconcileFragment } from "./reconcile/reconcile-fragment.ts";
import { untouched } from "./reconcile/untouched.ts";
import { responders } from "./responders/responders.ts";
import { assess } from "./response/assess.ts";
import { type ConcludeInput, conclude } from "./response/conclude.ts";
import { type ContainInput, contain } from "./response/contain.ts";
import { receive } from "./response/receive.ts";
import type { ReconcileInput } from "./response/reconciled.ts";
import { Request } from "./response/request.ts";
import { type ByHand, requestByHand } from "./response/request-by-hand.ts";
import { type Starter, startRun } from "./response/start-run.ts";

export type Portcullis = Awaited<ReturnType<typeof assemble>>;

const minute = 60_000;

/** Puts the product together from its settings; everything that talks to Azure connects when it is first used. */
export async function assemble(settings: Settings, clock: Clock = systemClock) {
  let connected: Promise<Connection> | undefined;
  const connection = () => {
    connected ??= connect(settings);
    return connected;
  };
  const table = (name: string) => openTable(name, settings, connection);
  const [live, history, points, alerts, runs, intake, playbooks] = await Promise.all([
    table("Containments"),
    table("Released"),
    table("EnforcementPoints"),
    table("Alerts"),
    table("Runs"),
    table("Intake"),
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
    clock,
  };
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
    protection: { apiManagement: settings.PORTCULLIS_API_MANAGEMENT, networks: settings.PORTCULLIS_PROTECTED_NETWORKS },
    mode: settings.PORTCULLIS_MODE,
    maxDuration: milliseconds(settings.PORTCULLIS_MAX_DURATION),
    inventory,
    reconciler,
    runs: ledger.runs,
    clock,
  };
  return {
    settings,
    playbooks,
    ledger,
    clock,
    receive: (event: unknown, starter: Starter) => receive(event, { playbooks, ...ledger, starter, clock }),
    requestByHand: (asked: Pick<ByHand, "playbook" | "body" | "key" | "by">) =>
      requestByHand({ ...asked, now: clock.now(), known: settings.PORTCULLIS_API_MANAGEMENT }),
    startByHand: async (starter: Starter, run: Request) =>
      (await starter.status(run.runId)) === "started" ? "exists" : startRun(starter, run),
    assess: (input: unknown) => assess(Request.parse(input), assessor),
    contain: (input: ContainInput) => contain(input, { ...ledger, clock }),
    conclude: (input: ConcludeInput) => conclude(input, { ...ledger, clock }),
    reconcile: (
      { point, fresh = false }: ReconcileInput,
      { lastEtag, lastWriteAt }: { lastEtag?: string; lastWriteAt?: string },
    ) => {
      const given = settings.PORTCULLIS_API_MANAGEMENT.some((id) => sameArmId(id, point.resourceId));
      // Taken out of the settings: from then on it is not ours to write to, not even to put right what we once wrote.
      return given
        ? reconcileFragment(point, { lastEtag, lastWriteAt, fresh }, reconciler)
        : untouched(point, containments);
    },
  };
}
