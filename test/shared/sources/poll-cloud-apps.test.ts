import { describe, expect, it } from "vitest";
import { aPolledTenant, hour, minute } from "./a-polled-tenant.ts";

const { busiestMinute, catchUp, clock, close, held, ids, raise, state, take, taken, turn } = aPolledTenant();

describe("polling Defender for Cloud Apps", () => {
  it("begins an hour back, and not at the beginning of time", async () => {
    raise(hour + 1);
    const recent = raise(hour - 1);

    const report = await turn();

    expect(ids()).toEqual([recent._id]);
    expect(report).toMatchObject({ taken: 1, requests: 2 });
    expect(report.stoppedBy).toBeUndefined();
  });

  it("takes every alert once, oldest first, turn after turn", async () => {
    const first = [raise(3_000), raise(1_000), raise(2_000)];
    await turn();
    await clock.advance(minute);
    const second = raise();
    await turn();
    await clock.advance(minute);
    await turn();

    const [a, b, c] = first.map(({ _id }) => _id);
    expect(ids()).toEqual([a, c, b, second._id]);
  });

  it("takes an alert that comes into sight 20 minutes after it was raised", async () => {
    raise();
    await turn();
    await clock.advance(minute);
    raise();
    await turn();
    await clock.advance(minute);
    const late = raise(20 * minute);
    await turn();

    expect(taken).toHaveLength(3);
    expect(ids().at(-1)).toBe(late._id);
  });

  it("misses nothing and repeats nothing while alerts arrive, late ones among them, between its pages", async () => {
    for (let n = 400; n > 0; n--) raise(n * 100);
    const busy = async (alerts: readonly unknown[]) => {
      await take(alerts);
      // One behind what was read, one before it, and one that goes away.
      if (state.alerts.length < 420) {
        raise(-1);
        raise(45_000);
        state.alerts.splice(0, 1);
      }
    };

    await catchUp({ take: busy });
    await clock.advance(minute);
    await catchUp();

    const expected = held();
    expect(expected.filter((id) => !ids().includes(id))).toEqual([]);
    expect(new Set(ids()).size).toBe(ids().length);
  });

  it("reads more than a page of alerts of the same millisecond", async () => {
    for (let n = 0; n < 350; n++) raise(1_000);
    const last = raise();

    await catchUp({ limits: { alertsPerTurn: 1_000 } });

    expect(new Set(ids()).size).toBe(351);
    expect(taken).toHaveLength(351);
    expect(ids().at(-1)).toBe(last._id);
  });

  it("takes no more than one turn's share of a page, and the rest of it with the next turn", async () => {
    for (let n = 50; n > 0; n--) raise(n);

    expect(await catchUp({ limits: { alertsPerTurn: 20 } })).toEqual([18, 18, 14]);
    expect(ids()).toEqual(held());
  });

  it("takes an alert again once it was closed, however old it is", async () => {
    const [old, young] = [raise(30 * 24 * hour), raise(minute)];
    await turn();
    await clock.advance(hour);
    close(old, 3);
    close(young, 5);
    await turn();
    await clock.advance(minute);
    await turn();

    expect(taken).toEqual([
      { id: young._id, status: 0 },
      { id: young._id, status: 5 },
      { id: old._id, status: 3 },
    ]);
  });

  it("takes an alert once that was closed before it was first seen", async () => {
    const alert = raise(minute);
    close(alert, 4, 1_000);
    await turn();
    await clock.advance(minute);
    await turn();

    expect(taken).toEqual([{ id: alert._id, status: 4 }]);
  });

  it("does not keep closings waiting while new alerts flood in", async () => {
    const old = raise(30 * 24 * hour);
    for (let n = 0; n < 1_000; n++) raise(n);
    close(old, 3);

    await turn();

    expect(taken).toContainEqual({ id: old._id, status: 3 });
  });

  it("makes up for a day's outage without a gap, a repetition or a flood", async () => {
    await turn();
    for (let n = 0; n < 1_000; n++) {
      await clock.advance(86_400);
      const alert = raise();
      if (n % 100 === 0) close(alert, 5, 1_000);
    }

    const perTurn = await catchUp();

    // Closings do not wait until it is the alert's turn.
    const open = taken.filter(({ status }) => status === 0).map(({ id }) => id);
    expect(open).toEqual(held().filter((_, n) => n % 100 !== 0));
    expect(ids().toSorted()).toEqual(held().toSorted());
    expect(Math.max(...perTurn)).toBeLessThanOrEqual(200);
    expect(perTurn.length).toBeLessThan(10);
    expect(busiestMinute()).toBeLessThanOrEqual(20);
  });

  it("needs four requests a minute while nothing happens", async () => {
    for (let half = 0; half < 20; half++) {
      await turn();
      await clock.advance(minute / 2);
    }

    expect(busiestMinute()).toBe(4);
  });

  it.each([
    ["a day ahead", 24 * hour],
    ["an hour behind", -hour],
  ])("misses nothing when this machine's clock was %s for a while", async (_, ms) => {
    const wrong = { ...clock, now: () => new Date(clock.now().getTime() + ms) };
    await turn();
    raise();
    await turn({ clock: wrong });
    await clock.advance(2 * minute);
    raise();
    await turn({ clock: wrong });
    await clock.advance(2 * minute);
    raise();
    await turn();

    // It may repeat some: the alert register knows them again.
    expect([...new Set(ids())]).toEqual(held());
  });
});
