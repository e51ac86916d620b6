import { describe, expect, it } from "vitest";
import type { Playbook, Step } from "../../../shared/playbooks/playbook.ts";
import { Request } from "../../../shared/response/request.ts";
import { RunRefused, requestByHand } from "../../../shared/response/request-by-hand.ts";
import { aPayload, read } from "../../support/an-alert.ts";

const serviceId =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.ApiManagement/service/contoso-shop";
const now = new Date("2026-11-23T09:30:00.000Z");
const playbook: Playbook = {
  name: "api-block",
  summary: "Block",
  when: { source: "defender-for-cloud", types: ["API_SprayInRequests"], severity: "Informational" },
  steps: [
    {
      responder: "apim-block-ip",
      target: "attacker-ip",
      scope: "api",
      duration: "PT1H",
      mode: "enforce",
      with: {},
      because: "A person asked",
    },
  ],
};

/** A playbook that does nothing at API Management, with one step at such a target. */
function elsewhere(responder: string, target: Step["target"]): Playbook {
  return {
    name: "elsewhere",
    summary: "Contain",
    steps: [{ responder, target, duration: "PT1H", mode: "enforce", with: {}, because: "A person asked" }],
  };
}

function ask(body: unknown, changes: { key?: string; known?: string[]; name?: string; of?: Playbook } = {}): Request {
  const { key = "key-1", known = [serviceId], of = playbook, name = of.name } = changes;
  return requestByHand({ playbook: { ...of, name }, body, key, by: "someone@contoso.com", now, known });
}

function refusal(body: unknown, known = [serviceId]): string {
  try {
    ask(body, { known });
  } catch (error) {
    if (error instanceof RunRefused) return error.message;
    throw error;
  }
  throw new Error("the run was taken");
}

describe("a run by hand", () => {
  it("is about the target that a person names, and only observes unless they say otherwise", () => {
    const request = ask({ target: { address: " 203.0.113.7:443 ", api: "orders", operation: "get-order" } });

    expect(Request.parse(request)).toEqual(request);
    expect(request).toMatchObject({
      runId: expect.stringMatching(/^run-[0-9a-f]{32}$/),
      deliveredAt: now.toISOString(),
      byHand: {
        by: "someone@contoso.com",
        playbook: "api-block",
        mode: "observe",
        target: { apiId: "orders", operationId: "get-order" },
      },
      alert: { source: "by-hand", sample: false, status: "new", severity: "Informational" },
    });
    expect(request.alert.key).toBe(request.runId);
    expect(request.alert.entities).toEqual([
      { kind: "azure-resource", role: "victim", foundAt: "target.service", resourceId: serviceId },
      { kind: "ip", role: "attacker", foundAt: "target.address", address: "203.0.113.7", class: "documentation" },
    ]);
  });

  it("is about the alert that a person hands in, read like any other", () => {
    const request = ask({ alert: aPayload(), mode: "enforce", duration: "PT1H" });

    expect(request.alert).toEqual(read(aPayload()));
    expect(request.byHand).toEqual({
      by: "someone@contoso.com",
      playbook: "api-block",
      mode: "enforce",
      duration: "PT1H",
    });
  });

  it("is the same run for the same key and playbook, and another for any other", () => {
    const body = { target: { address: "203.0.113.7" } };
    const [first, again, key, name] = [ask(body), ask(body), ask(body, { key: "2" }), ask(body, { name: "other" })];

    expect(again?.runId).toBe(first?.runId);
    expect(new Set([first, key, name].map((request) => request?.runId)).size).toBe(3);
  });

  it("may name one of several services", () => {
    const request = ask({ target: { service: `${serviceId}2` } }, { known: [serviceId, `${serviceId}2`] });

    expect(request.alert.entities).toContainEqual(expect.objectContaining({ resourceId: `${serviceId}2` }));
  });
});

const machineId = "0123456789abcdef0123456789abcdef01234567";
const userId = "0d9c1b2a-3e4f-4a5b-8c6d-7e8f9a0b1c2d";
const isolating = elsewhere("mde-isolate-machine", "victim-machine");
const disabling = elsewhere("entra-disable-user", "victim-user");

describe("a run by hand beyond API Management", () => {
  it.each([
    ["a machine by its id", isolating, { machine: machineId.toUpperCase() }, { kind: "host", mdeDeviceId: machineId }],
    [
      "a machine by its name",
      isolating,
      { machine: "PAY-7.contoso.example" },
      { kind: "host", fqdn: "pay-7.contoso.example" },
    ],
    ["a user by its id", disabling, { user: userId }, { kind: "user", objectId: userId }],
    [
      "a user by its name",
      disabling,
      { user: "robin@contoso.example" },
      { kind: "user", upn: "robin@contoso.example" },
    ],
  ])("is about %s as the victim, and about no service", (_, of, target, entity) => {
    const { entities } = ask({ target }, { of, known: [] }).alert;

    expect(entities).toEqual([{ role: "victim", foundAt: expect.stringMatching(/^target\./), ...entity }]);
  });

  it.each([
    [
      "a user whom the playbook calls so",
      elsewhere("entra-disable-user", "attacker-user"),
      { user: userId },
      { kind: "user", objectId: userId },
    ],
    [
      "an application",
      elsewhere("entra-disable-app", "attacker-application"),
      { application: userId },
      { kind: "service-principal", objectId: userId },
    ],
    [
      "a file",
      elsewhere("mde-quarantine-file", "malicious-file"),
      { sha1: machineId },
      { kind: "file", sha1: machineId },
    ],
    [
      "a domain",
      elsewhere("mde-block-indicator", "indicator"),
      { domain: "EVIL.example" },
      { kind: "domain", domain: "evil.example" },
    ],
    [
      "a URL",
      elsewhere("mde-block-indicator", "indicator"),
      { url: "https://evil.example/A" },
      { kind: "url", url: "https://evil.example/A" },
    ],
  ])("is about %s as the attacker", (_, of, target, entity) => {
    const { entities } = ask({ target }, { of, known: [] }).alert;

    expect(entities).toEqual([{ role: "attacker", foundAt: expect.stringMatching(/^target\./), ...entity }]);
  });

  it.each([
    [{ product: "defender-for-cloud", id: "/subscriptions/s" }, { armId: "/subscriptions/s" }],
    [{ product: "graph-alert", id: "a1" }, { graphId: "a1" }],
    [{ product: "graph-incident", id: "12" }, { incidentId: "12" }],
  ])("is about the alert that %j names", (alert, references) => {
    const request = ask({ target: { alert } }, { of: elsewhere("alert-set-status", "alert"), known: [] });

    expect(request.alert.references).toEqual(references);
  });

  it("hands on the API subscription and the API user that a person names", () => {
    const target = { subscription: "orders-key", apiUser: "u-7" };

    expect(ask({ target }).byHand?.target).toEqual({ subscriptionId: "orders-key", apiUserId: "u-7" });
  });
});

describe("a run by hand is refused with the field and what would be right", () => {
  it.each([
    ["nothing", undefined, /body: /],
    ["a list", [], /body: /],
    ["an empty object", {}, /body: send either an alert or a target/],
    ["both an alert and a target", { alert: {}, target: {} }, /send either an alert or a target/],
    ["a field nobody knows", { target: {}, force: true }, /body: .*force/],
    ["a target's field nobody knows", { target: { ip: "203.0.113.7" } }, /target: .*ip/],
    ["another mode", { target: {}, mode: "block" }, /mode: .*observe.*enforce/],
    ["a duration in words", { target: {}, duration: "1 hour" }, /duration: .*PT4H/],
    ["no address", { target: { address: "attacker.example" } }, /target\.address: not an IP address/],
    ["half a network", { target: { address: "203.0.113.0/" } }, /target\.address: not an IP address/],
    [
      "a network of IPv6",
      { target: { address: "2001:db8::/32" } },
      /target\.address: not an IP address, nor an IPv4 block/,
    ],
    ["a service by its name", { target: { service: "shop" } }, /target\.service: not the ARM id/],
    ["an address that is a number", { target: { address: 7 } }, /target\.address: /],
    [
      "a short machine name",
      { target: { machine: "pay-7" } },
      /target\.machine: neither a machine id .* nor a full DNS name/,
    ],
    [
      "a user by a short name",
      { target: { user: "robin" } },
      /target\.user: neither an object id nor a user principal/,
    ],
    [
      "an application by its name",
      { target: { application: "reports" } },
      /target\.application: expected an object id/,
    ],
    ["another hash for a SHA-1", { target: { sha1: "a".repeat(64) } }, /target\.sha1: expected 40 hexadecimal digits/],
    ["a URL that is none", { target: { url: "evil" } }, /target\.url: /],
    [
      "an alert of another product",
      { target: { alert: { product: "sentinel", id: "1" } } },
      /target\.alert\.product: /,
    ],
    ["an operation without its API", { target: { operation: "get-order" } }, /target\.operation: .*api/],
    ["an alert of no family", { alert: { a: 1 } }, /alert: no known alert family has these fields: a/],
    ["an alert that is incomplete", { alert: { ...aPayload(), Severity: "?" } }, /alert: .*severity/],
  ])("%s", (_, body, expected) => {
    expect(refusal(body)).toMatch(expected);
  });

  it("no service, where several are known", () => {
    expect(refusal({ target: {} }, [serviceId, `${serviceId}2`])).toBe(
      `target.service: name one of ${serviceId}, ${serviceId}2`,
    );
  });

  it("no service, where none is known", () => {
    expect(refusal({ target: {} }, [])).toMatch(/target\.service: PORTCULLIS_API_MANAGEMENT names no/);
  });
});
