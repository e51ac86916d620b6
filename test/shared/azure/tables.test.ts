import { describe, expect, it } from "vitest";
import type { StoredRow } from "../../../shared/ledger/table.ts";
import { aTable } from "../../support/a-ledger.ts";

const row = (rowKey: string, columns: StoredRow["columns"] = { n: 1 }) => ({ partitionKey: "p", rowKey, columns });

/** What the keys may hold: all but `/ \ # ?` and control characters. */
const oddKeys = ["it's", "a b", "100%", "a+b&c=d", "ü€💥", "''", "$top", "(1)", 'say "hi"', "~"];

describe("a table", () => {
  it("that does not exist yet is empty, and made by the first write", async () => {
    const table = await aTable("New");

    expect(await table.get("p", "r")).toBeUndefined();
    expect(await table.partition("p")).toEqual([]);
    expect(await (await aTable("New")).insert(row("r"))).toBe("inserted");
    await (await aTable("New")).upsert(row("r"));
    expect(await (await aTable("New")).remove({ ...row("r"), etag: "*" })).toBe("absent");
    expect([...(await (await aTable("New")).replace([{ ...row("r"), etag: "*" }]))]).toEqual(["r"]);
  });

  it("keeps text, numbers, truth and bytes as they were", async () => {
    const table = await aTable("Types");
    const columns = {
      text: "ü € 💥 \r\n\t",
      empty: "",
      date: "2026-11-23T09:30:00.000Z",
      number: 7,
      negative: -1.5,
      yes: true,
      no: false,
      bytes: new Uint8Array([0, 255, 1]),
    };

    await table.insert(row("r", columns));

    const stored = await table.get("p", "r");
    expect(stored).toMatchObject({ partitionKey: "p", rowKey: "r", etag: expect.stringMatching(/\S/) });
    expect({ ...stored?.columns, bytes: [...((stored?.columns.bytes as Uint8Array | undefined) ?? [])] }).toEqual({
      ...columns,
      bytes: [0, 255, 1],
    });
  });

  it("takes a row once, and tells the second that it is there", async () => {
    const table = await aTable("Once");

    expect(await table.insert(row("r", { n: 1 }))).toBe("inserted");
    expect(await table.insert(row("r", { n: 2 }))).toBe("exists");
    expect((await table.get("p", "r"))?.columns).toEqual({ n: 1 });
  });

  it("drops on a replacement the columns that the new row has not", async () => {
    const table = await aTable("Whole");
    await table.insert(row("r", { json: "{}", other: 1 }));
    const found = await read(table, "r");

    expect(await table.replace([{ ...found, columns: { gzip0: new Uint8Array([1]) } }])).toEqual(new Set());
    expect(Object.keys((await read(table, "r")).columns)).toEqual(["gzip0"]);
    await table.upsert(row("r", { n: 1 }));
    expect((await read(table, "r")).columns).toEqual({ n: 1 });
  });

  it.each(oddKeys)("finds, replaces and removes a row whose key is %s", async (key) => {
    const table = await aTable("Odd");
    const odd = { partitionKey: key, rowKey: key, columns: { n: 1 } };

    expect(await table.insert(odd)).toBe("inserted");
    expect(await table.insert(odd)).toBe("exists");
    const found = await table.get(key, key);
    if (!found) throw new Error("the row is not there");
    expect(found).toMatchObject(odd);
    expect(await table.replace([{ ...found, columns: { n: 2 } }])).toEqual(new Set());
    await table.upsert({ ...odd, columns: { n: 3 } });
    const [listed] = await table.partition(key);
    if (!listed) throw new Error("the row is not listed");
    expect(listed.columns).toEqual({ n: 3 });
    expect(await table.remove(listed)).toBe("removed");
    expect(await table.get(key, key)).toBeUndefined();
  });

  it("replaces many rows with odd keys together", async () => {
    const table = await aTable("OddMany");
    for (const key of oddKeys) await table.insert(row(key));

    const rows = (await table.partition("p")).map((found) => ({ ...found, columns: { n: 2 } }));

    expect(await table.replace(rows)).toEqual(new Set());
    expect((await table.partition("p")).map(({ columns }) => columns.n)).toEqual(oddKeys.map(() => 2));
  });

  it("lists one partition and no other, beyond a thousand rows", async () => {
    const table = await aTable("Long");
    const keys = Array.from({ length: 1050 }, (_, index) => `r${String(index).padStart(4, "0")}`);
    for (let from = 0; from < keys.length; from += 150)
      await Promise.all(keys.slice(from, from + 150).map((key) => table.insert(row(key))));
    await table.insert({ partitionKey: "p2", rowKey: "other", columns: {} });

    expect((await table.partition("p")).map(({ rowKey }) => rowKey)).toEqual(keys);
  });
});

describe("of rows that are replaced", () => {
  it("more than one batch, the one that somebody changed is left and named, and the others are written", async () => {
    const table = await aTable("Batch");
    const keys = Array.from({ length: 230 }, (_, index) => `r${String(index).padStart(3, "0")}`);
    await Promise.all(keys.map((key) => table.insert(row(key, { n: 1 }))));
    const rows = await table.partition("p");
    await table.upsert(row("r150", { n: 99 }));

    const conflicts = await table.replace(rows.map((found) => ({ ...found, columns: { n: 2 } })));

    expect([...conflicts]).toEqual(["r150"]);
    const after = new Map((await table.partition("p")).map(({ rowKey, columns }) => [rowKey, columns.n]));
    expect(after.get("r150")).toBe(99);
    expect(keys.filter((key) => after.get(key) === 2)).toHaveLength(229);
  });

  it("one that is gone is named and does not come back", async () => {
    const table = await aTable("Gone");
    await table.insert(row("a"));
    await table.insert(row("b"));
    const rows = await table.partition("p");
    await table.remove(await read(table, "a"));

    expect([...(await table.replace(rows))]).toEqual(["a"]);
    expect((await table.partition("p")).map(({ rowKey }) => rowKey)).toEqual(["b"]);
  });

  it("those that are too large together are written one by one", async () => {
    const table = await aTable("Heavy");
    const bytes = new Uint8Array(60 * 1024);
    const columns = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`gzip${index}`, bytes]));
    for (const key of ["a", "b", "c", "d", "e", "f", "g"]) await table.insert(row(key));
    const rows = (await table.partition("p")).map((found) => ({ ...found, columns }));

    expect(await table.replace(rows)).toEqual(new Set());
    expect((await table.partition("p")).map((found) => Object.keys(found.columns).length)).toEqual(rows.map(() => 12));
  });

  it("none are no call", async () => {
    expect(await (await aTable("None")).replace([])).toEqual(new Set());
  });
});

it("removes only what nobody changed", async () => {
  const table = await aTable("Remove");
  await table.insert(row("r"));
  const found = await read(table, "r");
  await table.upsert(row("r", { n: 2 }));

  expect(await table.remove(found)).toBe("changed");
  expect(await table.remove(await read(table, "r"))).toBe("removed");
  expect(await table.remove(found)).toBe("absent");
});

async function read(table: Awaited<ReturnType<typeof aTable>>, key: string): Promise<StoredRow> {
  const found = await table.get("p", key);
  if (!found) throw new Error(`there is no row ${key}`);
  return found;
}
