import { describe, expect, it } from "vitest";
import { addressOf } from "../../../shared/ledger/target.ts";
import { decide, type Situation } from "../../../shared/playbooks/decide.ts";
import { Decision } from "../../../shared/playbooks/decision.ts";
import type { Playbook, Step } from "../../../shared/playbooks/playbook.ts";
import { responders } from "../../../shared/responders/responders.ts";
import { aProtection } from "../../support/a-protection.ts";
import { aPayload, aPayloadWith, read } from "../../support/an-alert.ts";
import { anEnrichment } from "../../support/an-enrichment.ts";

const serviceId =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.ApiManagement/service/contoso-shop";
const hour = 3_600_000;
const now = new Date("2026-11-23T09:30:00.000Z");

function aStep(changes: Partial<Step> = {}): Step {
  return {
    responder: "apim-block-ip",
    target: "attacker-ip",
    scope: "api",
    duration: "PT4H",
    mode: "enforce",
    with: {},
    because: "it probes",
    ...changes,
  };
}

function aPlaybook(name: string, ...steps: Step[]) {
  const types = ["API_ParameterEnumeration"];
  const when = { source: "defender-for-cloud", types, severity: "Informational" } as const;
  return { name, summary: "Test", when, steps } satisfies Playbook;
}

function aSituation(changes: Partial<Situation> = {}): Situation {
  return {
    alert: read(aPayload()),
    facts: { service: { id: serviceId }, endpoint: { apiId: "orders", operationId: "get-order" } },
    enrichment: anEnrichment(),
    playbooks: [aPlaybook("block", aStep())],
    chosenByHand: false,
    responders,
    protection: aProtection({ apiManagement: [serviceId] }),
    mode: "enforce",
    now,
    maxDuration: 7 * 24 * hour,
    ...changes,
  };
}

const stepsOf = (changes: Partial<Situation> = {}) => decide(aSituation(changes)).steps;
const attackedBy = (address: string) => ({ alert: read(aPayloadWith({ "Actor (Client IP)": address })) });
const until = (ms: number) => new Date(now.getTime() + ms).toISOString();

describe("a decision", () => {
  it("says what, on whom, where, for how long, and why", () => {
    const decision = decide(aSituation());

    expect(Decision.parse(decision)).toEqual(decision);
    expect(decision).toMatchObject({ alertKey: aSituation().alert.key, decidedAt: now.toISOString(), mode: "enforce" });
    expect(decision.steps).toEqual([
      {
        playbook: "block",
        responder: "apim-block-ip",
        verdict: "enforce",
        because: ["API_ParameterEnumeration (Medium) is answered by block", "it probes"],
        against: [],
        containment: {
          id: expect.stringMatching(/^apim-block-ip-[0-9a-f]{20}$/),
          point: { kind: "apim-fragment", key: expect.stringMatching(/^apim-fragment-/), resourceId: serviceId },
          target: { kind: "api-caller", scope: { kind: "api", apiId: "orders" }, address: "203.0.113.66" },
          params: {},
          expiresAt: until(4 * hour),
        },
      },
    ]);
  });

  it("is the same for the same situation, whatever the order of its keys", () => {
    const backwards = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(backwards);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, inner]) => [key, backwards(inner)]),
      );
    };
    const reversed = <T>(value: T): T => backwards(value) as T;
    const situation = aSituation({ playbooks: [aPlaybook("a", aStep()), aPlaybook("b", aStep({ duration: "PT8H" }))] });
    const { alert, facts, playbooks, protection } = situation;

    const first = decide(situation);
    const again = decide(situation);
    const other = decide({
      ...situation,
      alert: reversed(alert),
      facts: reversed(facts),
      playbooks: reversed(playbooks),
      protection: reversed(protection),
    });

    expect(again).toEqual(first);
    expect(other).toEqual(first);
  });

  it("lists every playbook that it passed over, with the reason", () => {
    const [types, severity] = [["API_SprayInRequests"], "High" as const];
    const other = aPlaybook("other", aStep());
    const spray = { ...other, name: "spray", when: { ...other.when, types } };
    const grave = { ...other, name: "grave", when: { ...other.when, severity } };

    const { passedOver, steps } = decide(aSituation({ playbooks: [spray, grave] }));

    expect(steps).toEqual([]);
    expect(passedOver).toEqual([
      { playbook: "spray", reason: "it does not list the alert's type" },
      { playbook: "grave", reason: "it asks for High, the alert is Medium" },
    ]);
  });

  it("follows a person who chose a playbook that does not match", () => {
    const other = { ...aPlaybook("other", aStep()), when: { ...aPlaybook("x").when, types: ["API_SprayInRequests"] } };

    const [step] = stepsOf({ playbooks: [other], chosenByHand: true });

    expect(step).toMatchObject({ verdict: "enforce", because: ["a person chose other", "it probes"] });
  });

  it("contains every attacker that the alert names, each by itself", () => {
    const steps = stepsOf(attackedBy("203.0.113.7, 198.51.100.9"));

    expect(steps.map(({ containment }) => containment && addressOf(containment.target))).toEqual([
      "203.0.113.7",
      "198.51.100.9",
    ]);
    expect(new Set(steps.map(({ containment }) => containment?.id)).size).toBe(2);
  });

  it.each([
    ["the installation's longest", { maxDuration: hour }, hour],
    ["the playbook's own", { maxDuration: 7 * 24 * hour }, 4 * hour],
  ])("lasts no longer than %s", (_, changes, expected) => {
    expect(stepsOf(changes)[0]?.containment?.expiresAt).toBe(until(expected));
  });
});

describe("a step is shown and not enforced", () => {
  it.each([
    ["in an installation that observes", { mode: "observe" as const }, "mode: "],
    ["by a playbook that observes", { playbooks: [aPlaybook("watch", aStep({ mode: "observe" }))] }, "playbook: "],
    ["for a sample", { alert: read(aPayload({ AlertType: "SIMULATED_API_ParameterEnumeration" })) }, "sample-alert: "],
    ["against 0.0.0.0", attackedBy("0.0.0.0"), "attackable-address: "],
  ])("%s", (_, changes, against) => {
    expect(stepsOf(changes)).toEqual([
      expect.objectContaining({ verdict: "observe", against: [expect.stringContaining(against)] }),
    ]);
  });

  it("with every reason, when there are several", () => {
    const { alert } = { alert: { ...read(aPayload()), sample: true } };

    const [step] = stepsOf({ alert, mode: "observe", playbooks: [aPlaybook("watch", aStep({ mode: "observe" }))] });

    expect(step?.against.map((reason) => reason.split(":")[0])).toEqual(["sample-alert", "mode", "playbook"]);
  });
});

describe("a step is refused", () => {
  const operation = aPlaybook("slow", aStep({ scope: "operation" }));
  const everybody = aStep({ responder: "apim-limit-rate", target: "api-endpoint", scope: "service" });
  const services = [serviceId.replace("contoso-shop", "fabrikam")];
  const missing = { miss: "nothing answers there" };

  it.each([
    ["for a closed alert", { alert: read(aPayload({ Status: "Resolved" })) }, "open-alert: "],
    ["for a dismissed alert", { alert: read(aPayload({ Status: "Dismissed" })) }, "open-alert: "],
    [
      "on a service that was not given",
      { protection: aProtection({ apiManagement: services }) },
      "known-enforcement-point: ",
    ],
    [
      "against a protected network",
      { protection: aProtection({ apiManagement: [serviceId], networks: ["203.0.113.0/26", "203.0.113.64/26"] }) },
      "protected-network: 203.0.113.66 is protected by 203.0.113.64/26",
    ],
    ["against a private address", attackedBy("10.1.2.3"), "attackable-address: "],
    ["against this machine", attackedBy("127.0.0.1"), "attackable-address: "],
    ["against Azure itself", attackedBy("168.63.129.16"), "attackable-address: "],
    ["against IPv6, which the gateway does not document", attackedBy("2001:db8::7"), "apim-block-ip: "],
    [
      "with a responder that is gone",
      { playbooks: [aPlaybook("old", aStep({ responder: "apim-gone" }))] },
      "no responder apim-gone",
    ],
    ["as one limit over a whole service", { playbooks: [aPlaybook("all", everybody)] }, "would stop everybody"],
    ["where no address is named", { alert: read(aPayloadWith({})) }, "names no attacker address"],
    ["where the service is not known", { facts: { service: missing, endpoint: missing } }, "nothing answers there"],
    [
      "where the API is not known",
      { facts: { service: { id: serviceId }, endpoint: missing } },
      "nothing answers there",
    ],
    [
      "where the operation is not known",
      { facts: { service: { id: serviceId }, endpoint: { apiId: "orders" } }, playbooks: [operation] },
      "none of its operations",
    ],
  ])("%s", (_, changes, reason) => {
    const [step, ...others] = stepsOf(changes);

    expect(others).toEqual([]);
    expect(step?.verdict).toBe("refuse");
    expect(step?.against.join("\n")).toContain(reason);
  });

  it("also when a person chose it", () => {
    const changes = { ...attackedBy("10.1.2.3"), chosenByHand: true };

    expect(stepsOf(changes)[0]?.verdict).toBe("refuse");
  });

  it("for the service as a whole, an unknown API is no obstacle", () => {
    const facts = { service: { id: serviceId }, endpoint: { miss: "no such API" } };

    expect(stepsOf({ facts, playbooks: [aPlaybook("all", aStep({ scope: "service" }))] })[0]?.verdict).toBe("enforce");
  });
});

describe("beyond the service that the alert is about", () => {
  const hub = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/firewallPolicies/hub";
  const { scope: _, ...unscoped } = aStep();
  const firewall = aPlaybook("firewall", { ...unscoped, responder: "firewall-block-ip" });
  const rotate = aPlaybook("rotate", {
    ...unscoped,
    responder: "apim-rotate-keys",
    target: "attacker-subscription",
  });
  const isolate = aPlaybook("isolate", { ...unscoped, responder: "mde-isolate-machine", target: "victim-machine" });
  const named = { ...aSituation().facts, named: { subscriptionId: "key-1" } };

  it("an attacker is blocked at every firewall that was given, each by itself", () => {
    const protection = aProtection({ firewallPolicies: [hub, `${hub}-2`] });

    const steps = stepsOf({ playbooks: [firewall], protection });

    expect(steps.map(({ verdict, containment }) => [verdict, containment?.point.resourceId])).toEqual([
      ["enforce", hub],
      ["enforce", `${hub}-2`],
    ]);
    expect(new Set(steps.map(({ containment }) => containment?.id)).size).toBe(2);
    for (const { containment } of steps)
      expect(containment?.target).toEqual({ kind: "address", address: "203.0.113.66" });
  });

  it("nothing is done at a firewall where none was given", () => {
    expect(stepsOf({ playbooks: [firewall] })).toEqual([
      expect.objectContaining({
        verdict: "refuse",
        against: ["PORTCULLIS_FIREWALL_POLICIES names no Firewall Policy"],
      }),
    ]);
  });

  it("nothing is done to a machine that no look-up found, and the look-up's reason is told", () => {
    const entities = [{ kind: "host" as const, role: "victim" as const, foundAt: "x", fqdn: "pay-7.contoso.example" }];
    const machines = { asked: [{ about: "pay-7.contoso.example", tookMs: 1, miss: "2 active machines" }] };

    const [step] = stepsOf({
      alert: { ...read(aPayload()), entities },
      enrichment: anEnrichment({ machines }),
      playbooks: [isolate],
      protection: aProtection({ tenant: ["endpoint"] }),
    });

    expect(step?.verdict).toBe("refuse");
    expect(step?.against.join()).toContain("2 active machines");
  });

  it("what cannot be taken back is only shown, unless a person asks", () => {
    const [byAlert] = stepsOf({ playbooks: [rotate], facts: named });
    const [byHand] = stepsOf({ playbooks: [rotate], facts: named, chosenByHand: true });

    expect(byAlert).toMatchObject({
      verdict: "observe",
      against: [expect.stringMatching(/^irreversible-step: it cannot be taken back/)],
    });
    expect(byHand).toMatchObject({ verdict: "enforce", against: [] });
  });
});

describe("two playbooks that want one containment", () => {
  const asking = (...steps: Partial<Step>[]) =>
    stepsOf({ playbooks: steps.map((step, index) => aPlaybook(`p${index + 1}`, aStep(step))) });

  it("get one, until the later end", () => {
    expect(asking({ duration: "PT1H" }, { duration: "PT8H" }, { duration: "PT2H" })).toEqual([
      expect.objectContaining({
        playbook: "p1",
        containment: expect.objectContaining({ expiresAt: until(8 * hour) }),
        because: expect.arrayContaining(["p2 asks for the same", "p3 asks for the same"]),
      }),
    ]);
  });

  it("get it enforced when one of them does, whichever comes first", () => {
    expect(asking({ mode: "observe" }, {}).map(({ verdict }) => verdict)).toEqual(["enforce"]);
    expect(asking({}, { mode: "observe" }).map(({ verdict }) => verdict)).toEqual(["enforce"]);
  });

  it.each(["before", "after"])(
    "get nothing enforced that only the observing one (which comes %s) asks for",
    (order) => {
      const limit = { responder: "apim-limit-rate" };
      const observing = { ...limit, mode: "observe" as const, duration: "P1D", with: { calls: 1, periodSeconds: 300 } };
      const enforcing = { ...limit, duration: "PT1H", with: { calls: 30, periodSeconds: 60 } };

      const [step, ...others] = order === "before" ? asking(observing, enforcing) : asking(enforcing, observing);

      expect(others).toEqual([]);
      expect(step).toMatchObject({
        verdict: "enforce",
        playbook: order === "before" ? "p2" : "p1",
        against: [],
        containment: { params: { calls: 30, periodSeconds: 60 }, expiresAt: until(hour) },
      });
      expect(step?.because.join()).toContain(order === "before" ? "p1" : "p2");
    },
  );

  it("are named once for each address", () => {
    const steps = stepsOf({
      ...attackedBy("203.0.113.7, 198.51.100.9"),
      playbooks: [aPlaybook("p1", aStep()), aPlaybook("p2", aStep())],
    });

    expect(steps.map(({ because }) => because.filter((reason) => reason.startsWith("p2")))).toEqual([
      ["p2 asks for the same"],
      ["p2 asks for the same"],
    ]);
  });

  it("are both shown when both are refused", () => {
    const steps = stepsOf({
      ...attackedBy("10.1.2.3"),
      playbooks: [aPlaybook("p1", aStep()), aPlaybook("p2", aStep())],
    });

    expect(steps.map(({ playbook, verdict }) => [playbook, verdict])).toEqual([
      ["p1", "refuse"],
      ["p2", "refuse"],
    ]);
  });

  it("at two scopes get two", () => {
    expect(asking({ scope: "api" }, { scope: "service" })).toHaveLength(2);
  });
});
