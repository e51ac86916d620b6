import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressNumber, fromOctetRange, octetRangeOf, rangeOf } from "../../../shared/reconcile/address-range.ts";

const block = fc.tuple(fc.ipV4(), fc.integer({ min: 8, max: 31 })).map(([address, bits]) => `${address}/${bits}`);

describe("an address or a block", () => {
  it.each([
    ["203.0.113.7", "203.0.113.7", "203.0.113.7", 32],
    ["203.0.113.7/32", "203.0.113.7", "203.0.113.7", 32],
    ["203.0.113.77/24", "203.0.113.0", "203.0.113.255", 24],
    ["203.0.113.5/30", "203.0.113.4", "203.0.113.7", 30],
    ["198.51.100.0/15", "198.50.0.0", "198.51.255.255", 15],
  ])("%s goes from network to broadcast", (text, from, to, bits) => {
    expect(rangeOf(text)).toEqual({ from, to, bits });
  });

  it.each(["", "203.0.113", "203.0.113.07/24", "203.0.113.0/33", "203.0.113.0/", "2001:db8::/64", "203.0.113.0/24/24"])(
    "%j is neither",
    (text) => {
      expect(rangeOf(text)).toBeUndefined();
    },
  );
});

describe("a range as text", () => {
  it("holds exactly the addresses of the block", () =>
    fc.assert(
      fc.property(block, fc.ipV4(), fc.nat(), (text, elsewhere, offset) => {
        const range = rangeOf(text);
        const octets = range && octetRangeOf(range);
        if (!octets) throw new Error(`${text} has no form as text`);
        const from = addressNumber(range.from);
        const to = addressNumber(range.to);
        const inside = from + (offset % (to - from + 1));

        for (const number of [from - 1, from, inside, to, to + 1, addressNumber(elsewhere)]) {
          const address = [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".");
          const octet = Number(address.split(".")[octets.index]);
          const holds = address.startsWith(octets.prefix) && octet >= octets.first && octet <= octets.last;
          expect(holds, address).toBe(number >= from && number <= to);
        }
        expect(fromOctetRange(octets)).toEqual({ from: range.from, to: range.to });
      }),
      { numRuns: 1_000 },
    ));

  it.each([
    ["203.0.113.7", "203.0.114.9"],
    ["203.0.113.7", "203.0.113.7"],
    ["0.0.0.0", "127.255.255.255"],
    ["203.0.112.1", "203.0.115.255"],
  ])("is not made of %s to %s", (from, to) => {
    expect(octetRangeOf({ from, to })).toBeUndefined();
  });
});
