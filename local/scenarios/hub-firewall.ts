import { type FirewallState, firewallState, simulatedIpGroup } from "../azure/firewall/firewall-state.ts";

const network = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network";
export const policyId = `${network}/firewallPolicies/hub`;
export const firewallId = `${network}/azureFirewalls/hub`;
export const ipGroupId = (name: string) => `${network}/ipGroups/${name}`;

/** The hub's firewall as infrastructure puts it in place: a deny rule each way for the blocked addresses, and then the customer's own rules. */
export function hubFirewall({ groups = ["portcullis-blocked"] }: { groups?: readonly string[] } = {}): FirewallState {
  const every = { ipProtocols: ["Any"], destinationPorts: ["*"] };
  return firewallState({
    ipGroups: groups.map((name) => simulatedIpGroup({ id: ipGroupId(name), tags: { "managed-by": "portcullis" } })),
    policies: [
      {
        id: policyId,
        location: "westeurope",
        ruleCollectionGroups: [
          {
            name: "portcullis",
            priority: 100,
            ruleCollections: [
              {
                name: "blocked",
                priority: 100,
                action: "Deny",
                // Each group has rules of its own: an empty group has the whole rule skipped that names it.
                rules: groups.map(ipGroupId).flatMap((id, index) => [
                  {
                    name: index === 0 ? "from" : `from-${index + 1}`,
                    ruleType: "NetworkRule" as const,
                    ...every,
                    sourceIpGroups: [id],
                    destinationAddresses: ["*"],
                  },
                  {
                    name: index === 0 ? "to" : `to-${index + 1}`,
                    ruleType: "NetworkRule" as const,
                    ...every,
                    sourceAddresses: ["*"],
                    destinationIpGroups: [id],
                  },
                ]),
              },
            ],
          },
          {
            name: "platform",
            priority: 200,
            ruleCollections: [
              {
                name: "web",
                priority: 100,
                action: "Allow",
                rules: [
                  {
                    name: "https-and-rdp",
                    ruleType: "NetworkRule",
                    ipProtocols: ["TCP"],
                    // Remote Desktop stands open to everybody, as it does wherever it is attacked.
                    destinationPorts: ["443", "3389"],
                    sourceAddresses: ["*"],
                    destinationAddresses: ["*"],
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
    firewalls: [{ id: firewallId, policyId }],
  });
}
