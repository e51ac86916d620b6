import { describe, expect, it } from "vitest";
import { attackableAddress } from "../../../shared/guardrails/attackable-address.ts";
import type { Proposal } from "../../../shared/guardrails/guardrail.ts";
import { ownAddress } from "../../../shared/guardrails/own-address.ts";
import { protectedNetwork } from "../../../shared/guardrails/protected-network.ts";
import { enforcementPoint } from "../../../shared/ledger/containment.ts";
import { firewallBlockIp } from "../../../shared/responders/firewall-block-ip.ts";
import { aProtection } from "../../support/a-protection.ts";
import { aPayload, read } from "../../support/an-alert.ts";

const proposal = (address: string): Proposal => ({
  alert: read(aPayload()),
  responder: "firewall-block-ip",
  point: enforcementPoint("firewall", "/policy"),
  target: { kind: "address", address },
});
const network = (address: string, ...networks: string[]) =>
  protectedNetwork.check(proposal(address), aProtection({ networks }))?.verdict;

describe("a block of addresses", () => {
  it.each([
    ["203.0.113.0/24", undefined],
    ["8.8.8.0/24", undefined],
    ["10.1.0.0/16", /private address/],
    ["192.0.0.0/16", /holds, a reserved address/],
    ["168.63.129.0/24", /azure-platform/],
    ["8.8.8.0/33", /not an IP address/],
    ["2001:db8::/32", /not an IP address/],
  ])("%s may be attacked from as little as anything within it: %s", (address, reason) => {
    const objection = attackableAddress.check(proposal(address), aProtection({}));

    if (reason === undefined) expect(objection).toBeUndefined();
    else expect(objection).toMatchObject({ verdict: "refuse", reason: expect.stringMatching(reason) });
  });

  it("is refused when a protected address or network lies in it, and when it lies in one", () => {
    expect(network("203.0.113.0/24", "203.0.113.7")).toBe("refuse");
    expect(network("203.0.113.0/24", "203.0.113.128/25")).toBe("refuse");
    expect(network("203.0.113.0/24", "203.0.0.0/16")).toBe("refuse");
    expect(network("203.0.113.0/24", "203.0.112.0/24", "2001:db8::/32")).toBeUndefined();
  });

  it("is refused when one of our own addresses lies in it", () => {
    const own = (address: string) => aProtection({ ownAddresses: [{ address, owner: "the gateway", machine: false }] });

    expect(ownAddress.check(proposal("203.0.113.0/24"), own("203.0.113.200"))?.verdict).toBe("refuse");
    expect(ownAddress.check(proposal("203.0.113.0/24"), own("203.0.114.1"))).toBeUndefined();
    expect(ownAddress.check(proposal("203.0.113.0/24"), own("2001:db8::1"))).toBeUndefined();
  });

  it("wider than /16 is refused at the firewall", () => {
    expect(firewallBlockIp.refusal({ kind: "address", address: "203.0.0.0/15" }, {})).toContain("wider than /16");
    expect(firewallBlockIp.refusal({ kind: "address", address: "203.0.0.0/16" }, {})).toBeUndefined();
    expect(firewallBlockIp.refusal({ kind: "address", address: "2001:db8::1" }, {})).toContain("IPv4");
  });
});
