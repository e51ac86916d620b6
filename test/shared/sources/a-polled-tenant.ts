import { afterAll, beforeAll, beforeEach } from "vitest";
import { createCloudAppsHost } from "../../../local/azure/cloud-apps/cloud-apps-host.ts";
import {
  type CloudAppsAlert,
  cloudAppsAlert,
  cloudAppsState,
} from "../../../local/azure/cloud-apps/cloud-apps-state.ts";
import { type SimulatedAzure, startSimulatedAzure } from "../../../local/azure/simulated-azure.ts";
import { type CloudApps, createCloudApps } from "../../../shared/azure/cloud-apps.ts";
import { createRewritingHttpClient } from "../../../shared/azure/rewriting-http-client.ts";
import { type CloudAppsPoller, pollCloudApps } from "../../../shared/sources/poll-cloud-apps.ts";
import { createWatermarks, type Watermarks } from "../../../shared/sources/watermark.ts";
import { aServiceCredential } from "../../support/a-service-credential.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { memoryTable } from "../../support/memory-table.ts";

export const minute = 60_000;
export const hour = 60 * minute;

/** The simulated Defender for Cloud Apps and its poller, for the tests of one file; empty again before each. */
export function aPolledTenant() {
  const clock = createManualClock("2026-11-23T09:30:00.000Z");
  const state = cloudAppsState();
  const taken: { id: string; status: number }[] = [];
  let azure: SimulatedAzure;
  let cloudApps: CloudApps;
  let watermarks: Watermarks;
  let made = 0;

  beforeAll(async () => {
    const hosts = [createCloudAppsHost(state)];
    azure = await startSimulatedAzure({ port: 0, gatewayPort: 0, clock, services: [], hosts });
  });
  beforeEach(async () => {
    await clock.advance(2 * minute);
    azure.faults.clear();
    azure.calls.length = 0;
    Object.assign(state, cloudAppsState());
    watermarks = createWatermarks(memoryTable());
    taken.length = 0;
    const connection = { credential: aServiceCredential(clock), httpClient: createRewritingHttpClient(azure.url) };
    cloudApps = createCloudApps(async () => connection, "https://contoso.eu2.portal.cloudappsecurity.com");
  });
  afterAll(() => azure.close());

  async function take(alerts: readonly unknown[]): Promise<void> {
    for (const alert of alerts as CloudAppsAlert[]) taken.push({ id: alert._id, status: alert.resolutionStatusValue });
  }
  const turn = (poller: Partial<CloudAppsPoller> = {}) =>
    pollCloudApps({ cloudApps, watermarks, take, clock, ...poller });

  return {
    clock,
    state,
    taken,
    take,
    turn,
    azure: () => azure,
    cloudApps: () => cloudApps,
    watermarks: () => watermarks,
    ids: () => taken.map(({ id }) => id),
    held: () => state.alerts.map(({ _id }) => _id),

    /** An alert raised so long ago, which can be seen from now on. */
    raise(agoMs = 0): CloudAppsAlert {
      made += 1;
      const alert = cloudAppsAlert({ _id: idOf(made), timestamp: clock.now().getTime() - agoMs });
      state.alerts.push(alert);
      return alert;
    },

    close(alert: CloudAppsAlert, as: number, agoMs = 0): void {
      alert.resolutionStatusValue = as;
      alert.resolveTime = new Date(clock.now().getTime() - agoMs).toISOString();
    },

    /** One turn every half minute, as the schedule has it, until one has caught up. Answers what each took. */
    async catchUp(poller: Partial<CloudAppsPoller> = {}): Promise<number[]> {
      const perTurn: number[] = [];
      while (perTurn.length < 100) {
        const { taken, stoppedBy } = await turn(poller);
        perTurn.push(taken);
        await clock.advance(minute / 2);
        if (stoppedBy === undefined) return perTurn;
      }
      throw new Error("100 turns were not enough");
    },

    /** The most calls that the service saw within any minute. */
    busiestMinute(): number {
      const times = azure.calls.map(({ at }) => at.getTime());
      return Math.max(0, ...times.map((at) => times.filter((other) => other >= at && other < at + minute).length));
    },
  };
}

export function idOf(n: number): string {
  return n.toString(16).padStart(24, "0");
}
