import { describe, expect, it } from "vitest";
import type { Playbook } from "../../../shared/playbooks/playbook.ts";
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
  steps: [],
};

function ask(body: unknown, changes: { key?: string; known?: string[]; name?: string } = {}): Request {
  const { key = "key-1", known = [serviceId], name = playbook.name } = changes;
  return requestByHand({ playbook: { ...playbook, name }, body, key, by: "someone@contoso.com", now, known });
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
    ["a network", { target: { address: "203.0.113.0/24" } }, /target\.address: not an IP address/],
    ["a service by its name", { target: { service: "shop" } }, /target\.service: not the ARM id/],
    ["an address that is a number", { target: { address: 7 } }, /target\.address: /],
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
