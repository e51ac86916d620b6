import { afterAll, beforeAll, beforeEach } from "vitest";
import type { Json } from "../../../shared/alerts/fields.ts";
import type { Graph } from "../../../shared/azure/graph.ts";
import { type PollLimits, pollGraphAlerts } from "../../../shared/sources/poll-graph-alerts.ts";
import { createWatermarks, type Watermarks } from "../../../shared/sources/watermark.ts";
import { type GraphTenant, graphAlert, openGraphTenant } from "../../support/a-graph-tenant.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { memoryTable } from "../../support/memory-table.ts";

export const minute = 60_000;
export const hour = 60 * minute;

/** The two ways in which Graph is said to page: as real tenants do, and as it is documented. */
export const pagings = [
  ["that link to no further page", false],
  ["that link to their next page", true],
] as const;

interface Turn {
  graph?: Graph;
  take?(alerts: readonly Json[]): Promise<void>;
  limits?: Partial<PollLimits>;
}

/** The simulated Microsoft Graph and its poller, for the tests of one block; empty again before each. */
export function aPolledGraph(linksAlertPages: boolean) {
  const world = {} as {
    tenant: GraphTenant;
    /** Of the machine that polls. */
    clock: ManualClock;
    watermarks: Watermarks;
    taken: Json[];
  };

  beforeAll(async () => {
    world.tenant = await openGraphTenant();
  });
  beforeEach(async () => {
    const { clock, azure, state } = world.tenant;
    // Its own minute of Graph's, so that no test uses up the requests of the next.
    await clock.advance(2 * minute);
    world.clock = createManualClock(clock.now().toISOString());
    world.watermarks = createWatermarks(memoryTable());
    world.taken = [];
    azure.faults.clear();
    azure.calls.length = 0;
    Object.assign(state, { alerts: [], permissions: undefined, linksAlertPages });
  });
  afterAll(() => world.tenant.close());

  const now = () => world.tenant.clock.now().getTime();

  function add(id: string, lastUpdate: string | number, more = {}): void {
    world.tenant.state.alerts.push(graphAlert(id, lastUpdate, more));
  }

  async function turn({ graph = world.tenant.graph, take, limits }: Turn = {}) {
    return pollGraphAlerts({
      graph,
      watermarks: world.watermarks,
      clock: world.clock,
      take: async (alerts) => {
        await take?.(alerts);
        world.taken.push(...alerts);
      },
      ...(limits ? { limits } : {}),
    });
  }

  return {
    world,
    now,
    add,
    turn,
    takenIds: () => ids(world.taken),
    heldIds: () => ids(world.tenant.state.alerts),

    /** A minute later, on every clock. */
    async nextTurn(how: Turn = {}) {
      await world.tenant.clock.advance(minute);
      await world.clock.advance(minute);
      return turn(how);
    },

    /** Graph, with something happening before the request of that number. */
    before(request: number, happens: () => void): Graph {
      let sent = 0;
      return {
        ...world.tenant.graph,
        async page(...asked) {
          sent += 1;
          if (sent === request) happens();
          return world.tenant.graph.page(...asked);
        },
      };
    },

    /** The alerts of a day on which nobody polled, one every 28.8 seconds. */
    async afterADay(count = 3000): Promise<void> {
      const begin = now() - 24 * hour;
      await world.watermarks.save("graph-alerts", { at: begin, seen: [] }, undefined);
      for (let index = 0; index < count; index++)
        add(`alert-${index}`, begin + Math.floor((index * 24 * hour) / count));
    },
  };
}

export function ids(alerts: readonly Json[]): unknown[] {
  return alerts.map(({ id }) => id);
}
