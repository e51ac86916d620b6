import { describe, expect, it } from "vitest";
import { anAlertRegister } from "../../support/a-ledger.ts";

const now = new Date("2026-11-23T09:30:00Z");

it("gives an alert to exactly one of twenty deliveries at the same moment, and tells the others who has it", async () => {
  const register = await anAlertRegister();

  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => register.take("alert-ab", `run-${index}`, undefined, now)),
  );

  expect(answers.filter((answer) => answer === "new")).toHaveLength(1);
  const winner = `run-${answers.indexOf("new")}`;
  expect(answers.filter((answer) => answer !== "new")).toEqual(
    Array.from({ length: 19 }, () => ({ runId: winner, concluded: false })),
  );
});

it("remembers an alert long after its run has concluded", async () => {
  const register = await anAlertRegister();
  await register.take("alert-ab", "run-1", undefined, now);
  await register.conclude("alert-ab", "run-1", now);

  expect(await register.take("alert-ab", "run-2", undefined, now)).toEqual({ runId: "run-1", concluded: true });
});

it("keeps alerts apart, also those that share a partition", async () => {
  const register = await anAlertRegister();
  await register.take("alert-1-ab", "run-1", undefined, now);

  expect(await register.take("alert-2-ab", "run-2", undefined, now)).toBe("new");
});

describe("a closing", () => {
  const noon = "2026-11-23T12:00:00.000Z";
  const later = "2026-11-23T12:00:01.000Z";
  const closing = { status: "resolved", changedAt: noon, falsePositive: false } as const;

  it.each([
    ["an older state", "2026-11-23T11:59:59.000Z"],
    ["a state of the same moment", noon],
    ["a state that does not say when it was", undefined],
  ])("that came first answers for %s of the alert", async (_, changedAt) => {
    const register = await anAlertRegister();
    await register.close("alert-ab", closing, now);

    expect(await register.take("alert-ab", "run-1", changedAt, now)).toEqual(closing);
    expect(await register.find("alert-ab")).toBeUndefined();
  });

  it("gives way to a state that is known to be later: the alert was opened again", async () => {
    const register = await anAlertRegister();
    await register.close("alert-ab", closing, now);

    const answers = await Promise.all([1, 2, 3].map((run) => register.take("alert-ab", `run-${run}`, later, now)));

    expect(answers.filter((answer) => answer === "new")).toHaveLength(1);
  });

  it("of an alert that was taken on tells the run that has it", async () => {
    const register = await anAlertRegister();
    await register.take("alert-ab", "run-1", undefined, now);

    expect(await register.close("alert-ab", { ...closing, falsePositive: true }, now)).toEqual({
      runId: "run-1",
      concluded: false,
    });
    expect(await register.isFalsePositive("alert-ab")).toBe(true);
    expect(await register.take("alert-ab", "run-2", later, now)).toEqual({ runId: "run-1", concluded: false });
  });

  it("that is older does not take back what a later one said", async () => {
    const register = await anAlertRegister();
    await register.close("alert-ab", { ...closing, changedAt: later, falsePositive: true }, now);

    await register.close("alert-ab", closing, now);

    expect(await register.isFalsePositive("alert-ab")).toBe(true);
  });

  it("is not lost when ten come at the same moment", async () => {
    const register = await anAlertRegister();
    await register.take("alert-ab", "run-1", undefined, now);

    const answers = await Promise.all(Array.from({ length: 10 }, () => register.close("alert-ab", closing, now)));

    expect(answers).toEqual(Array.from({ length: 10 }, () => ({ runId: "run-1", concluded: false })));
  });
});

describe("a fingerprint", () => {
  const fingerprint = (raisedAt: string) => ({ id: "f00", raisedAt });

  it("belongs to the first of two alerts, in whatever order and however often they come", async () => {
    const register = await anAlertRegister();

    expect(await register.claim(fingerprint("2026-11-23T12:03:00.000Z"), "a")).toBe("a");
    expect(await register.claim(fingerprint("2026-11-23T12:04:00.000Z"), "b")).toBe("a");
    expect(await register.claim(fingerprint("2026-11-23T12:03:00.000Z"), "a")).toBe("a");
  });

  it.each([
    ["2026-11-23T12:09:59.000Z", "2026-11-23T12:10:01.000Z", "a"],
    ["2026-11-23T12:10:01.000Z", "2026-11-23T12:09:59.000Z", "a"],
    ["2026-11-23T12:00:00.000Z", "2026-11-23T12:10:01.000Z", "b"],
    ["2026-11-23T12:00:00.000Z", "2026-11-23T13:00:00.000Z", "b"],
  ])("of %s is that of %s if there are ten minutes or less between them: %s", async (one, other, first) => {
    const register = await anAlertRegister();
    await register.claim(fingerprint(one), "a");

    expect(await register.claim(fingerprint(other), "b")).toBe(first);
  });
});
