import * as fc from "fast-check";
import { expect, it } from "vitest";
import { find, isTrue, meant, number } from "../../../shared/alerts/fields.ts";

it("finds a field in any letter case, and says how it is spelled", async () => {
  const swapped = fc
    .tuple(fc.string({ minLength: 1, unit: "grapheme-ascii" }), fc.infiniteStream(fc.boolean()))
    .map(([name, swaps]) => {
      const swap = (letter: string) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase());
      const key = Array.from(name, (letter) => (swaps.next().value ? swap(letter) : letter)).join("");
      return { name, key };
    });
  await fc.assert(
    fc.property(swapped, fc.nat(100), ({ name, key }, others) => {
      fc.pre(name.toLowerCase() === key.toLowerCase() && key !== "__proto__");
      const crowd = Object.fromEntries(Array.from({ length: others }, (_, index) => [`${name}#${index}`, index]));
      const object = { ...crowd, [key]: "here" };

      expect(find(object, name)).toEqual({ key, value: "here" });
    }),
  );
});

it.each([
  ["severitY", "the name itself", { SEVERITY: 1, Severity: 2, severitY: 3 }, 3],
  ["severity", "otherwise the first", { SEVERITY: 1, Severity: 2 }, 1],
])("of several spellings of %s takes %s", (name, _, object, value) => {
  expect(find(object, name)?.value).toBe(value);
});

it.each([
  ["`odata", "@odata"],
  ["ıd", "id"],
  ["id ", "id"],
  ["i", "id"],
])("does not take %s for %s", (key, name) => {
  expect(find({ [key]: 1 }, name)).toBeUndefined();
});

it("knows no field that an object has only inherited", () => {
  expect(find(Object.create({ severity: "High" }), "Severity")).toBeUndefined();
  expect(find({}, "constructor")).toBeUndefined();
});

it.each(["", " ", "-", "null", "None", "N/A", "UNKNOWN", " undefined ", 7, null, undefined, {}])(
  "%j says nothing",
  (raw) => {
    expect(meant(raw)).toBeUndefined();
  },
);

it.each(["none of them", "nullified", "--", "unknowns"])("%j says something", (raw) => {
  expect(meant(` ${raw} `)).toBe(raw);
});

it("reads numbers and truths that tables write as text", () => {
  expect([number({ a: " 7 " }, "A"), number({ a: "7e3" }, "a"), number({ a: Number.NaN }, "a")]).toEqual([
    7,
    undefined,
    undefined,
  ]);
  expect([isTrue({ a: "True" }, "a"), isTrue({ a: true }, "a"), isTrue({ a: "yes" }, "a"), isTrue({}, "a")]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
