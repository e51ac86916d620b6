import { describe, expect, it } from "vitest";
import type { Protection, StandingProposal } from "../../../shared/guardrails/guardrail.ts";
import { standingObjection } from "../../../shared/guardrails/standing-objection.ts";
import { enforcementPoint } from "../../../shared/ledger/containment.ts";
import { aProtection } from "../../support/a-protection.ts";

const policy = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/firewallPolicies/hub";
const machineId = "0123456789abcdef0123456789abcdef01234567";
const userId = "0d9c1b2a-3e4f-4a5b-8c6d-7e8f9a0b1c2d";
const block: StandingProposal = {
  responder: "firewall-block-ip",
  point: enforcementPoint("firewall", policy),
  target: { kind: "address", address: "203.0.113.7" },
};
const indicate: StandingProposal = {
  responder: "mde-block-indicator",
  point: enforcementPoint("endpoint"),
  target: { kind: "indicator", type: "IpAddress", value: "203.0.113.7" },
};
const isolate: StandingProposal = {
  responder: "mde-isolate-machine",
  point: enforcementPoint("endpoint"),
  target: { kind: "machine", machineId },
};
const disable: StandingProposal = {
  responder: "entra-disable-user",
  point: enforcementPoint("identity"),
  target: { kind: "user", userId },
};
const given = aProtection({ firewallPolicies: [policy], tenant: ["endpoint", "identity"] });

describe("right before something is sent", () => {
  it.each([block, indicate, isolate, disable])("nothing stands against $responder that was decided rightly", (one) => {
    expect(standingObjection(one, given)).toBeUndefined();
  });

  it.each<[string, StandingProposal, Partial<Protection>, RegExp]>([
    ["a firewall was taken out", block, { firewallPolicies: [] }, /^known-enforcement-point: .*FIREWALL_POLICIES/],
    ["the endpoint was taken out", isolate, { tenant: ["identity"] }, /^known-enforcement-point: .* endpoint$/],
    ["an address was protected", block, { networks: ["203.0.113.0/28"] }, /^protected-network: 203\.0\.113\.7 /],
    ["the address of an indicator was", indicate, { networks: ["203.0.113.7"] }, /^protected-network: 203\.0\.113\.7 /],
    ["a machine was protected", isolate, { machines: [machineId] }, /^protected-machine: /],
    ["a user was protected", disable, { identities: [userId] }, /^protected-identity: /],
  ])("the settings are asked again: since then %s", (_, proposal, changes, objection) => {
    expect(standingObjection(proposal, { ...given, ...changes })).toMatch(objection);
  });

  it.each([
    ["10.0.0.1", /^attackable-address: 10\.0\.0\.1 is a private address/],
    ["168.63.129.16", /^attackable-address: .*azure-platform/],
    // While deciding this one is shown; here nothing is shown to anybody.
    ["0.0.0.0", /^attackable-address: 0\.0\.0\.0 is no attacker/],
    ["not an address", /^attackable-address: the target is not an IP address/],
  ])("what the ledger says is asked again as well: %s", (address, objection) => {
    expect(standingObjection({ ...block, target: { kind: "address", address } }, given)).toMatch(objection);
    expect(
      standingObjection({ ...indicate, target: { kind: "indicator", type: "IpAddress", value: address } }, given),
    ).toMatch(objection);
  });

  it("a rule that cannot tell says no", () => {
    expect(standingObjection(block, { ...given, networks: ["not a network"] })).toMatch(
      /^protected-network: the guardrail failed: ./,
    );
  });

  it("a rule that fails in an unknown way says no", () => {
    const broken: Protection = {
      ...given,
      get machines(): readonly string[] {
        throw "text";
      },
    };

    expect(standingObjection(isolate, broken)).toBe("protected-machine: the guardrail failed: unknown error");
  });
});
