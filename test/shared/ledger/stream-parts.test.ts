import { expect, it } from "vitest";
import { RowTooLarge } from "../../../shared/ledger/pack.ts";
import { createStreamParts } from "../../../shared/ledger/stream-parts.ts";
import { aTable } from "../../support/a-ledger.ts";

const now = new Date("2026-11-23T09:30:00Z");
const someParts = async () => createStreamParts(await aTable("StreamParts"));

it("keeps the records of each alert apart, and each once", async () => {
  const parts = await someParts();
  await parts.keep("al/ert?", { n: 1 }, now);
  await parts.keep("al/ert?", { n: 2 }, now);
  await parts.keep("al/ert?", { n: 1 }, now);
  await parts.keep("another", { n: 3 }, now);

  const all = await parts.all("al/ert?");

  expect(all).toHaveLength(2);
  expect(all).toEqual(expect.arrayContaining([{ n: 1 }, { n: 2 }]));
  expect(await parts.all("unknown")).toEqual([]);
});

it("says of a record that no row can hold that it cannot be kept", async () => {
  const parts = await someParts();
  const deep: unknown = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);

  await expect(parts.keep("alert", { deep }, now)).rejects.toThrow(RowTooLarge);
});
