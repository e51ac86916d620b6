import { describe, expect, it } from "vitest";
import { createFresh } from "../../../shared/azure/fresh.ts";
import { createManualClock } from "../../support/manual-clock.ts";

function counting() {
  let loads = 0;
  return { load: async () => `load ${++loads}`, loads: () => loads };
}

describe("a looked-up value", () => {
  it("is kept for its time, and looked up anew after it", async () => {
    const clock = createManualClock();
    const fresh = createFresh<string>(1000, clock);
    const { load } = counting();

    expect(await fresh.get("a", load)).toBe("load 1");
    await clock.advance(999);
    expect(await fresh.get("a", load)).toBe("load 1");
    await clock.advance(1);
    expect(await fresh.get("a", load)).toBe("load 2");
  });

  it("is looked up once for all who ask at the same time", async () => {
    const fresh = createFresh<string>(1000, createManualClock());
    const { load, loads } = counting();

    const values = await Promise.all(Array.from({ length: 20 }, () => fresh.get("a", load)));

    expect(new Set(values)).toEqual(new Set(["load 1"]));
    expect(loads()).toBe(1);
  });

  it("is each key's own", async () => {
    const fresh = createFresh<string>(1000, createManualClock());
    const { load } = counting();

    expect([await fresh.get("a", load), await fresh.get("b", load)]).toEqual(["load 1", "load 2"]);
  });

  it("that could not be had is not kept, and everybody who asked is told", async () => {
    const fresh = createFresh<string>(1000, createManualClock());
    const fails = () => Promise.reject(new Error("503"));

    const asked = await Promise.allSettled([fresh.get("a", fails), fresh.get("a", fails)]);

    expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await fresh.get("a", counting().load)).toBe("load 1");
  });

  it("is gone when it is dropped, and another when it is set", async () => {
    const fresh = createFresh<string>(1000, createManualClock());
    const { load } = counting();
    await fresh.get("a", load);

    fresh.drop("a");
    expect(await fresh.get("a", load)).toBe("load 2");
    fresh.set("a", "set");
    expect(await fresh.get("a", load)).toBe("set");
  });

  it("that fails late does not take a newer one with it", async () => {
    const fresh = createFresh<string>(1000, createManualClock());
    const slow = Promise.withResolvers<string>();
    const first = fresh.get("a", () => slow.promise);
    fresh.set("a", "newer");

    slow.reject(new Error("503"));

    await expect(first).rejects.toThrow("503");
    expect(await fresh.get("a", counting().load)).toBe("newer");
  });

  it("makes room for others when there are too many", async () => {
    const fresh = createFresh<string>(1000, createManualClock(), 2);
    const { load, loads } = counting();
    for (const key of ["a", "b", "c"]) await fresh.get(key, load);

    expect(await fresh.get("c", load)).toBe("load 3");
    expect(await fresh.get("a", load)).toBe("load 4");
    expect(loads()).toBe(4);
  });
});
