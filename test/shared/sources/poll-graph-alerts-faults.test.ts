import { describe, expect, it } from "vitest";
import { createGraph, ForeignLinkError, type Graph } from "../../../shared/azure/graph.ts";
import { graphAlert } from "../../support/a-graph-tenant.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { aPolledGraph, hour, minute, pagings } from "./a-polled-graph.ts";

describe.each(pagings)("with answers %s", (_, links) => {
  const { add, afterADay, nextTurn, now, takenIds, turn, world } = aPolledGraph(links);

  describe("clocks", () => {
    it.each([
      ["back", -3 * hour],
      ["ahead", 26 * hour],
    ])("that are put %s lose and repeat nothing", async (_, step) => {
      add("before", now());
      await nextTurn();
      world.clock = createManualClock(new Date(now() + step).toISOString());
      add("between", now());
      await nextTurn();
      add("late", now() - 10 * minute);
      await nextTurn();
      world.clock = createManualClock(new Date(now()).toISOString());
      add("after", now());
      await nextTurn();
      await nextTurn();

      expect(takenIds()).toEqual(["before", "between", "late", "after"]);
    });

    it("that are put back repeat nothing either when Graph does not say what time it is", async () => {
      const graph: Graph = {
        ...world.tenant.graph,
        page: async (...asked) => ({ ...(await world.tenant.graph.page(...asked)), servedAt: undefined }),
      };
      add("before", now());
      await nextTurn({ graph });
      for (let turns = 0; turns < 20; turns++) await nextTurn({ graph });
      world.clock = createManualClock(new Date(now() - 3 * hour).toISOString());
      for (let turns = 0; turns < 3; turns++) await nextTurn({ graph });

      expect(takenIds()).toEqual(["before"]);
    });

    it("that are put back do not make a wait of a minute one of hours", async () => {
      world.tenant.azure.faults.add({ kind: "status", operation: "Graph_ListAlerts", status: 429, count: 1 });
      await turn();
      world.clock = createManualClock(new Date(now() - 3 * hour).toISOString());

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
      world.tenant.azure.faults.add(limit);
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
      expect(new Set(takenIds()).size).toBe(300);
      expect(world.taken).toHaveLength(350);
    });

    it("begin once", async () => {
      add("recent", now() - minute);

      await Promise.all([turn(), turn()]);
      await nextTurn();

      expect(takenIds()).toEqual(["recent"]);
    });
  });

  describe("what trying again does not mend", () => {
    it("is thrown: the permission is missing", async () => {
      world.tenant.state.permissions = ["User.Read.All"];

      await expect(turn()).rejects.toMatchObject({ status: 403 });
    });

    it("is thrown: a link to further alerts leads elsewhere, and nothing is sent there", async () => {
      const sent = new Set<string>();
      const opened = await world.tenant.connection();
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
      expect(world.taken).toEqual([]);
    });

    it("is thrown: the place that was written down cannot be read", async () => {
      await world.watermarks.save("graph-alerts", { at: "yesterday" }, undefined);

      await expect(turn()).rejects.toThrow();
      expect(world.tenant.azure.calls).toEqual([]);
    });
  });
});
