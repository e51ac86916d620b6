import { describe, expect, it } from "vitest";
import { cloudAppsAlert } from "../../../local/azure/cloud-apps/cloud-apps-state.ts";
import type { CloudApps } from "../../../shared/azure/cloud-apps.ts";
import type { Watermarks } from "../../../shared/sources/watermark.ts";
import { aPolledTenant, idOf, minute } from "./a-polled-tenant.ts";

const { azure, busiestMinute, catchUp, clock, cloudApps, held, ids, raise, state, take, taken, turn, watermarks } =
  aPolledTenant();

describe("polling Defender for Cloud Apps when something goes wrong", () => {
  it("keeps its place when taking fails, and takes the same alerts again", async () => {
    const alerts = [raise(2_000), raise(1_000)];
    const take = () => Promise.reject(new Error("the ledger is down"));

    await expect(turn({ take })).rejects.toThrow("the ledger is down");
    await expect(turn({ take })).rejects.toThrow("the ledger is down");
    await turn();

    expect(ids()).toEqual(alerts.map(({ _id }) => _id));
  });

  it("loses at most the page it was at when its process is killed between taking and writing it down", async () => {
    for (let n = 250; n > 0; n--) raise(n * 1_000);
    let saves = 0;
    const killed: Watermarks = {
      ...watermarks(),
      save: (...saved) => (++saves > 2 ? new Promise(() => {}) : watermarks().save(...saved)),
    };
    const stuck = turn({ watermarks: killed, limits: { alertsPerTurn: 1_000 } });
    // A page begins with the last alert of the page before.
    while (taken.length < 199) await Promise.race([stuck, new Promise((resolve) => setImmediate(resolve))]);

    await clock.advance(minute);
    await turn({ limits: { alertsPerTurn: 1_000 } });

    expect(new Set(ids()).size).toBe(250);
    // The first page was written down, the second one not.
    expect(taken).toHaveLength(199 + 150);
  });

  it("writes down how far it came when the minute's requests are used up, and goes on from there", async () => {
    for (let n = 600; n > 0; n--) raise(n * 1_000);

    const report = await turn({ limits: { requestsPerMinute: 4, alertsPerTurn: 1_000 } });

    expect(report).toMatchObject({ taken: 199, requests: 3, stoppedBy: "the requests of this minute are used up" });
    expect(Date.parse(report.watermark)).toBe(state.alerts[198]?.timestamp);
    expect(await turn({ limits: { requestsPerMinute: 3 } })).toMatchObject({ taken: 0, requests: 0 });
    await clock.advance(minute);
    await catchUp({ limits: { requestsPerMinute: 4, alertsPerTurn: 1_000 } });
    expect(ids()).toEqual(held());
    expect(busiestMinute()).toBeLessThanOrEqual(4);
  });

  it("waits a minute when others have used up the tenant's requests, and asks nothing before", async () => {
    const alert = raise();
    for (let call = 0; call < 30; call++) await cloudApps().alerts({ filters: {} });
    azure().calls.length = 0;

    const report = await turn();
    expect(report.stoppedBy).toMatch(/^could not list alerts of Defender for Cloud Apps: 429/);
    await clock.advance(59_000);
    expect((await turn()).stoppedBy).toMatch(/^asked to wait until 2026/);
    expect(azure().calls).toHaveLength(1);

    await clock.advance(minute);
    expect(await turn()).toMatchObject({ taken: 1 });
    expect(ids()).toEqual([alert._id]);
  });

  it.each([
    [503, 90, 90_000],
    [429, 5, 5_000],
    [429, 86_400, 15 * minute],
  ] as const)("waits as long as a %i with Retry-After %i wants it, within reason", async (status, seconds, waited) => {
    azure().faults.add({
      kind: "status",
      operation: "CloudApps_ListAlerts",
      status,
      retryAfterSeconds: seconds,
      count: 1,
    });
    await turn();
    await clock.advance(waited - 1);
    expect((await turn()).stoppedBy).toMatch(/^asked to wait/);

    await clock.advance(1);
    expect((await turn()).stoppedBy).toBeUndefined();
  });

  it("keeps what it took before the service failed", async () => {
    for (let n = 150; n > 0; n--) raise(n * 1_000);
    let calls = 0;
    const failing: Pick<CloudApps, "alerts"> = {
      alerts(query) {
        if (++calls === 2)
          azure().faults.add({ kind: "drop", operation: "CloudApps_ListAlerts", moment: "before", count: 1 });
        return cloudApps().alerts(query);
      },
    };

    expect(await turn({ cloudApps: failing })).toMatchObject({
      taken: 100,
      stoppedBy: expect.stringContaining("no answer"),
    });
    // What the turn did not spend is there for the next one.
    expect((await turn()).stoppedBy).toBeUndefined();

    expect(ids()).toEqual(held());
  });

  it("throws when it may not read alerts, which waiting does not mend", async () => {
    state.permissions = new Set();

    await expect(turn()).rejects.toMatchObject({ status: 403 });
  });

  it("leaves the requests to the turn that was there first", async () => {
    for (let n = 300; n > 0; n--) raise(n);

    const reports = await Promise.all([turn(), turn(), turn()]);

    expect(reports.filter(({ requests }) => requests > 0)).toHaveLength(1);
    expect(new Set(ids()).size).toBe(ids().length);
    expect(busiestMinute()).toBeLessThanOrEqual(20);
    await clock.advance(minute);
    await catchUp();
    expect(ids()).toEqual(held());
  });

  it("ends, and overwrites nothing, when another turn came in because this one took too long", async () => {
    for (let n = 150; n > 0; n--) raise(n);
    let other: Promise<unknown> | undefined;
    const slow = async (alerts: readonly unknown[]) => {
      await take(alerts);
      if (other) return;
      await clock.advance(2 * minute);
      other = turn();
      await other;
    };

    const report = await turn({ take: slow });
    await clock.advance(minute);
    await catchUp();

    expect(report).toMatchObject({ requests: 1, stoppedBy: "another turn was at work at the same time" });
    expect(new Set(ids()).size).toBe(150);
    // What both turns took; the alert register knows it again.
    expect(taken).toHaveLength(250);
  });

  it("hands on what it does not understand, and is not stopped by it", async () => {
    const odd = [null, 7, { _id: 1 }, { title: "no id" }, { _id: "x", timestamp: "soon" }];
    const good = raise();
    const strange: Pick<CloudApps, "alerts"> = {
      alerts: async ({ filters }) => ({ alerts: filters.date ? [...odd, good] : [], hasNext: false }),
    };
    const given: unknown[] = [];
    const take = async (alerts: readonly unknown[]) => void given.push(...alerts);

    await turn({ cloudApps: strange, take });
    await turn({ cloudApps: strange, take });

    expect(given).toEqual([...odd, good]);
  });

  it("counts its way when the service does not sort", async () => {
    const alerts = Array.from({ length: 250 }, (_, n) =>
      cloudAppsAlert({ _id: idOf(900_000 + n), timestamp: clock.now().getTime() - ((n * 7_919) % 250) }),
    );
    const unsorted: Pick<CloudApps, "alerts"> = {
      alerts: async ({ filters, skip = 0 }) => {
        const found = filters.resolutionDate
          ? []
          : alerts.filter(({ timestamp }) => timestamp >= (filters.date?.gte ?? 0));
        return { alerts: found.slice(skip, skip + 100), hasNext: skip + 100 < found.length };
      },
    };

    await catchUp({ cloudApps: unsorted, limits: { alertsPerTurn: 1_000 } });

    expect(ids()).toEqual(alerts.map(({ _id }) => _id));
  });

  it("says so when it is told that there is more and given nothing", async () => {
    const empty = { alerts: async () => ({ alerts: [], hasNext: true }) };

    await expect(turn({ cloudApps: empty })).rejects.toThrow("it says that there are more, and gives none");
  });
});
