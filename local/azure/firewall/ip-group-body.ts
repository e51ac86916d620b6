import ipaddr from "ipaddr.js";
import * as z from "zod";
import { ArmError } from "../resource-manager/arm-error.ts";
import type { FirewallState } from "./firewall-state.ts";
import { unreadable } from "./network-failure.ts";

/** https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#azure-firewall-limits */
const mostEntries = 5_000;

/** What a read shows may be sent again: it is read-only and does nothing. */
const shown = z.unknown().optional();
const Body = z.strictObject({
  location: z.string().min(1),
  tags: z.record(z.string(), z.string()).default({}),
  properties: z
    .strictObject({
      ipAddresses: z.array(z.string()).default([]),
      provisioningState: shown,
      firewalls: shown,
      firewallPolicies: shown,
    })
    .default({ ipAddresses: [] }),
  id: shown,
  name: shown,
  type: shown,
  etag: shown,
});
const Tags = z.strictObject({ tags: z.record(z.string(), z.string()).default({}) });

/** The whole of an IP Group: what is not sent is gone, its tags as well. */
export interface IpGroupBody {
  location: string;
  tags: Record<string, string>;
  entries: readonly string[];
}

export function readIpGroupBody(body: unknown, { refusesEmptyLists }: FirewallState): IpGroupBody {
  const { location, tags, properties } = parse(Body, body);
  const entries = properties.ipAddresses;
  if (refusesEmptyLists && entries.length === 0) {
    throw new ArmError(400, "IPGroupsIPAddressCountZero", "An IP Group must hold at least one IP address.");
  }
  // The limit is documented, the code is not.
  if (entries.length > mostEntries) {
    throw new ArmError(400, "IPGroupsIPAddressCountExceeded", `An IP Group holds at most ${mostEntries} entries.`);
  }
  const bad = entries.find((entry) => !isEntry(entry));
  // Code and wording as in Azure/azure-service-operator#3081.
  if (bad !== undefined) throw new ArmError(400, "InvalidAddressPrefixFormat", `IP Prefix ${bad} is invalid.`);
  return { location, tags, entries };
}

export function readTags(body: unknown): Record<string, string> {
  return parse(Tags, body).tags;
}

function parse<Result>(schema: z.ZodType<Result>, body: unknown): Result {
  const { success, data, error } = schema.safeParse(body);
  if (success) return data;
  throw unreadable(z.prettifyError(error));
}

/** A single IPv4 address, a prefix, a range: the formats that the documentation shows (https://learn.microsoft.com/azure/firewall/ip-groups). */
function isEntry(entry: string): boolean {
  const [from = "", to, ...more] = entry.split("-");
  if (to === undefined)
    return ipaddr.IPv4.isValidFourPartDecimal(entry) || ipaddr.IPv4.isValidCIDRFourPartDecimal(entry);
  const ends = [from, to];
  return (
    more.length === 0 && ends.every((end) => ipaddr.IPv4.isValidFourPartDecimal(end)) && number(from) <= number(to)
  );
}

/** An address as a number, by which a range is told. */
export function number(address: string): number {
  return ipaddr.IPv4.parse(address).octets.reduce((sum, octet) => sum * 256 + octet, 0);
}
