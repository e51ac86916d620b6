import { describe, expect, it } from "vitest";
import { attackableAddress } from "../../../shared/guardrails/attackable-address.ts";
import type { Guardrail, Proposal } from "../../../shared/guardrails/guardrail.ts";
import { objections } from "../../../shared/guardrails/guardrails.ts";
import { knownEnforcementPoint } from "../../../shared/guardrails/known-enforcement-point.ts";
import { openAlert } from "../../../shared/guardrails/open-alert.ts";
import { protectedNetwork } from "../../../shared/guardrails/protected-network.ts";
import { sampleAlert } from "../../../shared/guardrails/sample-alert.ts";
import { enforcementPoint } from "../../../shared/ledger/containment.ts";
import { aProtection } from "../../support/a-protection.ts";
import { aPayload, read } from "../../support/an-alert.ts";

const serviceId =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.ApiManagement/service/contoso-shop";
const protection = aProtection({ apiManagement: [serviceId] });

function aProposal(changes: { address?: string; alert?: Proposal["alert"]; serviceId?: string } = {}): Proposal {
  const { address = "203.0.113.7", alert = read(aPayload()) } = changes;
  const scope = { kind: "api" as const, apiId: "orders" };
  return {
    alert,
    responder: "apim-block-ip",
    point: enforcementPoint("apim-fragment", changes.serviceId ?? serviceId),
    target: { kind: "api-caller", scope, address },
  };
}

const everybody: Proposal = { ...aProposal(), target: { kind: "api-caller", scope: { kind: "api", apiId: "orders" } } };

it("has nothing against an open alert about a public address at a known service", () => {
  expect(objections(aProposal(), protection)).toEqual([]);
});

it("names every objection, not only the first", () => {
  const alert = { ...read(aPayload({ Status: "Dismissed" })), sample: true };
  const proposal = aProposal({ alert, address: "10.0.0.1", serviceId: `${serviceId}2` });

  const found = objections(proposal, { ...protection, networks: ["10.0.0.0/8"] });

  expect(found.map(({ guardrail }) => guardrail)).toEqual([
    "open-alert",
    "sample-alert",
    "known-enforcement-point",
    "attackable-address",
    "protected-network",
  ]);
});

it("refuses when a guardrail cannot tell, and asks the others all the same", () => {
  const broken: Guardrail = {
    id: "broken",
    check() {
      throw new Error("the list cannot be read");
    },
  };
  const throwsText: Guardrail = {
    id: "odd",
    check() {
      throw "text";
    },
  };
  const alert = { ...read(aPayload()), sample: true };

  expect(objections(aProposal({ alert }), protection, [broken, throwsText, sampleAlert])).toEqual([
    { guardrail: "broken", verdict: "refuse", reason: "the guardrail failed: the list cannot be read" },
    { guardrail: "odd", verdict: "refuse", reason: "the guardrail failed: unknown error" },
    { guardrail: "sample-alert", verdict: "observe", reason: expect.stringMatching(/sample/) },
  ]);
});

describe("open-alert", () => {
  it.each([
    ["New", undefined],
    ["InProgress", undefined],
    ["Resolved", "refuse"],
    ["Dismissed", "refuse"],
  ])("to an alert that is %s says %s", (Status, verdict) => {
    const alert = read(aPayload({ Status }));

    expect(openAlert.check(aProposal({ alert }), protection)?.verdict).toBe(verdict);
  });
});

describe("known-enforcement-point", () => {
  it.each([
    ["the service itself", serviceId, undefined],
    ["the service in capitals", serviceId.toUpperCase(), undefined],
    ["another service", serviceId.replace("contoso-shop", "fabrikam"), "refuse"],
    ["a service whose name only begins alike", `${serviceId}-2`, "refuse"],
    ["the same name in another group", serviceId.replace("rg-shop", "rg-other"), "refuse"],
  ])("to %s", (_, asked, verdict) => {
    expect(knownEnforcementPoint.check(aProposal({ serviceId: asked }), protection)?.verdict).toBe(verdict);
  });

  it("refuses everything in an installation that was given nothing", () => {
    expect(knownEnforcementPoint.check(aProposal(), { ...protection, apiManagement: [] })?.verdict).toBe("refuse");
  });
});

describe("attackable-address", () => {
  it.each([
    ["8.8.8.8", undefined],
    ["2606:4700::1111", undefined],
    ["203.0.113.7", undefined],
    ["0.0.0.0", "observe"],
    ["::", "observe"],
    ["10.1.2.3", "refuse"],
    ["172.16.0.1", "refuse"],
    ["192.168.0.1", "refuse"],
    ["169.254.169.254", "refuse"],
    ["100.64.0.1", "refuse"],
    ["127.0.0.1", "refuse"],
    ["::1", "refuse"],
    ["fd12::1", "refuse"],
    ["::ffff:127.0.0.1", "refuse"],
    ["::ffff:10.0.0.1", "refuse"],
    ["168.63.129.16", "refuse"],
    ["::ffff:168.63.129.16", "refuse"],
    ["224.0.0.1", "refuse"],
    ["255.255.255.255", "refuse"],
    ["203.0.113.0/33", "refuse"],
    ["10.1.0.0/24", "refuse"],
    ["attacker.example", "refuse"],
    ["", "refuse"],
  ])("to %s says %s", (address, verdict) => {
    expect(attackableAddress.check(aProposal({ address }), protection)?.verdict).toBe(verdict);
  });

  it("has nothing to say where everybody is meant", () => {
    expect(attackableAddress.check(everybody, protection)).toBeUndefined();
  });
});

describe("protected-network", () => {
  const objection = (address: string, ...networks: string[]) =>
    objections(aProposal({ address }), { ...protection, networks }, [protectedNetwork])[0];

  it.each([
    ["203.0.113.7", "203.0.113.7"],
    ["203.0.113.7", "203.0.113.0/28"],
    ["203.0.113.7", "0.0.0.0/0"],
    ["203.0.113.7", "::ffff:203.0.113.7"],
    ["203.0.113.7", "::ffff:203.0.113.0/124"],
    ["::ffff:203.0.113.7", "203.0.113.0/28"],
    ["2001:db8::7", "2001:DB8::/32"],
    ["2001:db8::7", "2001:0db8:0:0::7"],
  ])("%s is in %s", (address, network) => {
    expect(objection(address, "192.0.2.0/24", network)).toMatchObject({
      verdict: "refuse",
      reason: expect.stringContaining(network),
    });
  });

  it.each([
    ["203.0.113.16", "203.0.113.0/28"],
    ["203.0.113.8", "203.0.113.7"],
    ["203.0.113.7", "2001:db8::/32"],
    ["2001:db9::7", "2001:db8::/32"],
    ["2001:db8::7", "0.0.0.0/0"],
  ])("%s is not in %s", (address, network) => {
    expect(objection(address, network)).toBeUndefined();
  });

  it.each(["not a network", "203.0.113.0/33", ""])(
    "%j in the settings protects everybody rather than nobody",
    (network) => {
      expect(objection("203.0.113.7", network)).toMatchObject({ verdict: "refuse" });
    },
  );

  it("has nothing to say where everybody is meant", () => {
    expect(protectedNetwork.check(everybody, { ...protection, networks: ["0.0.0.0/0"] })).toBeUndefined();
  });
});
