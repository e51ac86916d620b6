import { describe, expect, it } from "vitest";
import { isLater } from "../../../shared/ledger/alert-register.ts";
import { anAlertRegister } from "../../support/a-ledger.ts";

const now = new Date("2026-11-23T09:30:00Z");

it("gives an alert to exactly one of twenty deliveries at the same moment, and tells the others who has it", async () => {
  const register = await anAlertRegister();

  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => register.take("alert-ab", `run-${index}`, now)),
  );

  expect(answers.filter((answer) => answer === "new")).toHaveLength(1);
  const winner = `run-${answers.indexOf("new")}`;
  expect(answers.filter((answer) => answer !== "new")).toEqual(
    Array.from({ length: 19 }, () => ({ runId: winner, concluded: false })),
  );
});

it("remembers an alert long after its run has concluded", async () => {
  const register = await anAlertRegister();
  await register.take("alert-ab", "run-1", now);
  await register.conclude("alert-ab", "run-1", now);

  expect(await register.take("alert-ab", "run-2", now)).toEqual({ runId: "run-1", concluded: true });
});

it("keeps alerts apart, also those that share a partition", async () => {
  const register = await anAlertRegister();
  await register.take("alert-1-ab", "run-1", now);

  expect(await register.take("alert-2-ab", "run-2", now)).toBe("new");
});

describe("a closing", () => {
  const by = "product" as const;
  const noon = { at: "2026-11-23T12:00:00.000Z", by };
  const later = { at: "2026-11-23T12:00:01.000Z", by };
  const closing = { status: "resolved", moment: noon, falsePositive: false } as const;

  it("that came first is known when the alert comes", async () => {
    const register = await anAlertRegister();
    await register.close("alert-ab", closing, now);

    expect(await register.take("alert-ab", "run-1", now)).toEqual({ concluded: false, closing });
  });

  it("of an alert that was taken on tells the run that has it, and is known from then on", async () => {
    const register = await anAlertRegister();
    await register.take("alert-ab", "run-1", now);
    const falsePositive = { ...closing, falsePositive: true };

    expect(await register.close("alert-ab", falsePositive, now)).toEqual({ runId: "run-1", concluded: false });
    expect(await register.find("alert-ab")).toEqual({ runId: "run-1", concluded: false, closing: falsePositive });
  });

  it("survives the conclusion of the run", async () => {
    const register = await anAlertRegister();
    await register.take("alert-ab", "run-1", now);
    await register.close("alert-ab", closing, now);

    await register.conclude("alert-ab", "run-1", now);

    expect(await register.find("alert-ab")).toEqual({ runId: "run-1", concluded: true, closing });
  });

  it("that is older does not take back what a later one said", async () => {
    const register = await anAlertRegister();
    await register.close("alert-ab", { ...closing, moment: later, falsePositive: true }, now);

    await register.close("alert-ab", closing, now);

    expect((await register.find("alert-ab"))?.closing?.falsePositive).toBe(true);
  });

  it("is not lost when ten come at the same moment, nor is the run", async () => {
    const register = await anAlertRegister();
    await register.take("alert-ab", "run-1", now);

    await Promise.all(Array.from({ length: 10 }, () => register.close("alert-ab", closing, now)));

    expect(await register.find("alert-ab")).toEqual({ runId: "run-1", concluded: false, closing });
  });

  it("no longer counts once another run has taken the alert over", async () => {
    const register = await anAlertRegister();
    await register.take("alert-ab", "run-1", now);
    await register.close("alert-ab", closing, now);

    await register.reassign("alert-ab", "run-2", now);

    expect(await register.find("alert-ab")).toEqual({ runId: "run-2", concluded: false });
  });
});

it("calls a moment later only if both were read off one clock", () => {
  const one = { at: "2026-11-23T12:00:01.000Z", by: "product" } as const;
  const other = { at: "2026-11-23T12:00:00.000Z", by: "publisher" } as const;

  expect(isLater(one, { ...other, by: "product" })).toBe(true);
  expect([isLater(one, one), isLater(one, other), isLater(one, undefined), isLater(undefined, one)]).not.toContain(
    true,
  );
});

describe("a claim", () => {
  const cloud = (raisedAt: string, attackers: string[] = []) => ({ id: "f00", way: "cloud", raisedAt, attackers });
  const xdr = (raisedAt: string, attackers: string[] = []) => ({ id: "f00", way: "xdr", raisedAt, attackers });
  const at = "2026-11-23T12:03:00.000Z";

  it("finds the alert that came the other way, and none that came the same way", async () => {
    const register = await anAlertRegister();

    expect(await register.claim(xdr(at), "a")).toBeUndefined();
    expect(await register.claim(xdr(at), "b")).toBeUndefined();
    expect(await register.claim(cloud(at), "c")).toBe("a");
  });

  it.each([
    [["203.0.113.5"], [], "a"],
    [["203.0.113.5", "203.0.113.6"], ["203.0.113.6"], "a"],
    [[], ["203.0.113.5"], undefined],
    [["203.0.113.5"], ["203.0.113.6"], undefined],
  ])("of one that accuses %j answers one that accuses %j: %s", async (first, second, found) => {
    const register = await anAlertRegister();
    await register.claim(xdr(at, first), "a");

    expect(await register.claim(cloud(at, second), "b")).toBe(found);
  });

  it.each([
    ["2026-11-23T12:09:59.000Z", "2026-11-23T12:10:01.000Z", "a"],
    ["2026-11-23T12:10:01.000Z", "2026-11-23T12:09:59.000Z", "a"],
    ["2026-11-23T12:00:00.000Z", "2026-11-23T12:10:01.000Z", undefined],
    ["2026-11-23T12:00:00.000Z", "2026-11-23T13:00:00.000Z", undefined],
  ])("of %s is that of %s if there are ten minutes or less between them: %s", async (one, other, found) => {
    const register = await anAlertRegister();
    await register.claim(xdr(one), "a");

    expect(await register.claim(cloud(other), "b")).toBe(found);
  });
});
