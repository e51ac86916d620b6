import * as z from "zod";
import type { GroupResponder } from "./responder.ts";

export const firewallBlockIp: GroupResponder = {
  id: "firewall-block-ip",
  summary: "Block an address at Azure Firewall, both ways: what comes from it and what goes to it.",
  kind: "list",
  point: "firewall",
  target: "address",
  selectors: ["attacker-ip"],
  params: z.strictObject({}),
  d3fend: "D3-NTF",
  permissions: [
    { action: "Microsoft.Network/firewallPolicies/read" },
    { action: "Microsoft.Network/firewallPolicies/ruleCollectionGroups/read" },
    { action: "Microsoft.Network/ipGroups/read" },
    { action: "Microsoft.Network/ipGroups/write" },
    { action: "Microsoft.Network/locations/operations/read" },
  ],

  refusal({ address }) {
    if (address.includes(":")) return "an IP Group of Azure Firewall holds IPv4 addresses only";
    const [, prefix = "32"] = address.split("/");
    return Number(prefix) < 16 ? `a block of /${prefix} is wider than /16: it would cut off half a country` : undefined;
  },

  address: ({ address }) => address,
};
