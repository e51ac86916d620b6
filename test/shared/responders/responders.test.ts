import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { PointKind } from "../../../shared/ledger/containment.ts";
import { checkEntry } from "../../../shared/reconcile/fragment-entry.ts";
import type { FragmentResponder, Permission } from "../../../shared/responders/responder.ts";
import { responders } from "../../../shared/responders/responders.ts";

const api = { kind: "api", apiId: "orders" } as const;
const caller = { kind: "api-caller", scope: api } as const;
const everywhere = { kind: "api-caller", scope: { kind: "service" } } as const;
const block = ofTheFragment("apim-block-ip");
const limit = ofTheFragment("apim-limit-rate");

function ofTheFragment(id: string): FragmentResponder {
  const responder = responders.get(id);
  if (responder?.point !== "apim-fragment") throw new Error(`${id} is missing`);
  return responder;
}

const nameOf = (permission: Permission) =>
  "action" in permission ? permission.action : `${permission.api} ${permission.appRole}`;

/** What a responder may ask for at its kind of enforcement point. */
const belonging: Readonly<Record<PointKind, RegExp>> = {
  "apim-fragment": /^Microsoft\.ApiManagement\/service\/([\w/]+\/)?(read|write)$/,
  "apim-access": /^Microsoft\.ApiManagement\/service\/(subscriptions|users)\/([\w/]+\/)?(read|write|action)$/,
  firewall: /^Microsoft\.Network\/(firewallPolicies|ipGroups|locations)\/([\w/]+\/)?(read|write)$/,
  endpoint: /^WindowsDefenderATP (Machine|Ti)(\.[A-Z][A-Za-z]+)+$/,
  identity: /^Microsoft Graph (User|IdentityRiskyUser)(\.[A-Z][A-Za-z]+)+$/,
  applications: /^Microsoft Graph Application(\.[A-Z][A-Za-z]+)+$/,
  alerts:
    /^(Microsoft\.Security\/locations\/alerts\/(read|(dismiss|inProgress|resolve)\/action)|Microsoft Graph Security(Alert|Incident)(\.[A-Z][A-Za-z]+)+|Microsoft Cloud App Security Investigation\.manage)$/,
};
/** D3FEND has no technique for what only detects or records. */
const withoutTechnique = [
  "alert-add-comment",
  "alert-set-status",
  "entra-confirm-compromised",
  "mde-collect-package",
  "mde-scan-machine",
];

describe.each([...responders.values()])("$id", (responder) => {
  it("says of itself what the documentation and the roles are made from", () => {
    expect(responder.id).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect(responder.summary).toMatch(/^[A-Z][a-z]+ .+\.$/);
    if (withoutTechnique.includes(responder.id)) expect(responder.d3fend).toBeUndefined();
    else expect(responder.d3fend).toMatch(/^D3-[A-Z]+$/);
    expect(responder.selectors).not.toEqual([]);
    expect([responder.irreversible, responder.momentary]).toContain(undefined);
  });

  it("asks for permissions of its own kind of enforcement point only, each once", () => {
    const names = responder.permissions.map(nameOf);

    expect(names).not.toEqual([]);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(belonging[responder.point]);
  });

  it("refuses parameters that it does not know", () => {
    expect(responder.params.safeParse({ calls: 1, periodSeconds: 60, burst: 2 }).success).toBe(false);
    expect(z.toJSONSchema(responder.params)).toMatchObject({ additionalProperties: false });
  });
});

describe.each<FragmentResponder>([block, limit])("$id", (responder) => {
  it("may write the fragment and nothing else", () => {
    expect(responder.permissions.map(nameOf).filter((name) => name.endsWith("/write"))).toEqual([
      "Microsoft.ApiManagement/service/policyFragments/write",
    ]);
  });

  it("refuses IPv6, which API Management does not document", () => {
    expect(responder.refusal({ ...caller, address: "2001:db8::1" }, {})).toMatch(/IPv6/);
  });
});

it("a responder is never asked about a target of another kind", () => {
  const isolate = responders.get("mde-isolate-machine");
  if (isolate?.kind !== "command") throw new Error("mde-isolate-machine is missing");

  expect(isolate.refusal({ kind: "machine", machineId: "a".repeat(40) }, {})).toBeUndefined();
  expect(() => isolate.refusal({ kind: "user", userId: "u" }, {})).toThrow(
    "mde-isolate-machine is for machine, not for user",
  );
});

describe("apim-block-ip", () => {
  it("forbids one address at a scope", () => {
    expect(block.refusal({ ...caller, address: "203.0.113.7" }, {})).toBeUndefined();
    expect(block.entry({ ...caller, address: "203.0.113.7" }, [{}])).toEqual({
      kind: "forbid-ip",
      scope: api,
      from: "203.0.113.7",
      to: "203.0.113.7",
    });
  });

  it("refuses to forbid everybody", () => {
    expect(block.refusal(caller, {})).toMatch(/no single address/);
    expect(() => checkEntry(block.entry(caller, [{}]))).toThrow();
  });
});

describe("apim-limit-rate", () => {
  const rate = (calls: number, periodSeconds: number) => ({ calls, periodSeconds });

  it("limits one caller, or all of an endpoint together", () => {
    expect(limit.entry({ ...caller, address: "203.0.113.7" }, [rate(30, 60)])).toEqual({
      kind: "limit-rate",
      scope: api,
      by: "client-ip",
      clientIp: { from: "203.0.113.7", to: "203.0.113.7" },
      calls: 30,
      periodSeconds: 60,
    });
    expect(limit.entry(caller, [rate(300, 60)])).toMatchObject({ by: "endpoint", calls: 300 });
  });

  it.each([
    [[rate(30, 60), rate(10, 60)], rate(10, 60)],
    [[rate(10, 60), rate(30, 60)], rate(10, 60)],
    [[rate(10, 1), rate(100, 300)], rate(100, 300)],
    [[rate(5, 300), rate(1, 30), rate(100, 60)], rate(5, 300)],
  ])("with wishes %j is as strict as the strictest per second", (wishes, strictest) => {
    expect(limit.entry(caller, wishes)).toMatchObject(strictest);
  });

  it("refuses one limit over every API of the service, but not one caller's", () => {
    expect(limit.refusal(everywhere, rate(30, 60))).toMatch(/stop everybody/);
    expect(limit.refusal({ ...everywhere, address: "203.0.113.7" }, rate(30, 60))).toBeUndefined();
  });

  it.each([[{}], [rate(0, 60)], [rate(1.5, 60)], [rate(1, 301)], [rate(1, 0)], [{ calls: "30", periodSeconds: 60 }]])(
    "does not take %j for a rate",
    (params) => {
      expect(limit.params.safeParse(params).success).toBe(false);
    },
  );
});
