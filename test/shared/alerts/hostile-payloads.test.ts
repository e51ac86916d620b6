import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Alert } from "../../../shared/alerts/alert.ts";
import { readAddress } from "../../../shared/alerts/ip-address.ts";
import { readAlert } from "../../../shared/alerts/read-alert.ts";
import { reasonOf } from "../../../shared/alerts/reading.ts";
import { addressesOf, aPayload, aPayloadWith, read } from "../../support/an-alert.ts";

/** As it would arrive: outside data is always parsed JSON. */
const parsed = (json: string): unknown => JSON.parse(json);

describe("a hostile payload", () => {
  it("does not get at anything through __proto__ and constructor", () => {
    const text = JSON.stringify(aPayload()).replace(
      "{",
      '{"__proto__":{"Severity":"High","polluted":true},"constructor":{"prototype":{"polluted":true}},',
    );

    expect(read(parsed(text))).toEqual(read(aPayload()));
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  it("does not lend an alert the fields that only its __proto__ has", () => {
    const text = `{"__proto__":${JSON.stringify(aPayload())}}`;

    expect(readAlert(parsed(text))).toEqual({ refused: expect.stringContaining("__proto__"), unknownShape: true });
  });

  it("of a megabyte is cut, and says so", () => {
    const alert = read(aPayload({ Description: "A".repeat(1_000_000), AlertDisplayName: "💥".repeat(1000) }));

    expect(alert.description).toHaveLength(2048);
    expect(alert.title.length).toBeLessThanOrEqual(256);
    expect(alert.notes.join()).toMatch(/alertDisplayName was cut from 2000 .*description was cut from 1000000 /);
  });

  it.each(["Actor (Client IP)", "Victim IP"])("of a megabyte in %s stays small", (key) => {
    const alert = read(aPayloadWith({ [key]: "x ".repeat(500_000) }));

    expect(JSON.stringify(alert).length).toBeLessThan(20_000);
    expect(alert.notes.join()).toContain(key);
  });

  it("of fifty thousand broken entities stays small", () => {
    const alert = read(aPayloadWith({}, Array(50_000).fill({ Type: "ip" })));

    expect(JSON.stringify(alert).length).toBeLessThan(20_000);
    expect(alert.notes.join()).toContain("Entities");
  });

  it("with half a character at the cut stays well-formed", () => {
    const alert = read(aPayload({ AlertDisplayName: `${"a".repeat(255)}💥` }));

    expect(alert.title.isWellFormed()).toBe(true);
  });

  it.each(["AlertDisplayName", "Description", "AlertType", "SystemAlertId"])(
    "with half a character in %s is one that tables and logs can take",
    (field) => {
      const alert = read(aPayload({ [field]: "a\uD800b" }));

      expect(JSON.stringify(Object.values(alert).filter((value) => typeof value === "string"))).not.toMatch(/\\ud8/i);
    },
  );

  it.each([
    ["lists", "[", "]"],
    ["objects", '{"type":', "}"],
  ])("of ten thousand %s inside each other is no more than a field that is not understood", (_, open, close) => {
    const deep = parsed(`${open.repeat(10_000)}1${close.repeat(10_000)}`);

    const everywhere = Object.fromEntries(Object.keys(aPayload()).map((key) => [key, deep]));
    expect(readAlert(everywhere)).toHaveProperty("refused");
    expect(readAlert(deep)).toHaveProperty("refused");
    expect(read(aPayloadWith(deep, [deep, { Type: deep, Address: deep }])).type).toBe("API_ParameterEnumeration");
  });

  it.each([
    [[]],
    [{}],
    [7],
    [true],
    [null],
    [[["a"]]],
    [[{ type: { toString: null, valueOf: null } }]],
    [{ toString: 1, length: 7 }],
  ])("with %j where a list or an object belongs is read without it", (odd) => {
    const alert = read(
      aPayload({ Entities: odd, ExtendedProperties: odd, ResourceIdentifiers: odd, AzureResourceId: odd, Intent: odd }),
    );

    expect(addressesOf(alert, "attacker")).toEqual([]);
    expect(Alert.parse(alert)).toEqual(alert);
  });
});

describe("whatever arrives", () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6());
  const nearly = fc.oneof(
    address,
    address.map((ip) => `${ip}:443`),
    address.map((ip) => `[${ip}]`),
    fc.array(address, { maxLength: 3 }).map((ips) => ips.join(", ")),
    fc.array(address, { maxLength: 3 }).map((ips) => JSON.stringify(ips)),
    fc.constantFrom("1.2.3", "010.0.0.1", "0x7f.1", "1.2.3.4.5", "::ffff:1.2.3.4", "N/A (1.2.3.4)", "fe80::1%eth0"),
  );
  const word = fc.constantFrom("constructor", "__proto__", "toString", "High", "New", "ip", "null", "\uD800", "");
  const time = fc.constantFrom("9999-12-31T23:59:59-14:00", "0000-01-01T00:00:00+14:00", "2026-02-31T00:00:00Z", "now");
  const leaf = fc.oneof(nearly, word, time, fc.string(), fc.double(), fc.boolean(), fc.constant(null));
  const anything = fc.jsonValue({ maxDepth: 4 });
  const key = fc.oneof(
    fc.constantFrom("Actor (Client IP)", "attacker IP", "Victim IP", "Api Endpoint", "__proto__", "Source IPs"),
    fc.string({ maxLength: 12 }),
  );
  const entity = fc.oneof(
    fc.record({ Type: fc.oneof(fc.constant("ip"), leaf, anything), Address: fc.oneof(leaf, anything) }),
    anything,
  );
  const fields: Record<string, fc.Arbitrary<unknown>> = {
    Entities: fc.oneof(fc.array(entity, { maxLength: 5 }), anything),
    ExtendedProperties: fc.oneof(fc.dictionary(key, fc.oneof(leaf, anything), { maxKeys: 5 }), anything),
    ...Object.fromEntries(
      Object.entries(aPayload())
        .filter(([name]) => name !== "Entities" && name !== "ExtendedProperties")
        // Mostly what belongs there, for most fields being wrong ends in a refusal before anything else is read.
        .map(([name, own]) => [name, fc.oneof({ weight: 12, arbitrary: fc.constant(own) }, leaf, anything)]),
    ),
  };
  const changed = fc
    .tuple(fc.record(fields, { requiredKeys: [] }), fc.constantFrom("flat", "arm"))
    .map(([changes, family]) => {
      const payload = aPayload(changes);
      return family === "flat" ? payload : { type: "Microsoft.Security/Locations/alerts", properties: payload };
    });
  const payload = fc.oneof({ weight: 4, arbitrary: changed }, { weight: 1, arbitrary: anything });

  /** Every part of the payload's text that is an address, each in its one spelling. */
  function addressesIn(value: unknown): Set<string> {
    const text = JSON.stringify(value).toLowerCase();
    const parts = text.match(/[0-9a-f:.]+/g) ?? [];
    const spellings = parts.flatMap((part) => [part, part.replace(/:\d+$/, "")]);
    return new Set(spellings.flatMap((part) => readAddress(part)?.address ?? []));
  }

  it("the answer is an Alert of the schema or a reason, and names no attacker that does not stand in the payload", async () => {
    let alerts = 0;
    await fc.assert(
      fc.property(payload, (value) => {
        const reading = readAlert(parsed(JSON.stringify(value)));
        if (!("alert" in reading)) {
          expect(reasonOf(reading)).not.toBe("");
          return;
        }
        alerts++;
        expect(Alert.parse(reading.alert)).toEqual(reading.alert);
        const standing = addressesIn(value);
        expect(addressesOf(reading.alert, "attacker").filter((found) => !standing.has(found))).toEqual([]);
      }),
      { numRuns: 1_500 },
    );
    // A property over refusals alone would prove nothing.
    expect(alerts).toBeGreaterThan(200);
  });
});
