import fc from "fast-check";
import { expect, it } from "vitest";
import { AzureError } from "../../../shared/azure/azure-error.ts";
import type { Graph } from "../../../shared/azure/graph.ts";
import { pollGraphAlerts, pollLimits } from "../../../shared/sources/poll-graph-alerts.ts";
import { createWatermarks } from "../../../shared/sources/watermark.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { memoryTable } from "../../support/memory-table.ts";

const minute = 60_000;
const start = Date.parse("2026-11-23T09:30:00.000Z");
const limits = { ...pollLimits, alertsPerTurn: 7, alertsPerTake: 3, pageSize: 5, largestPage: 8, requestsPerTurn: 60 };

/** An alert that carries one time and can be seen from another on, at most the overlap later. */
const arbitraryAlert = fc
  .record({ visibleAt: fc.integer({ min: 0, max: 20 }), lag: fc.integer({ min: 0, max: 14 }), burst: fc.boolean() })
  .map(({ visibleAt, lag, burst }) => ({
    visibleAt: start + visibleAt * minute,
    // Times that fall together, to the millisecond, are as likely as those that do not.
    stamp: start + (visibleAt - lag) * minute + (burst ? 0 : lag * 37 + visibleAt),
  }));

const arbitraryTurn = fc.record({
  /** How far this machine's clock is off. */
  skew: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: -180, max: 180 })),
  /** Before which request Graph fails, if it gets that far. */
  failsAt: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
  /** After which portion the host dies. */
  diesAt: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
});

interface Sent {
  id: string;
  visibleAt: number;
  stamp: number;
}

/** Graph's list at one moment, in an order that means nothing, failing before a request. */
function listAt(sent: readonly Sent[], moment: number, failsAt: number | undefined, links: boolean): Graph {
  let requests = 0;
  const unplayed = async () => Promise.reject(new Error("not played"));
  return {
    get: unplayed,
    post: unplayed,
    list: unplayed,
    async page(link, query = {}) {
      requests += 1;
      if (requests === failsAt) throw new AzureError("list", { status: 503, code: "ServiceUnavailable", message: "" });
      const asked = link.startsWith("/") ? new URLSearchParams(query) : new URL(link).searchParams;
      const filter = asked.get("$filter") ?? "";
      const skip = Number(asked.get("$skip"));
      const end = skip + Math.min(Number(asked.get("$top")), limits.largestPage);
      const [from = Number.NaN, to = Number.POSITIVE_INFINITY] = [...filter.matchAll(/\d{4}-[\dT:.-]+Z/g)].map(
        ([text]) => Date.parse(text),
      );
      const found = sent
        .filter(({ visibleAt, stamp }) => visibleAt <= moment && stamp >= from && stamp < to)
        .map(({ id, stamp }) => ({ id, lastUpdateDateTime: new Date(stamp).toISOString() }))
        .toSorted((a, b) => (a.id.slice(-1) + a.id < b.id.slice(-1) + b.id ? -1 : 1));
      const next = new URL("https://graph.microsoft.com/v1.0/security/alerts_v2");
      next.search = new URLSearchParams({ $filter: filter, $top: asked.get("$top") ?? "", $skip: `${end}` }).toString();
      return {
        value: found.slice(skip, end),
        nextLink: links && end < found.length ? next.href : undefined,
        servedAt: new Date(moment),
      };
    },
  };
}

it("every alert is taken, once unless the host died, whatever fails, arrives late or shows the wrong time", async () => {
  const world = fc.record({
    /** Whether Graph links to the next page. */
    links: fc.boolean(),
    alerts: fc.array(arbitraryAlert, { maxLength: 60, size: "max" }),
    turns: fc.array(arbitraryTurn, { maxLength: 25 }),
  });

  await fc.assert(
    fc.asyncProperty(world, async ({ links, alerts, turns }) => {
      const sent = alerts.map((alert, index) => ({ ...alert, id: `alert-${index}` }));
      const watermarks = createWatermarks(memoryTable());
      const taken: unknown[] = [];
      let died = false;
      const quiet = Array.from({ length: 40 }, () => ({ skew: 0, failsAt: undefined, diesAt: undefined }));

      for (const [index, { skew, failsAt, diesAt }] of [...turns, ...quiet].entries()) {
        const moment = start + index * minute;
        let portions = 0;
        const turn = pollGraphAlerts({
          graph: listAt(sent, moment, failsAt, links),
          watermarks,
          // The first turn has nothing but its clock to know where to begin.
          clock: createManualClock(new Date(moment + (index === 0 ? 0 : skew * minute)).toISOString()),
          limits,
          async take(portion) {
            taken.push(...portion.map(({ id }) => id));
            portions += 1;
            if (portions === diesAt) throw new Error("the host died");
          },
        });
        await turn.catch((error: unknown) => {
          if (!(error instanceof Error && error.message === "the host died")) throw error;
          died = true;
        });
      }

      expect([...new Set(taken)].toSorted()).toEqual(sent.map(({ id }) => id).toSorted());
      if (!died) expect(taken).toHaveLength(sent.length);
    }),
    { numRuns: 200 },
  );
});
