import { describe, expect, it } from "vitest";
import type { Graph } from "../../../shared/azure/graph.ts";
import { aPolledGraph, hour, minute, pagings } from "./a-polled-graph.ts";

describe.each(pagings)("many alerts of one instant, in answers %s,", (_, links) => {
  const { add, nextTurn, now, takenIds, world } = aPolledGraph(links);

  function addAtOnce(count: number): void {
    const instant = now() - 30 * minute;
    for (let index = 0; index < count; index++) add(`alert-${index}`, instant);
  }

  it.each([
    ["fill an answer to the last place", 200],
    ["do not fit into one answer", 450],
    ["do not fit into the largest answer", 1200],
    ["fill the largest answer to the last place", 1000],
  ])("are taken once each, over turns, when they %s", async (_, count) => {
    addAtOnce(count);
    add("after", now() - minute);

    const reports = [];
    for (let turns = 0; turns < 25; turns++) reports.push(await nextTurn());

    expect(reports.slice(0, 2).map(({ taken }) => taken)).toEqual([200, Math.min(200, count - 199)]);
    expect(new Set(takenIds()).size).toBe(count + 1);
    expect(world.taken).toHaveLength(count + 1);
    expect(reports.filter(({ lostAt }) => lostAt)).toEqual([]);
    expect((await world.watermarks.read("graph-alerts"))?.state).toMatchObject({ seen: [] });
  });

  it("are all found though one of them is updated while its page was turned", async () => {
    addAtOnce(250);
    const limits = { pageSize: 100, largestPage: 100 };
    let first: unknown;
    const graph: Graph = {
      ...world.tenant.graph,
      async page(link, query, ...asked) {
        // The first of the list leaves the window, and every other one moves up by a place.
        const moved = world.tenant.state.alerts.find(({ id }) => id === first);
        const isTurned = link.startsWith("https://") || query?.$skip !== undefined;
        if (isTurned && moved) moved.lastUpdateDateTime = new Date(now()).toISOString();
        const page = await world.tenant.graph.page(link, query, ...asked);
        first ??= page.value[0]?.id;
        return page;
      },
    };

    await nextTurn({ graph, limits: { ...limits, alertsPerTurn: 1000 } });
    for (let turns = 0; turns < 20; turns++) await nextTurn({ limits });

    expect(new Set(takenIds()).size).toBe(250);
  });

  it("are read to their end though a turn's requests end before", async () => {
    addAtOnce(250);
    const limits = { pageSize: 50, largestPage: 50, alertsPerTurn: 1000, requestsPerTurn: 5 };

    const reports = [await nextTurn({ limits }), await nextTurn({ limits })];

    expect(reports.map((report) => report.taken)).toEqual([250, 0]);
    expect(new Set(takenIds()).size).toBe(250);
    expect(reports[0]).toMatchObject({ stoppedBy: "the requests of one turn are used up", behindBy: 31 * minute });
  });

  it("keep nothing else waiting when they are more than can be read, and what is out of reach is named", async () => {
    // Without links one last answer leads beyond the 500th place; with them, more would not be remembered.
    const [count, reachable] = links ? [10_500, 10_000] : [9_000, 1_500];
    addAtOnce(count);
    const instant = new Date(now() - 30 * minute).toISOString();
    add("after", now() - minute);
    const limits = { alertsPerTurn: 4000, alertsPerTake: 4000 };

    const reports = [];
    for (let turns = 0; turns < 5; turns++) reports.push(await nextTurn({ limits }));
    add("later", now());
    for (let turns = 0; turns < 3; turns++) reports.push(await nextTurn({ limits }));

    expect(new Set(takenIds()).size).toBe(reachable + 2);
    expect(world.taken).toHaveLength(reachable + 2);
    expect(takenIds()).toEqual(expect.arrayContaining(["after", "later"]));
    expect(reports.at(-1)).not.toHaveProperty("stoppedBy");
    expect(reports.flatMap(({ lostAt = [] }) => lostAt)).toEqual([instant]);
  });
});

describe("where answers link to each other", () => {
  const { add, nextTurn, now, takenIds, world } = aPolledGraph(true);

  it("a full one without a link is the last", async () => {
    for (let index = 0; index < 1000; index++) add(`alert-${index}`, now() - 30 * minute);

    const limits = { pageSize: 50, largestPage: 100, alertsPerTurn: 2000, alertsPerTake: 2000 };
    const reports = [await nextTurn({ limits }), await nextTurn({ limits })];

    expect(reports.map(({ taken, lostAt }) => [taken, lostAt])).toEqual([
      [1000, undefined],
      [0, undefined],
    ]);
  });

  it("one that is not full and has a link is not all there is", async () => {
    for (let index = 0; index < 40; index++) add(`alert-${index}`, now() - (index + 1) * minute);
    for (let index = 40; index < 80; index++) add(`alert-${index}`, now() - 30 * minute);
    const graph: Graph = {
      ...world.tenant.graph,
      page: (link, query, ...asked) => world.tenant.graph.page(link, query && { ...query, $top: "20" }, ...asked),
    };

    for (let turns = 0; turns < 3; turns++) await nextTurn({ graph });

    expect(new Set(takenIds()).size).toBe(80);
  });
});

describe("an instant with more alerts than can be read", () => {
  const { add, nextTurn, now, world } = aPolledGraph(false);

  it("is named every time while it may still get more, and then no longer", async () => {
    const instant = now();
    for (let index = 0; index < 1_501; index++) add(`alert-${index}`, instant);
    const limits = { alertsPerTurn: 4000, alertsPerTake: 4000 };

    const named = [];
    for (let turns = 0; turns < 20; turns++) named.push((await nextTurn({ limits })).lostAt);

    expect(named.slice(0, 15)).toEqual(Array(15).fill([new Date(instant).toISOString()]));
    expect(named.at(-1)).toBeUndefined();
    expect(world.taken).toHaveLength(1_500);
    expect(Date.parse((await nextTurn()).watermark)).toBeGreaterThan(instant);
    expect(now() - instant).toBeLessThan(hour);
  });
});
