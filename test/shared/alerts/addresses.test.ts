import { BlockList, isIPv6 } from "node:net";
import * as fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, it } from "vitest";
import { readAddress } from "../../../shared/alerts/ip-address.ts";
import { addressesOf, aPayloadWith, read } from "../../support/an-alert.ts";

const attackers = (value: unknown) => addressesOf(read(aPayloadWith({ "Actor (Client IP)": value })), "attacker");

describe("the attacker's address", () => {
  it.each([
    ["a plain address", "203.0.113.7", ["203.0.113.7"]],
    ["an address and a port", "203.0.113.7:44321", ["203.0.113.7"]],
    ["blanks around it", "  203.0.113.7\r\n", ["203.0.113.7"]],
    ["IPv6", "2001:DB8:0:0::7", ["2001:db8::7"]],
    ["IPv6 in brackets", "[2001:db8::7]", ["2001:db8::7"]],
    ["IPv6 in brackets with a port", "[2001:db8::7]:443", ["2001:db8::7"]],
    ["a zone id", "fe80::1%eth0", ["fe80::1"]],
    ["IPv4 inside IPv6", "::ffff:203.0.113.7", ["203.0.113.7"]],
    ["a comma list", "203.0.113.7, 198.51.100.9:80,203.0.113.7", ["203.0.113.7", "198.51.100.9"]],
    ["a JSON array in a string", '["203.0.113.7", "2001:db8::7"]', ["203.0.113.7", "2001:db8::7"]],
    ["0.0.0.0", "0.0.0.0", ["0.0.0.0"]],
    ["127.0.0.1", "127.0.0.1", ["127.0.0.1"]],
    ["words that mean nothing", "N/A (client address was not logged)", []],
    ["a dash", "-", []],
    ["the word null", "null", []],
    ["too many parts", "203.0.113.7.1", []],
    ["too large a part", "203.0.113.700", []],
    ["too few parts", "203.0.113", []],
    ["leading zeros, which some read as octal", "203.0.113.007", []],
    ["hexadecimal", "0xcb.0.0x71.7", []],
    ["one number", "3405803783", []],
    ["a network", "203.0.113.0/24", []],
    ["a number and no string", 3405803783, []],
    ["a list and no string", ["203.0.113.7"], []],
    ["null itself", null, []],
  ])("is read from %s", (_, value, expected) => {
    expect(attackers(value)).toEqual(expected);
  });

  it("is an entity's where no property names one", () => {
    expect(addressesOf(read(aPayloadWith({}, [{ Type: "IP", Address: "203.0.113.7:80" }])), "attacker")).toEqual([
      "203.0.113.7",
    ]);
  });

  it("makes the entities beside it context", () => {
    const alert = read(
      aPayloadWith({ "Attacker IP": "203.0.113.7" }, [
        { type: "ip", address: "203.0.113.7" },
        { type: "ip", address: "203.0.113.8" },
      ]),
    );

    expect(addressesOf(alert, "attacker")).toEqual(["203.0.113.7"]);
    expect(addressesOf(alert, "context")).toEqual(["203.0.113.8"]);
  });

  it("is never the victim's, though a property calls it the attacker's and an entity stands there", () => {
    const alert = read(
      aPayloadWith({ "Attacker IP": "203.0.113.7, 203.0.113.8", "Victim IP": "203.0.113.8" }, [
        { type: "ip", address: "203.0.113.8" },
      ]),
    );

    expect(addressesOf(alert, "attacker")).toEqual(["203.0.113.7"]);
    expect(addressesOf(alert, "victim")).toEqual(["203.0.113.8"]);
  });

  it.each([[{ Type: "ip" }], [{ Type: "ip", Address: null }], [{ $ref: "6" }], ["203.0.113.7"], [null], [[]]])(
    "is not there in the entity %j",
    (entity) => {
      expect(read(aPayloadWith({}, [entity])).entities.filter(({ kind }) => kind === "ip")).toEqual([]);
    },
  );
});

it.each([
  ["203.0.113.7", "documentation"],
  ["2001:db8::1", "documentation"],
  ["8.8.8.8", "public"],
  ["2606:4700::1111", "public"],
  ["10.0.0.1", "private"],
  ["172.31.255.255", "private"],
  ["192.168.1.1", "private"],
  ["169.254.169.254", "private"],
  ["100.64.0.1", "private"],
  ["fd00::1", "private"],
  ["fe80::1", "private"],
  ["::ffff:10.0.0.1", "private"],
  ["127.0.0.53", "loopback"],
  ["::1", "loopback"],
  ["::ffff:127.0.0.1", "loopback"],
  ["0.0.0.0", "unspecified"],
  ["::", "unspecified"],
  ["168.63.129.16", "azure-platform"],
  ["::ffff:168.63.129.16", "azure-platform"],
  ["224.0.0.1", "reserved"],
  ["255.255.255.255", "reserved"],
  ["ff02::1", "reserved"],
])("%s is a %s address", (address, expected) => {
  expect(readAddress(address)?.class).toBe(expected);
});

/** Every network that either side knows, and some that are cut out of others. */
const special =
  `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24
  192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
  255.255.255.255/32`.split(/\s+/);

/** What ipaddr.js calls the range of an IPv4 address, in our words. */
function classBy(library: ipaddr.IPv4): string {
  const address = library.toString();
  if (address === "168.63.129.16") return "azure-platform";
  if (/^(192\.0\.2|198\.51\.100|203\.0\.113)\./.test(address)) return "documentation";
  const range = library.range();
  if (range === "unicast") return "public";
  if (range === "carrierGradeNat" || range === "linkLocal" || range === "private") return "private";
  return range === "loopback" || range === "unspecified" ? range : "reserved";
}

it("agrees with ipaddr.js about every IPv4 address, and about what is none", async () => {
  // Where a mistake would be: the ends of the networks and their neighbours.
  const edges = special
    .map((cidr) => ipaddr.IPv4.parseCIDR(cidr))
    .flatMap(([network, bits]) => {
      const first = Buffer.from(network.toByteArray()).readUInt32BE();
      const last = first + 2 ** (32 - bits) - 1;
      return [first - 1, first, last, last + 1].filter((value) => value >= 0 && value < 2 ** 32);
    });
  const dotted = (value: number) => [24, 16, 8, 0].map((shift) => (value / 2 ** shift) & 255).join(".");
  const nearly = fc
    .array(fc.oneof(fc.nat(300).map(String), fc.constantFrom("", "00", "01", "0x7", "1 1", "-1", "+1", "1e1", "٣")), {
      minLength: 3,
      maxLength: 5,
    })
    .map((parts) => parts.join("."));

  expect(edges.length).toBeGreaterThan(70);
  for (const edge of edges) expect(readAddress(dotted(edge))?.class).toBe(classBy(ipaddr.IPv4.parse(dotted(edge))));
  await fc.assert(
    fc.property(fc.oneof(fc.ipV4(), nearly), (raw) => {
      const isOne = ipaddr.IPv4.isValidFourPartDecimal(raw) && !/(^|\.)0\d/.test(raw);
      const expected = isOne ? { address: raw, class: classBy(ipaddr.IPv4.parse(raw)) } : undefined;

      expect(readAddress(raw)).toEqual(expected);
    }),
    { numRuns: 2000 },
  );
});

// `::203.0.113.7` is left out: RFC 4291 has done away with that notation, and it is read as the IPv4 address in it.
const ipv6 = fc.ipV6().filter((raw) => !/^(0*:)*:?\d+\.\d+/.test(raw));
const mapped = fc.ipV4().map((ipv4) => `::ffff:${ipv4}`);

it("keeps the meaning of every address it reads, and reads what it has written the same again", () =>
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), ipv6, mapped), (raw) => {
      const address = readAddress(raw)?.address ?? "";
      const original = new BlockList();
      original.addAddress(raw, isIPv6(raw) ? "ipv6" : "ipv4");

      expect(original.check(address, isIPv6(address) ? "ipv6" : "ipv4")).toBe(true);
      expect(readAddress(address)?.address).toBe(address);
    }),
  ));

it("drops what the end of an overlong value cuts through: half an address may be somebody else's", () => {
  const filler = "x".repeat(8192 - "203.0.113.7".length - 1);
  const alert = read(aPayloadWith({ "Attacker IP": `${filler} 203.0.113.77` }, []));

  expect(alert.entities.filter(({ kind }) => kind === "ip")).toEqual([]);
  expect(alert.notes.join()).toContain("only the first 8192 of");
});
