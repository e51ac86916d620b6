import fc from "fast-check";
import { expect, it } from "vitest";
import { corpus } from "../../fuzz/corpus.ts";
import { Broken, checkAttacker, checkReading } from "../../fuzz/invariants.ts";
import { mutatedPayload } from "../../fuzz/mutate.ts";

it("keeps every promise about reading on payloads that were changed in some places", () => {
  let alerts = 0;
  fc.assert(
    fc.property(mutatedPayload(corpus().map(({ text }) => text)), (text) => {
      alerts += checkReading(text);
    }),
    { numRuns: 600 },
  );
  // Refusals alone would prove nothing.
  expect(alerts).toBeGreaterThan(150);
});

it("keeps them on the unchanged payloads", () => {
  const counts = corpus().map(({ text }) => checkReading(text));

  expect(counts.filter((count) => count > 0).length).toBeGreaterThan(10);
});

it.each([
  ["a place that holds another address", "entities[0].address", { entities: [{ address: "203.0.113.6" }] }],
  ["a place that is not there", "entities[1].address", { entities: [{ address: "203.0.113.5" }] }],
  ["a victim's place", 'extendedProperties["Victim IP"]', { extendedProperties: { "Victim IP": "203.0.113.5" } }],
])("would notice an attacker of %s", (_, foundAt, body) => {
  expect(() => checkAttacker("203.0.113.5", foundAt, body)).toThrow(Broken);
});

it("takes an attacker for given that stands where it says, also inside JSON in a text", () => {
  const inner = JSON.stringify([{ Address: "203.0.113.5:443" }]);

  expect(() => checkAttacker("203.0.113.5", "Entities[0].Address", { Entities: inner })).not.toThrow();
});

it("finds its way to keys with quotes and line breaks in them", () => {
  const key = 'Attacker "\n\u2028IP\\';
  const body = { ExtendedProperties: { [key]: "203.0.113.5" } };

  expect(() => checkAttacker("203.0.113.5", `ExtendedProperties[${JSON.stringify(key)}]`, body)).not.toThrow();
});
