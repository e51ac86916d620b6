import { expect, it } from "vitest";
import { createStreamParts } from "../../../shared/ledger/stream-parts.ts";
import { aTable } from "../../support/a-ledger.ts";

const now = new Date("2026-11-23T09:30:00Z");
const someParts = async () => createStreamParts(await aTable("StreamParts"));

it("keeps the records of an alert until it is put together, each once", async () => {
  const parts = await someParts();
  await parts.keep("al/ert?", { n: 1 }, now);
  await parts.keep("al/ert?", { n: 2 }, now);
  await parts.keep("al/ert?", { n: 1 }, now);
  await parts.keep("another", { n: 3 }, now);

  const closed = await parts.close("al/ert?", now);

  expect(closed).toHaveLength(2);
  expect(closed).toEqual(expect.arrayContaining([{ n: 1 }, { n: 2 }]));
});

it("gives the same again when putting together is repeated", async () => {
  const parts = await someParts();
  await parts.keep("alert", { n: 1 }, now);

  expect(await parts.close("alert", now)).toEqual(await parts.close("alert", now));
});

it("says of every record that it was kept in time or late, also of those that come in that very moment", async () => {
  const parts = await someParts();
  const records = Array.from({ length: 40 }, (_, n) => ({ n }));

  const [closed, ...answers] = await Promise.all([
    parts.close("alert", now),
    ...records.map((record) => parts.keep("alert", record, now)),
  ]);

  const kept = records.filter((_, index) => answers[index] === "kept");
  expect(closed).toEqual(expect.arrayContaining(kept));
  expect(await parts.keep("alert", { n: 99 }, now)).toBe("late");
});
