import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { pack, RowTooLarge, unpack } from "../../../shared/ledger/pack.ts";
import type { Column } from "../../../shared/ledger/table.ts";
import { aTable } from "../../support/a-ledger.ts";

const back = (columns: Readonly<Record<string, Column>>) => unpack({ partitionKey: "p", rowKey: "r", columns });
const compressible = (length: number) => ({ text: "containment ".repeat(length / 12) });
const incompressible = (bytes: number) => ({ text: randomBytes(bytes).toString("base64") });

it("keeps a small value as JSON that people can read", () => {
  expect(pack({ a: [1, "ü"] })).toEqual({ json: '{"a":[1,"ü"]}' });
});

it.each([
  ["as large as one column takes", { text: "x".repeat(31_900) }, ["json"]],
  ["larger, and compressible", compressible(600_000), ["gzip0"]],
  ["larger, and not compressible", incompressible(150_000), ["gzip0", "gzip1", "gzip2"]],
  ["half a megabyte that cannot be compressed", incompressible(500_000), expect.arrayContaining(["gzip7"])],
])("a value %s comes back from a table as it was", async (_, value, columns) => {
  const table = await aTable("Pack");
  await table.insert({ partitionKey: "p", rowKey: "r", columns: pack(value) });

  const row = await table.get("p", "r");

  expect(Object.keys(row?.columns ?? {})).toEqual(columns);
  expect(back(row?.columns ?? {})).toEqual(value);
});

it("refuses what no row can hold, by an error of its own", () => {
  expect(() => pack(incompressible(1_000_000))).toThrow(RowTooLarge);
});

it("says so when a row holds nothing that it wrote", () => {
  expect(() => back({ other: 1 })).toThrow();
});

it("brings back every value that JSON can say", () =>
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const plain: unknown = JSON.parse(JSON.stringify(value));
      expect(back(pack(value))).toEqual(plain);
    }),
  ));
