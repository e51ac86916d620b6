import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadPlaybooks } from "../../../shared/playbooks/load-playbooks.ts";
import { responders } from "../../../shared/responders/responders.ts";
import { type Receiver, receiveEvent } from "../../../shared/response/receive.ts";
import type { Starter } from "../../../shared/response/start-run.ts";
import { aPayload, read } from "../../support/an-alert.ts";
import { anIntake, aStarter } from "../../support/an-intake.ts";

const playbooks = await loadPlaybooks(join(import.meta.dirname, "../../../playbooks"), responders);
const at = "2026-11-23T09:30:00.000Z";
const { key } = read(aPayload());
const runId = `respond-${key}`;

const event = (changes: Record<string, unknown> = {}, id = "event-1") => ({
  id,
  eventType: "Microsoft.Security.Alert",
  subject: "alerts",
  eventTime: at,
  data: aPayload(changes),
});

async function aReceiver(changes: Partial<Receiver> = {}) {
  const { receiver, started, lines } = await anIntake({ playbooks, at });
  return { receiver: { ...receiver, ...changes }, started, lines };
}

const receive = async (delivered: unknown, receiver: Receiver) => {
  const [intake, ...others] = await receiveEvent(delivered, receiver);
  if (!intake || others.length > 0) throw new Error(`${others.length} intakes of one event with one alert`);
  return intake;
};

describe("an alert that arrives", () => {
  it("starts one run, which is named after it and holds all of it", async () => {
    const { receiver, started, lines } = await aReceiver();

    const intake = await receive(event(), receiver);

    expect(intake).toEqual({
      eventId: "event-1",
      outcome: "accepted",
      reason: "a run was started",
      alertKey: key,
      runId,
    });
    expect([...started.values()]).toEqual([{ runId, alert: read(aPayload()), deliveredAt: at }]);
    expect(await lines()).toEqual([{ ...intake, at }]);
  });

  it("starts one run over any envelope", async () => {
    const { receiver, started } = await aReceiver();
    const cloudEvent = { specversion: "1.0", id: "event-2", type: "t", source: "/s", time: at, data: aPayload() };

    await receive(event(), receiver);
    const second = await receive(cloudEvent, receiver);

    expect(second.outcome).toBe("duplicate");
    expect(started.size).toBe(1);
  });

  it("starts one run of twenty deliveries at the same moment", async () => {
    const { receiver, started, lines } = await aReceiver();

    const intakes = await Promise.all(
      Array.from({ length: 20 }, (_, index) => receive(event({}, `event-${index}`), receiver)),
    );

    expect(started.size).toBe(1);
    expect(intakes.filter(({ outcome }) => outcome === "accepted")).toHaveLength(1);
    expect(intakes.filter(({ outcome }) => outcome === "duplicate")).toHaveLength(19);
    expect(await lines()).toHaveLength(20);
  });

  it("starts none when its run has long concluded, though nobody remembers the run", async () => {
    const { receiver } = await aReceiver();
    await receive(event(), receiver);
    await receiver.alerts.conclude(key, runId, new Date(at));
    const purged = aStarter();

    const intake = await receive(event(), { ...receiver, starter: purged.starter });

    expect(intake).toMatchObject({ outcome: "duplicate", runId });
    expect(purged.started.size).toBe(0);
  });

  it("is started by its next delivery when the first one died between register and start", async () => {
    const { receiver, started } = await aReceiver();
    const dying: Starter = {
      ...receiver.starter,
      status: async () => "none",
      start: () => Promise.reject(new Error("the host is going down")),
    };

    await expect(receive(event(), { ...receiver, starter: dying })).rejects.toThrow("the host is going down");
    const next = await receive(event(), receiver);

    expect(next.outcome).toBe("accepted");
    expect(started.size).toBe(1);
  });

  it("is started again by its next delivery when its run failed", async () => {
    const { receiver, started } = await aReceiver();
    await receive(event(), receiver);
    started.clear();
    const failed: Starter = { ...receiver.starter, status: async () => "failed" };

    const next = await receive(event(), { ...receiver, starter: failed });

    expect(next).toMatchObject({ outcome: "accepted", runId });
    expect(started.size).toBe(1);
  });

  it("counts as a duplicate when starting is refused because another delivery was quicker", async () => {
    const { starter, started } = aStarter();
    let looked = 0;
    const { receiver } = await aReceiver();
    await receiver.alerts.take(key, runId, new Date(at));
    const late: Starter = {
      ...starter,
      status: async (id) => (looked++ > 0 ? starter.status(id) : "none"),
      start: (request) => starter.start(request),
    };
    await starter.start({ runId, alert: read(aPayload()), deliveredAt: at });

    expect((await receive(event(), { ...receiver, starter: late })).outcome).toBe("duplicate");
    expect(started.size).toBe(1);
  });
});

describe("what is taken and starts nothing", () => {
  it.each([
    ["a closed alert", event({ Status: "Resolved" }), "ignored", "resolved"],
    ["a dismissed alert", event({ Status: "Dismissed" }), "ignored", "dismissed"],
    ["an alert that no playbook answers", event({ AlertType: "KV_TORAccess" }), "ignored", "KV_TORAccess (Medium)"],
    ["another kind of event", { ...event(), data: { fileUrl: "1" } }, "refused", "fileUrl"],
    ["an empty list", { ...event(), data: [] }, "ignored", "empty list"],
    ["an alert without an id", event({ SystemAlertId: "" }), "refused", "systemAlertId"],
    ["data that is no JSON", { ...event(), data: "{" }, "refused", "not JSON"],
    ["data that is not there", { ...event(), data: undefined }, "refused", "empty"],
  ])("%s", async (_, delivered, outcome, reason) => {
    const { receiver, started, lines } = await aReceiver();

    const intake = await receive(delivered, receiver);

    expect(intake).toMatchObject({ eventId: "event-1", outcome, reason: expect.stringContaining(reason) });
    expect(started.size).toBe(0);
    expect(await lines()).toEqual([{ ...intake, at }]);
  });

  it.each([[null], [[]], ["event"], [{ data: aPayload() }]])("%j, which is no event", async (delivered) => {
    const { receiver, lines } = await aReceiver();

    expect(await receive(delivered, receiver)).toMatchObject({ outcome: "refused" });
    expect(await lines()).toHaveLength(1);
  });

  it("an alert made of what tables and logs do not like, and it is written down all the same", async () => {
    const { receiver, lines } = await aReceiver();
    const odd = event({ AlertType: "a\uD800/\\#?'\u0000\r\n<b>" }, `/\\#?'${"é".repeat(400)}\uD83D`);

    await receive(odd, receiver);

    expect(await lines()).toEqual([expect.objectContaining({ outcome: "ignored" })]);
  });
});

it("does not answer for an event that could not be written down", async () => {
  const { receiver } = await aReceiver();
  const journal = { ...receiver.journal, record: () => Promise.reject(new Error("the table is gone")) };

  await expect(receive(event(), { ...receiver, journal })).rejects.toThrow("the table is gone");
});
