import { describe, expect, it } from "vitest";
import type { Alert } from "../../../shared/alerts/alert.ts";
import type { Entity } from "../../../shared/alerts/entity.ts";
import { type Target, type TargetKind, TargetSelector } from "../../../shared/ledger/target.ts";
import type { Enrichment, Facts, IdentityFact, MachineFact } from "../../../shared/playbooks/facts.ts";
import type { Step } from "../../../shared/playbooks/playbook.ts";
import { resolveTargets } from "../../../shared/playbooks/resolve-targets.ts";
import { responders } from "../../../shared/responders/responders.ts";
import { aPayload, read } from "../../support/an-alert.ts";
import { anEnrichment } from "../../support/an-enrichment.ts";

const service = { id: "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ApiManagement/service/contoso-shop" };
const facts: Facts = { service, endpoint: { apiId: "orders", operationId: "get-order" } };
const machineId = "0123456789abcdef0123456789abcdef01234567";
const [sha1, sha256] = ["ab".repeat(20), "cd".repeat(32)];
const [robin, kim, app] = [
  "0d9c1b2a-3e4f-4a5b-8c6d-7e8f9a0b1c2d",
  "1d9c1b2a-3e4f-4a5b-8c6d-7e8f9a0b1c2d",
  "7b8c9d0e-1f2a-4b3c-9d4e-5f6a7b8c9d0e",
];
const attacker = { role: "attacker" as const, foundAt: "x" };
const victim = { role: "victim" as const, foundAt: "x" };
const host = (name: string): Entity => ({ kind: "host", ...victim, fqdn: name });

interface Given {
  entities?: readonly Entity[];
  alert?: Partial<Alert>;
  facts?: Facts;
  enrichment?: Partial<Enrichment>;
  scope?: Step["scope"];
}

function resolve(target: TargetSelector, kind: TargetKind, given: Given = {}): Target[] | { miss: string } {
  const step: Step = {
    responder: "any",
    target,
    ...(given.scope ? { scope: given.scope } : {}),
    duration: "PT1H",
    mode: "enforce",
    with: {},
    because: "test",
  };
  const alert: Alert = { ...read(aPayload()), references: {}, entities: [...(given.entities ?? [])], ...given.alert };
  return resolveTargets(step, alert, given.facts ?? facts, anEnrichment(given.enrichment), kind);
}

const ip = (address: string, role: Entity["role"] = "attacker"): Entity => ({
  kind: "ip",
  role,
  foundAt: "x",
  address,
  class: "public",
});
const machine = (changes: Partial<MachineFact> = {}): MachineFact => ({
  id: machineId,
  matchedBy: "dnsName",
  dnsName: "pay-7.contoso.example",
  tags: [],
  ...changes,
});
const identity = (id: string, kind: IdentityFact["kind"], changes: Partial<IdentityFact> = {}): IdentityFact => ({
  id,
  kind,
  holdsDirectoryRole: "none-seen",
  roles: [],
  ...changes,
});
const found = <Found>(about: string, fact: Found) => ({ about, tookMs: 1, found: fact });
const missed = (about: string, miss: string) => ({ about, tookMs: 1, miss });
const logged = (...ids: string[]) => ({
  from: "2026-11-23T08:30:00.000Z",
  until: "2026-11-23T09:30:00.000Z",
  subscriptions: ids.map((id) => ({ id, calls: 1, statuses: [], firstCallAt: "x", lastCallAt: "y" })),
});

describe("attacker-ip", () => {
  const entities = [ip("203.0.113.7"), ip("203.0.113.8", "victim"), ip("203.0.113.9", "context"), ip("203.0.113.10")];

  it("is every address of the attacker's and no other", () => {
    expect(resolve("attacker-ip", "address", { entities })).toEqual([
      { kind: "address", address: "203.0.113.7" },
      { kind: "address", address: "203.0.113.10" },
    ]);
  });

  it("is nothing where the alert names none", () => {
    expect(resolve("attacker-ip", "address")).toEqual([]);
  });

  it.each([
    ["service", { kind: "service" }],
    [undefined, { kind: "service" }],
    ["api", { kind: "api", apiId: "orders" }],
    ["operation", { kind: "operation", apiId: "orders", operationId: "get-order" }],
  ] as const)("at API Management is a caller at the scope %s", (scope, expected) => {
    expect(resolve("attacker-ip", "api-caller", { entities: [ip("203.0.113.7")], scope })).toEqual([
      { kind: "api-caller", scope: expected, address: "203.0.113.7" },
    ]);
  });

  it.each([
    ["api", { miss: "no API answers there" }, "no API answers there"],
    ["operation", { miss: "no API answers there" }, "no API answers there"],
    ["operation", { apiId: "orders" }, "the URL leads to API orders but to none of its operations"],
  ] as const)("at API Management is nothing where its %s is not known: %j", (scope, endpoint, miss) => {
    expect(resolve("attacker-ip", "api-caller", { entities, scope, facts: { service, endpoint } })).toEqual({ miss });
  });

  it("elsewhere needs no API", () => {
    const nowhere = { service: { miss: "no service" }, endpoint: { miss: "no API" } };

    expect(resolve("attacker-ip", "address", { entities: [ip("203.0.113.7")], facts: nowhere })).toHaveLength(1);
  });
});

describe("api-endpoint", () => {
  it("is every caller at the scope", () => {
    expect(resolve("api-endpoint", "api-caller", { scope: "api" })).toEqual([
      { kind: "api-caller", scope: { kind: "api", apiId: "orders" } },
    ]);
  });

  it("is nothing outside API Management", () => {
    expect(resolve("api-endpoint", "address")).toEqual({ miss: "an API endpoint is limited at API Management only" });
  });
});

describe("attacker-subscription", () => {
  const apiSubscriptions = {
    asked: [found("203.0.113.7", logged("", "key-1", "key-2")), found("203.0.113.8", logged("key-1"))],
  };

  it("is every key that the gateway's log shows, once each, and not the calls without one", () => {
    expect(resolve("attacker-subscription", "api-subscription", { enrichment: { apiSubscriptions } })).toEqual([
      { kind: "api-subscription", subscriptionId: "key-1" },
      { kind: "api-subscription", subscriptionId: "key-2" },
    ]);
  });

  it("is the one that a person named, whatever the log shows", () => {
    const named = { ...facts, named: { subscriptionId: "key-9" } };

    expect(
      resolve("attacker-subscription", "api-subscription", { facts: named, enrichment: { apiSubscriptions } }),
    ).toEqual([{ kind: "api-subscription", subscriptionId: "key-9" }]);
  });

  it("for a responder of the fragment is a caller", () => {
    const named = { ...facts, named: { subscriptionId: "key-9" } };

    expect(resolve("attacker-subscription", "api-caller", { facts: named, scope: "api" })).toEqual([
      { kind: "api-caller", scope: { kind: "api", apiId: "orders" }, subscriptionId: "key-9" },
    ]);
  });

  const none = "the gateway's log shows no subscription key of the attacker";
  it.each([
    ["only calls without a key", { asked: [found("203.0.113.7", logged(""))] }, none],
    ["a miss", { asked: [missed("203.0.113.7", "no answer within 2000 ms")] }, `${none}: no answer within 2000 ms`],
    [
      "nothing, because nobody asked",
      { asked: [], notAsked: "not asked: PORTCULLIS_LOG_ANALYTICS_WORKSPACE is not set" },
      `${none}: not asked: PORTCULLIS_LOG_ANALYTICS_WORKSPACE is not set`,
    ],
  ])("is nothing where the look-up shows %s, and says so", (_, looked, miss) => {
    expect(resolve("attacker-subscription", "api-subscription", { enrichment: { apiSubscriptions: looked } })).toEqual({
      miss,
    });
  });
});

describe("attacker-api-user", () => {
  it("is the one that a person named", () => {
    expect(resolve("attacker-api-user", "api-user", { facts: { ...facts, named: { apiUserId: "u-7" } } })).toEqual([
      { kind: "api-user", userId: "u-7" },
    ]);
  });

  it("is nobody where no person named one", () => {
    expect(resolve("attacker-api-user", "api-user")).toEqual({
      miss: "no look-up tells which API user the attacker is: name one by hand",
    });
  });
});

describe("victim-machine", () => {
  it("is what the look-up found for a machine that is the victim, whichever of its ids was asked about", () => {
    const ids = { fqdn: "pay-7.contoso.example", mdeDeviceId: machineId, resourceId: "/vm", name: "pay-7" };
    for (const [key, about] of Object.entries(ids)) {
      const entities: Entity[] = [{ kind: "host", ...victim, [key]: about }];

      expect(
        resolve("victim-machine", "machine", {
          entities,
          enrichment: { machines: { asked: [found(about, machine())] } },
        }),
      ).toEqual([{ kind: "machine", machineId, name: "pay-7.contoso.example" }]);
    }
  });

  it("is not the machine of the attacker or of a bystander", () => {
    const entities: Entity[] = [
      { kind: "host", role: "attacker", foundAt: "a", fqdn: "evil.contoso.example" },
      { kind: "host", role: "context", foundAt: "b", fqdn: "dc-1.contoso.example" },
      host("pay-7.contoso.example"),
    ];
    const other = (about: string) => found(about, machine({ id: "f".repeat(40), dnsName: about }));
    const asked = [
      other("evil.contoso.example"),
      other("dc-1.contoso.example"),
      found("pay-7.contoso.example", machine({ dnsName: undefined })),
    ];

    expect(resolve("victim-machine", "machine", { entities, enrichment: { machines: { asked } } })).toEqual([
      { kind: "machine", machineId },
    ]);
  });

  it("is nothing where the alert names none, and the look-up is not blamed", () => {
    const machines = { asked: [], notAsked: "not asked: PORTCULLIS_LOOKUPS does not name machines" };

    expect(resolve("victim-machine", "machine", { enrichment: { machines } })).toEqual({
      miss: "the alert names no machine as the victim",
    });
  });

  const none = "no machine of the alert was found in Defender for Endpoint";
  it.each([
    [{ asked: [missed("pay-7.contoso.example", "2 active machines")] }, `${none}: 2 active machines`],
    [
      { asked: [], notAsked: "not asked: PORTCULLIS_LOOKUPS does not name machines" },
      `${none}: not asked: PORTCULLIS_LOOKUPS does not name machines`,
    ],
  ])("is nothing where the look-up came to nothing, with its reason: %j", (machines, miss) => {
    const entities = [host("pay-7.contoso.example")];

    expect(resolve("victim-machine", "machine", { entities, enrichment: { machines } })).toEqual({ miss });
  });
});

describe("victim-user and attacker-user", () => {
  const entities: Entity[] = [
    { kind: "user", ...victim, objectId: robin },
    { kind: "user", ...victim, upn: "Sam@contoso.example" },
    { kind: "principal", ...attacker, objectId: kim },
    { kind: "principal", ...attacker, objectId: app },
    { kind: "user", role: "context", foundAt: "x", objectId: "bystander" },
  ];
  const identities = {
    asked: [
      found(robin, identity(robin, "user", { upn: "robin@contoso.example" })),
      found("sam@contoso.example", identity("sam-id", "guest")),
      found(kim.toUpperCase(), identity(kim, "user")),
      found(app, identity(app, "service-principal")),
      found("bystander", identity("bystander", "user")),
    ],
  };

  it("are users and guests by their part in the alert, in any letter case", () => {
    expect(resolve("victim-user", "user", { entities, enrichment: { identities } })).toEqual([
      { kind: "user", userId: robin, name: "robin@contoso.example" },
      { kind: "user", userId: "sam-id" },
    ]);
    expect(resolve("attacker-user", "user", { entities, enrichment: { identities } })).toEqual([
      { kind: "user", userId: kim },
    ]);
  });

  it.each([
    ["victim-user", "no user of the alert was found as the victim"],
    ["attacker-user", "no user of the alert was found as the attacker"],
  ] as const)("%s is nobody where the directory was not asked or knows nobody, with its reason", (selector, none) => {
    const unknown = { asked: [missed(robin, "the directory knows no user or service principal of that id")] };
    const unasked = { asked: [], notAsked: "not asked: PORTCULLIS_LOOKUPS does not name directory" };

    expect(resolve(selector, "user", { entities, enrichment: { identities: unknown } })).toEqual({
      miss: `${none}: the directory knows no user or service principal of that id`,
    });
    expect(resolve(selector, "user", { entities, enrichment: { identities: unasked } })).toEqual({
      miss: `${none}: not asked: PORTCULLIS_LOOKUPS does not name directory`,
    });
    expect(resolve(selector, "user")).toEqual({ miss: none });
  });
});

describe("attacker-application", () => {
  const entities: Entity[] = [
    { kind: "service-principal", ...attacker, objectId: app },
    { kind: "principal", ...attacker, objectId: kim },
    { kind: "service-principal", ...victim, objectId: "ours" },
  ];

  it.each(["service-principal", "managed-identity"] as const)("is what the directory calls a %s", (kind) => {
    const identities = {
      asked: [
        found(app, identity(app, kind, { displayName: "Report Builder" })),
        found(kim, identity(kim, "user")),
        found("ours", identity("ours", "service-principal")),
      ],
    };

    expect(resolve("attacker-application", "service-principal", { entities, enrichment: { identities } })).toEqual([
      { kind: "service-principal", servicePrincipalId: app, name: "Report Builder" },
    ]);
  });

  it("is nothing where the directory gave no answer, with its reason", () => {
    const identities = { asked: [missed(app, "403 Authorization_RequestDenied")] };

    expect(resolve("attacker-application", "service-principal", { entities, enrichment: { identities } })).toEqual({
      miss: "no application of the alert was found as the attacker: 403 Authorization_RequestDenied",
    });
  });
});

describe("malicious-file", () => {
  const evil: Entity = { kind: "file", ...attacker, sha1, name: "evil.exe" };
  const machines = {
    asked: [
      found("pay-7.contoso.example", machine()),
      found("pay-8.contoso.example", machine({ id: "f".repeat(40), dnsName: "pay-8.contoso.example" })),
    ],
  };

  it("is every file of the attacker's by its SHA-1 on every machine that is the victim", () => {
    const entities: Entity[] = [
      host("pay-7.contoso.example"),
      host("pay-8.contoso.example"),
      evil,
      { kind: "file", ...attacker, sha256 },
      { kind: "file", role: "context", foundAt: "x", sha1: "0".repeat(40) },
    ];

    expect(resolve("malicious-file", "file", { entities, enrichment: { machines } })).toEqual([
      { kind: "file", machineId, machineName: "pay-7.contoso.example", sha1, name: "evil.exe" },
      { kind: "file", machineId: "f".repeat(40), machineName: "pay-8.contoso.example", sha1, name: "evil.exe" },
    ]);
  });

  it("is nothing without a SHA-1, or without a machine", () => {
    const onMachine = [host("pay-7.contoso.example"), { kind: "file" as const, ...attacker, sha256 }];

    expect(resolve("malicious-file", "file", { entities: onMachine, enrichment: { machines } })).toEqual({
      miss: "the alert names no malicious file by its SHA-1",
    });
    expect(resolve("malicious-file", "file", { entities: [evil], enrichment: { machines } })).toEqual({
      miss: "the alert names no machine as the victim",
    });
  });
});

describe("indicator", () => {
  it("is every address, domain, URL and file of the attacker's, a file by the stronger hash", () => {
    const entities: Entity[] = [
      ip("203.0.113.7"),
      ip("203.0.113.8", "victim"),
      { kind: "domain", ...attacker, domain: "evil.example" },
      { kind: "domain", ...victim, domain: "contoso.example" },
      { kind: "url", ...attacker, url: "https://evil.example/a" },
      { kind: "file", ...attacker, sha1, sha256 },
      { kind: "file", ...attacker, sha1 },
      { kind: "file", ...attacker, md5: "00" },
      { kind: "user", ...attacker, objectId: kim },
    ];

    expect(resolve("indicator", "indicator", { entities })).toEqual([
      { kind: "indicator", type: "IpAddress", value: "203.0.113.7" },
      { kind: "indicator", type: "DomainName", value: "evil.example" },
      { kind: "indicator", type: "Url", value: "https://evil.example/a" },
      { kind: "indicator", type: "FileSha256", value: sha256 },
      { kind: "indicator", type: "FileSha1", value: sha1 },
    ]);
  });

  it("is nothing where the attacker left none", () => {
    expect(resolve("indicator", "indicator", { entities: [host("pay-7.contoso.example")] })).toEqual({
      miss: "the alert names no address, domain, URL or file of the attacker's",
    });
  });
});

describe("alert", () => {
  const armId = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Security/locations/westeurope/alerts/2517_a";

  it.each<[string, Partial<Alert>, Target]>([
    [
      "Defender for Cloud",
      { references: { armId, graphId: "a1" } },
      { kind: "alert", product: "defender-for-cloud", id: armId },
    ],
    [
      "Graph, where the ARM id is that of something else",
      { references: { armId: "/subscriptions/s/providers/Microsoft.Compute/virtualMachines/vm", graphId: "a1" } },
      { kind: "alert", product: "graph-alert", id: "a1" },
    ],
    [
      "Graph, though it belongs to an incident",
      { references: { graphId: "a1", incidentId: "12" } },
      { kind: "alert", product: "graph-alert", id: "a1" },
    ],
    [
      "Graph, as an incident",
      { references: { incidentId: "12" } },
      { kind: "alert", product: "graph-incident", id: "12" },
    ],
    [
      "Defender for Cloud Apps",
      { source: "defender-for-cloud-apps", productId: "603f" },
      { kind: "alert", product: "cloud-apps", id: "603f" },
    ],
  ])("is where its product keeps it: %s", (_, alert, expected) => {
    expect(resolve("alert", "alert", { alert })).toEqual([expected]);
  });

  it("is nowhere where the alert does not say", () => {
    expect(resolve("alert", "alert")).toEqual({ miss: "the alert does not say where its product keeps it" });
  });
});

const everything: Given = {
  entities: [
    ip("203.0.113.7"),
    host("pay-7.contoso.example"),
    { kind: "user", ...victim, objectId: robin },
    { kind: "user", ...attacker, objectId: kim },
    { kind: "service-principal", ...attacker, objectId: app },
    { kind: "file", ...attacker, sha1 },
  ],
  alert: { references: { graphId: "a1" } },
  facts: { ...facts, named: { subscriptionId: "key-1", apiUserId: "u-1" } },
  enrichment: {
    machines: { asked: [found("pay-7.contoso.example", machine())] },
    identities: {
      asked: [
        found(robin, identity(robin, "user")),
        found(kim, identity(kim, "user")),
        found(app, identity(app, "service-principal")),
      ],
    },
  },
  scope: "api",
};
const offered = [...responders.values()].flatMap(({ id, target, selectors }) =>
  selectors.map((selector) => ({ id, target, selector })),
);

it.each(offered)("$id gets what it is made for ($target) of $selector", ({ target, selector }) => {
  const targets = resolve(selector, target, everything);

  expect(targets).not.toEqual([]);
  expect(targets).toEqual(
    (Array.isArray(targets) ? targets : [targets]).map(() => expect.objectContaining({ kind: target })),
  );
});

it("every selector is offered by a responder", () => {
  expect(new Set(offered.map(({ selector }) => selector))).toEqual(new Set(TargetSelector.options));
});
