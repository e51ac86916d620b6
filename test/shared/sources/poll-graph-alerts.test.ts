import { describe, expect, it } from "vitest";
import type { Json } from "../../../shared/alerts/fields.ts";
import { graphAlert } from "../../support/a-graph-tenant.ts";
import { aPolledGraph, hour, ids, minute, pagings } from "./a-polled-graph.ts";

describe.each(pagings)("with answers %s", (_, links) => {
  const { add, afterADay, before, heldIds, nextTurn, now, takenIds, turn, world } = aPolledGraph(links);

  describe("polling alerts from Graph", () => {
    it("begins with the last hour, not with the beginning of time", async () => {
      add("old", now() - 61 * minute);
      add("recent", now() - 59 * minute);
      add("new", now() - minute);

      const report = await turn();

      expect(takenIds()).toEqual(["recent", "new"]);
      expect(report).toEqual({ taken: 2, pages: 1, watermark: new Date(now() - 15 * minute).toISOString() });
    });

    it("keeps the beginning of the first turn while Graph does not answer", async () => {
      add("recent", now() - 59 * minute);
      world.tenant.azure.faults.add({ kind: "status", operation: "Graph_ListAlerts", status: 503, count: 3 });

      for (let turns = 0; turns < 3; turns++) expect((await nextTurn()).stoppedBy).toContain("503");
      await nextTurn();

      expect(takenIds()).toEqual(["recent"]);
    });

    it("takes each alert once, and again when it was updated", async () => {
      add("first", now() - minute);
      await turn();
      await nextTurn();
      expect(takenIds()).toEqual(["first"]);

      world.tenant.state.alerts = [graphAlert("first", now(), { status: "resolved" })];
      add("second", now() + 1);
      await nextTurn();
      await nextTurn();

      expect(world.taken.map(({ id, status }) => `${id} ${status}`)).toEqual([
        "first new",
        "first resolved",
        "second new",
      ]);
    });

    it("takes the alert that carries the same instant as one that was taken, to the seventh digit", async () => {
      const second = new Date(now()).toISOString().slice(0, 19);
      add("first", `${second}.3266667Z`);
      await nextTurn();
      add("twin", `${second}.3266667Z`);
      add("sibling", `${second}.3266661Z`);
      await nextTurn();
      await nextTurn();

      expect(takenIds().toSorted()).toEqual(["first", "sibling", "twin"]);
    });

    it("finds the alert that appears later than others with a later time", async () => {
      add("on time", now());
      await nextTurn();
      await nextTurn();
      add("late", now() - 14 * minute);
      await nextTurn();

      expect(takenIds()).toEqual(["on time", "late"]);
    });

    it("gets the sources that Graph hides from who does not ask for them", async () => {
      add("cloud", now(), { serviceSource: "microsoftDefenderForCloud" });
      await turn();

      expect(world.taken).toMatchObject([{ serviceSource: "microsoftDefenderForCloud" }]);
    });

    it("takes an alert whose time cannot be read, rather than losing it", async () => {
      const odd = {
        value: [{ id: "odd", lastUpdateDateTime: "soon" }],
        nextLink: undefined,
        servedAt: world.tenant.clock.now(),
      };
      await turn({ graph: { ...world.tenant.graph, page: async () => odd } });

      expect(takenIds()).toEqual(["odd"]);
    });

    it("writes its place down in a few words when there is nothing new", async () => {
      for (let turns = 0; turns < 20; turns++) {
        add(`alert-${turns}`, now());
        await nextTurn();
      }
      for (let turns = 0; turns < 20; turns++) await nextTurn();

      expect((await world.watermarks.read("graph-alerts"))?.state).toEqual({ at: now() - 15 * minute, seen: [] });
      expect(world.taken).toHaveLength(20);
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
      expect(world.taken).toHaveLength(3000 + reports.length);
      expect(new Set(takenIds()).size).toBe(world.taken.length);
      const times = world.taken.map(({ lastUpdateDateTime }) => String(lastUpdateDateTime));
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

      expect(takenIds()).toEqual(heldIds());
    });

    it("gives again what was taken and not written down", async () => {
      await afterADay(60);
      const sound = world.watermarks;
      let saves = 0;
      world.watermarks = {
        ...sound,
        save: async (...asked) => {
          saves += 1;
          if (saves === 1) throw new Error("the host died");
          return sound.save(...asked);
        },
      };

      await expect(turn()).rejects.toThrow("the host died");
      await nextTurn();

      expect(takenIds()).toEqual([...ids(world.tenant.state.alerts.slice(0, 50)), ...heldIds()]);
    });

    it("stops in the middle when Graph throttles, waits as long as it is told to and loses nothing", async () => {
      await afterADay(600);
      const throttle = () =>
        world.tenant.azure.faults.add({
          kind: "status",
          operation: "Graph_ListAlerts",
          status: 429,
          retryAfterSeconds: 90,
          count: 1,
        });

      const stopped = await turn({ graph: before(3, throttle) });
      expect(stopped.stoppedBy).toContain("429");
      expect(stopped.pages).toBe(2);
      world.tenant.azure.calls.length = 0;
      expect(await nextTurn()).toMatchObject({
        taken: 0,
        pages: 0,
        stoppedBy: expect.stringContaining("asked to wait"),
      });
      expect(world.tenant.azure.calls).toEqual([]);
      for (let turns = 0; turns < 5; turns++) await nextTurn();

      expect(takenIds()).toEqual(heldIds());
    });

    it("gets through a minute in which others used up Graph's requests", async () => {
      await afterADay(600);
      for (let request = 0; request < 147; request++)
        await world.tenant.graph.page("/security/alerts_v2", { $top: "1" });

      expect((await turn()).stoppedBy).toContain("429");
      await nextTurn();
      for (let turns = 0; turns < 5; turns++) await nextTurn();

      expect(takenIds()).toEqual(heldIds());
    });
  });
});
