import { describe, expect, it } from "vitest";
import { createWatermarks } from "../../../shared/sources/watermark.ts";
import { memoryTable } from "../../support/memory-table.ts";

describe("a watermark", () => {
  it("is what was written last, each source's its own", async () => {
    const watermarks = createWatermarks(memoryTable());
    const first = await watermarks.save("one", { at: 1 }, undefined);
    const second = await watermarks.save("one", { at: 2 }, first);
    await watermarks.save("other", { at: 9 }, undefined);

    expect(await watermarks.read("one")).toEqual({ state: { at: 2 }, etag: second });
    expect(await watermarks.read("nobody")).toBeUndefined();
  });

  it("is begun by one of two", async () => {
    const watermarks = createWatermarks(memoryTable());

    expect(await watermarks.save("one", { at: 1 }, undefined)).toBeDefined();
    expect(await watermarks.save("one", { at: 2 }, undefined)).toBeUndefined();
    expect((await watermarks.read("one"))?.state).toEqual({ at: 1 });
  });

  it("is moved by one of two that read it", async () => {
    const watermarks = createWatermarks(memoryTable());
    const etag = await watermarks.save("one", { at: 1 }, undefined);

    expect(await watermarks.save("one", { at: 2 }, etag)).toBeDefined();
    expect(await watermarks.save("one", { at: 3 }, etag)).toBeUndefined();
    expect((await watermarks.read("one"))?.state).toEqual({ at: 2 });
  });

  it("that somebody moved right after is not taken for one's own", async () => {
    const table = memoryTable();
    const quicker = createWatermarks(table);
    const watermarks = createWatermarks({
      ...table,
      async replace(rows) {
        const conflicts = await table.replace(rows);
        await quicker.save("one", { at: 9 }, (await table.get("watermark", "one"))?.etag);
        return conflicts;
      },
    });
    const etag = await watermarks.save("one", { at: 1 }, undefined);

    expect(await watermarks.save("one", { at: 2 }, etag)).toBeUndefined();
    expect((await watermarks.read("one"))?.state).toEqual({ at: 9 });
  });

  it("may be longer than one column takes", async () => {
    const watermarks = createWatermarks(memoryTable());
    const state = { seen: Array.from({ length: 5000 }, (_, index) => [`digest-${index}`, index]) };
    await watermarks.save("one", state, undefined);

    expect((await watermarks.read("one"))?.state).toEqual(state);
  });
});
