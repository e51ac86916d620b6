import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Json } from "../../../shared/alerts/fields.ts";
import { createGraph, ForeignLinkError, type Graph } from "../../../shared/azure/graph.ts";
import { type PollLimits, pollGraphAlerts } from "../../../shared/sources/poll-graph-alerts.ts";
import { createWatermarks, type Watermarks } from "../../../shared/sources/watermark.ts";
import { type GraphTenant, graphAlert, openGraphTenant } from "../../support/a-graph-tenant.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";
import { memoryTable } from "../../support/memory-table.ts";

const minute = 60_000;
const hour = 60 * minute;

let tenant: GraphTenant;
/** Of the machine that polls. */
let clock: ManualClock;
let watermarks: Watermarks;
let taken: Json[];

beforeAll(async () => {
  tenant = await openGraphTenant();
});
beforeEach(async () => {
  // Its own minute of Graph's, so that no test uses up the requests of the next.
  await tenant.clock.advance(2 * minute);
  clock = createManualClock(tenant.clock.now().toISOString());
  watermarks = createWatermarks(memoryTable());
  taken = [];
  tenant.azure.faults.clear();
  tenant.azure.calls.length = 0;
  Object.assign(tenant.state, { alerts: [], permissions: undefined });
});
afterAll(() => tenant.close());

const now = () => tenant.clock.now().getTime();
const ids = (alerts: readonly Json[]) => alerts.map(({ id }) => id);
const add = (id: string, lastUpdate: string | number, more = {}) =>
  tenant.state.alerts.push(graphAlert(id, lastUpdate, more));

interface Turn {
  graph?: Graph;
  take?(alerts: readonly Json[]): Promise<void>;
  limits?: Partial<PollLimits>;
}

async function turn({ graph = tenant.graph, take, limits }: Turn = {}) {
  return pollGraphAlerts({
    graph,
    watermarks,
    clock,
    take: async (alerts) => {
      await take?.(alerts);
      taken.push(...alerts);
    },
    ...(limits ? { limits } : {}),
  });
}

/** A minute later, on every clock. */
async function nextTurn(how: Turn = {}) {
  await tenant.clock.advance(minute);
  await clock.advance(minute);
  return turn(how);
}

/** Graph, with something happening before the request of that number. */
function before(request: number, happens: () => void): Graph {
  let sent = 0;
  return {
    ...tenant.graph,
    async page(...asked) {
      sent += 1;
      if (sent === request) happens();
      return tenant.graph.page(...asked);
    },
  };
}

/** The alerts of a day on which nobody polled, one every 28.8 seconds. */
async function afterADay(count = 3000): Promise<void> {
  const begin = now() - 24 * hour;
  await watermarks.save("graph-alerts", { at: begin, seen: [] }, undefined);
  for (let index = 0; index < count; index++) add(`alert-${index}`, begin + Math.floor((index * 24 * hour) / count));
}

describe("polling alerts from Graph", () => {
  it("begins with the last hour, not with the beginning of time", async () => {
    add("old", now() - 61 * minute);
    add("recent", now() - 59 * minute);
    add("new", now() - minute);

    const report = await turn();

    expect(ids(taken)).toEqual(["recent", "new"]);
    expect(report).toEqual({ taken: 2, pages: 1, watermark: new Date(now() - 15 * minute).toISOString() });
  });

  it("keeps the beginning of the first turn while Graph does not answer", async () => {
    add("recent", now() - 59 * minute);
    tenant.azure.faults.add({ kind: "status", operation: "Graph_ListAlerts", status: 503, count: 3 });

    for (let turns = 0; turns < 3; turns++) expect((await nextTurn()).stoppedBy).toContain("503");
    await nextTurn();

    expect(ids(taken)).toEqual(["recent"]);
  });

  it("takes each alert once, and again when it was updated", async () => {
    add("first", now() - minute);
    await turn();
    await nextTurn();
    expect(ids(taken)).toEqual(["first"]);

    tenant.state.alerts = [graphAlert("first", now(), { status: "resolved" })];
    add("second", now() + 1);
    await nextTurn();
    await nextTurn();

    expect(taken.map(({ id, status }) => `${id} ${status}`)).toEqual(["first new", "first resolved", "second new"]);
  });

  it("takes the alert that carries the same instant as one that was taken, to the seventh digit", async () => {
    const second = new Date(now()).toISOString().slice(0, 19);
    add("first", `${second}.3266667Z`);
    await nextTurn();
    add("twin", `${second}.3266667Z`);
    add("sibling", `${second}.3266661Z`);
    await nextTurn();
    await nextTurn();

    expect(ids(taken).toSorted()).toEqual(["first", "sibling", "twin"]);
  });

  it("finds the alert that appears later than others with a later time", async () => {
    add("on time", now());
    await nextTurn();
    await nextTurn();
    add("late", now() - 14 * minute);
    await nextTurn();

    expect(ids(taken)).toEqual(["on time", "late"]);
  });

  it("gets the sources that Graph hides from who does not ask for them", async () => {
    add("cloud", now(), { serviceSource: "microsoftDefenderForCloud" });
    await turn();

    expect(taken).toMatchObject([{ serviceSource: "microsoftDefenderForCloud" }]);
  });

  it("takes an alert whose time cannot be read, rather than losing it", async () => {
    const odd = {
      value: [{ id: "odd", lastUpdateDateTime: "soon" }],
      nextLink: undefined,
      servedAt: tenant.clock.now(),
    };
    await turn({ graph: { ...tenant.graph, page: async () => odd } });

    expect(ids(taken)).toEqual(["odd"]);
  });

  it("writes its place down in a few words when there is nothing new", async () => {
    for (let turns = 0; turns < 20; turns++) {
      add(`alert-${turns}`, now());
      await nextTurn();
    }
    for (let turns = 0; turns < 20; turns++) await nextTurn();

    expect((await watermarks.read("graph-alerts"))?.state).toEqual({ at: now() - 15 * minute, seen: [] });
    expect(taken).toHaveLength(20);
  });
});

describe("after an outage of a day", () => {
  it("takes every alert once, oldest first, so many a turn, and what comes meanwhile", async () => {
    await afterADay();
    const reports = [];
    do {
      add(`meanwhile-${reports.length}`, now());
      reports.push(await nextTurn());
    } while (reports.at(-1)?.stoppedBy !== undefined && reports.length < 30);

    expect(reports.length).toBeLessThan(20);
    expect(taken).toHaveLength(3000 + reports.length);
    expect(new Set(ids(taken)).size).toBe(taken.length);
    const times = taken.map(({ lastUpdateDateTime }) => String(lastUpdateDateTime));
    expect(times).toEqual(times.toSorted());
    expect(Math.max(...reports.map((report) => report.taken))).toBe(200);
    expect(Math.max(...reports.map((report) => report.pages))).toBeLessThan(20);
    expect(reports[0]?.behindBy).toBeGreaterThan(22 * hour);
    expect(reports.at(-1)).not.toHaveProperty("behindBy");
  });

  it("goes on where a crash between two portions left it", async () => {
    await afterADay(300);
    const portions: number[] = [];
    const take = async (alerts: readonly Json[]) => {
      portions.push(alerts.length);
      if (portions.length === 3) throw new Error("the host died");
    };

    await expect(turn({ take })).rejects.toThrow("the host died");
    expect(portions).toEqual([50, 50, 50]);
    for (let turns = 0; turns < 3; turns++) await nextTurn();

    expect(ids(taken)).toEqual(ids(tenant.state.alerts));
  });

  it("gives again what was taken and not written down", async () => {
    await afterADay(60);
    const sound = watermarks;
    let saves = 0;
    watermarks = {
      ...sound,
      save: async (...asked) => {
        saves += 1;
        if (saves === 1) throw new Error("the host died");
        return sound.save(...asked);
      },
    };

    await expect(turn()).rejects.toThrow("the host died");
    await nextTurn();

    expect(ids(taken)).toEqual([...ids(tenant.state.alerts.slice(0, 50)), ...ids(tenant.state.alerts)]);
  });

  it("stops in the middle when Graph throttles, waits as long as it is told to and loses nothing", async () => {
    await afterADay(600);
    const throttle = () =>
      tenant.azure.faults.add({
        kind: "status",
        operation: "Graph_ListAlerts",
        status: 429,
        retryAfterSeconds: 90,
        count: 1,
      });

    const stopped = await turn({ graph: before(3, throttle) });
    expect(stopped.stoppedBy).toContain("429");
    expect(stopped.pages).toBe(2);
    tenant.azure.calls.length = 0;
    expect(await nextTurn()).toMatchObject({ taken: 0, pages: 0, stoppedBy: expect.stringContaining("asked to wait") });
    expect(tenant.azure.calls).toEqual([]);
    for (let turns = 0; turns < 5; turns++) await nextTurn();

    expect(ids(taken)).toEqual(ids(tenant.state.alerts));
  });

  it("gets through a minute in which others used up Graph's requests", async () => {
    await afterADay(600);
    for (let request = 0; request < 147; request++) await tenant.graph.page("/security/alerts_v2", { $top: "1" });

    expect((await turn()).stoppedBy).toContain("429");
    await nextTurn();
    for (let turns = 0; turns < 5; turns++) await nextTurn();

    expect(ids(taken)).toEqual(ids(tenant.state.alerts));
  });
});

describe("many alerts of one instant", () => {
  const limits = { pageSize: 100 };

  it("are taken once each, over pages and turns", async () => {
    const instant = now() - 30 * minute;
    for (let index = 0; index < 450; index++) add(`alert-${index}`, instant);
    add("after", now() - minute);

    const reports = [await nextTurn({ limits }), await nextTurn({ limits }), await nextTurn({ limits })];
    for (let turns = 0; turns < 20; turns++) await nextTurn({ limits });

    expect(reports.map((report) => report.taken)).toEqual([200, 200, 51]);
    expect(new Set(ids(taken)).size).toBe(451);
    expect(taken).toHaveLength(451);
    expect((await watermarks.read("graph-alerts"))?.state).toMatchObject({ seen: [] });
  });

  it("are all found though one of them is updated while its page was turned", async () => {
    const instant = now() - 30 * minute;
    for (let index = 0; index < 250; index++) add(`alert-${index}`, instant);
    let first: unknown;
    const graph: Graph = {
      ...tenant.graph,
      async page(link, ...asked) {
        // The first of the list leaves the window, and every other one moves up by a place.
        const moved = tenant.state.alerts.find(({ id }) => id === first);
        if (link.startsWith("https://") && moved) moved.lastUpdateDateTime = new Date(now()).toISOString();
        const page = await tenant.graph.page(link, ...asked);
        first ??= page.value[0]?.id;
        return page;
      },
    };

    await nextTurn({ graph, limits: { ...limits, alertsPerTurn: 1000 } });
    for (let turns = 0; turns < 20; turns++) await nextTurn({ limits });

    expect(new Set(ids(taken)).size).toBe(250);
  });

  it("are not given up for lost when a turn's requests do not reach to their end", async () => {
    const instant = now() - 30 * minute;
    for (let index = 0; index < 250; index++) add(`alert-${index}`, instant);
    const limits = { pageSize: 50, alertsPerTurn: 1000, requestsPerTurn: 5 };

    // Five pages hold the instant; what leads to it leaves two requests for them in the first turn, four in the others.
    const reports = [await turn({ limits }), await nextTurn({ limits }), await nextTurn({ limits })];
    expect(reports.map((report) => report.taken)).toEqual([100, 100, 0]);
    expect(reports[2]).toMatchObject({ stoppedBy: "the requests of one turn are used up", behindBy: 32 * minute });
    for (let turns = 0; turns < 3; turns++) await nextTurn({ limits: { ...limits, requestsPerTurn: 40 } });

    expect(new Set(ids(taken)).size).toBe(250);
    expect(taken).toHaveLength(250);
  });
});

describe("clocks", () => {
  it.each([
    ["back", -3 * hour],
    ["ahead", 26 * hour],
  ])("that are put %s lose and repeat nothing", async (_, step) => {
    add("before", now());
    await nextTurn();
    clock = createManualClock(new Date(now() + step).toISOString());
    add("between", now());
    await nextTurn();
    add("late", now() - 10 * minute);
    await nextTurn();
    clock = createManualClock(new Date(now()).toISOString());
    add("after", now());
    await nextTurn();
    await nextTurn();

    expect(ids(taken)).toEqual(["before", "between", "late", "after"]);
  });

  it("that are put back repeat nothing either when Graph does not say what time it is", async () => {
    const graph: Graph = {
      ...tenant.graph,
      page: async (...asked) => ({ ...(await tenant.graph.page(...asked)), servedAt: undefined }),
    };
    add("before", now());
    await nextTurn({ graph });
    for (let turns = 0; turns < 20; turns++) await nextTurn({ graph });
    clock = createManualClock(new Date(now() - 3 * hour).toISOString());
    for (let turns = 0; turns < 3; turns++) await nextTurn({ graph });

    expect(ids(taken)).toEqual(["before"]);
  });

  it("that are put back do not make a wait of a minute one of hours", async () => {
    tenant.azure.faults.add({ kind: "status", operation: "Graph_ListAlerts", status: 429, count: 1 });
    await turn();
    clock = createManualClock(new Date(now() - 3 * hour).toISOString());

    expect(await turn()).not.toHaveProperty("stoppedBy");
  });

  it("of Graph may name a wait of a day; it is asked again before that", async () => {
    const limit = {
      kind: "status",
      operation: "Graph_ListAlerts",
      status: 429,
      retryAfterSeconds: 86_400,
      count: 1,
    } as const;
    tenant.azure.faults.add(limit);
    await turn();
    for (let turns = 0; turns < 14; turns++) expect((await nextTurn()).pages).toBe(0);

    expect((await nextTurn()).pages).toBe(1);
  });
});

describe("two turns at once", () => {
  it("lose nothing, and the slower one gives way", async () => {
    await afterADay(300);

    const reports = await Promise.all([turn(), turn()]);
    for (let turns = 0; turns < 3; turns++) await nextTurn();

    expect(reports.filter(({ stoppedBy }) => stoppedBy?.includes("another turn"))).toHaveLength(1);
    expect(new Set(ids(taken)).size).toBe(300);
    expect(taken).toHaveLength(350);
  });

  it("begin once", async () => {
    add("recent", now() - minute);

    await Promise.all([turn(), turn()]);
    await nextTurn();

    expect(ids(taken)).toEqual(["recent"]);
  });
});

describe("what trying again does not mend", () => {
  it("is thrown: the permission is missing", async () => {
    tenant.state.permissions = ["User.Read.All"];

    await expect(turn()).rejects.toMatchObject({ status: 403 });
  });

  it("is thrown: a link to further alerts leads elsewhere, and nothing is sent there", async () => {
    const sent = new Set<string>();
    const opened = await tenant.connection();
    const answer = {
      value: [graphAlert("x", now())],
      "@odata.nextLink": "https://graph.microsoft.com.evil.example/v1.0/",
    };
    const graph = createGraph(async () => ({
      ...opened,
      httpClient: {
        async sendRequest(request) {
          sent.add(new URL(request.url).host);
          const { createHttpHeaders } = await import("@azure/core-rest-pipeline");
          return { request, status: 200, headers: createHttpHeaders(), bodyAsText: JSON.stringify(answer) };
        },
      },
    }));

    await expect(turn({ graph })).rejects.toThrow(ForeignLinkError);
    expect([...sent]).toEqual(["graph.microsoft.com"]);
    expect(taken).toEqual([]);
  });

  it("is thrown: the place that was written down cannot be read", async () => {
    await watermarks.save("graph-alerts", { at: "yesterday" }, undefined);

    await expect(turn()).rejects.toThrow();
    expect(tenant.azure.calls).toEqual([]);
  });
});
