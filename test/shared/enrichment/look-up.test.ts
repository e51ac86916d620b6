import { describe, expect, it, vi } from "vitest";
import { AzureError } from "../../../shared/azure/azure-error.ts";
import { ask, askAbout, createCache, keep, Miss } from "../../../shared/enrichment/look-up.ts";
import { createManualClock } from "../../support/manual-clock.ts";

const fault = (status: number) => new AzureError("read it", { status, code: "Code", message: "because" });

describe("a look-up", () => {
  it("says what it found, and how long it took", async () => {
    const clock = createManualClock();
    const asked = ask("it", { clock, budgetMs: 2_000 }, async () => {
      await clock.sleep(300);
      return 7;
    });
    await clock.advance(300);

    expect(await asked).toEqual({ about: "it", tookMs: 300, found: 7 });
    expect(clock.waits()).toEqual([]);
  });

  it("is a miss when its time is over", async () => {
    const clock = createManualClock();
    const asked = ask("it", { clock, budgetMs: 2_000 }, () => new Promise(() => {}));
    await clock.advance(2_000);

    expect(await asked).toEqual({ about: "it", tookMs: 2_000, miss: "no answer within 2000 ms" });
  });

  it.each([
    ["there is no answer", new Miss("nobody knows"), "nobody knows"],
    ["Azure refuses", fault(403), "could not read it: 403 Code because"],
    ["it breaks", new TypeError("x is not a function"), "the look-up failed: x is not a function"],
    ["it breaks oddly", "text", "the look-up failed: unknown error"],
  ])("is a miss when %s", async (_, error, miss) => {
    const budget = { clock: createManualClock(), budgetMs: 2_000 };

    expect(await ask("it", budget, () => Promise.reject(error))).toMatchObject({ miss });
    expect(
      await ask("it", budget, () => {
        throw error;
      }),
    ).toMatchObject({ miss });
  });

  it("that fails after its time is over disturbs nobody", async () => {
    const clock = createManualClock();
    const late = Promise.withResolvers<number>();
    const asked = ask("it", { clock, budgetMs: 1 }, () => late.promise);
    await clock.advance(1);
    await asked;

    late.reject(new Error("too late"));

    await expect(late.promise).rejects.toThrow("too late");
  });
});

describe("what is kept", () => {
  it("is an answer, for ten minutes", async () => {
    const clock = createManualClock();
    const cache = createCache<number>(clock);
    const load = vi.fn(async () => 7);

    await keep(cache, "a", load);
    await clock.advance(599_999);
    await keep(cache, "a", load);
    expect(load).toHaveBeenCalledTimes(1);
    await clock.advance(1);
    await keep(cache, "a", load);
    expect(load).toHaveBeenCalledTimes(2);
  });

  it.each([403, 404])("is a refusal with %s: the same is not asked at every alert", async (status) => {
    const cache = createCache<number>(createManualClock());
    const load = vi.fn(() => Promise.reject(fault(status)));

    await expect(keep(cache, "a", load)).rejects.toThrow(Miss);
    await expect(keep(cache, "a", load)).rejects.toThrow(`${status} Code`);
    expect(load).toHaveBeenCalledTimes(1);
  });

  it.each([0, 401, 429, 503, 200])(
    "is not what may pass by itself (%s; 200 is an answer that was not understood)",
    async (status) => {
      const cache = createCache<number>(createManualClock());
      const load = vi.fn(() => Promise.reject(fault(status)));

      await expect(keep(cache, "a", load)).rejects.toThrow(AzureError);
      await expect(keep(cache, "a", load)).rejects.toThrow(AzureError);
      expect(load).toHaveBeenCalledTimes(2);
    },
  );
});

describe("of many subjects", () => {
  const one = async (about: string) => ({ about, tookMs: 0, found: about });

  it("the first few are asked about, and the rest are counted", async () => {
    const { asked, notAsked } = await askAbout(["a", "b", "c"], { limit: 2, noun: "host" }, one);

    expect(asked.map(({ about }) => about)).toEqual(["a", "b"]);
    expect(notAsked).toBe("not asked: 1 more than the first 2");
  });

  it("none is said to be none", async () => {
    expect(await askAbout([], { limit: 2, noun: "host" }, one)).toEqual({
      asked: [],
      notAsked: "not asked: the alert names no host",
    });
  });
});
