import { expect, it } from "vitest";
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
