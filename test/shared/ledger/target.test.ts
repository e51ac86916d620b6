import { expect, it } from "vitest";
import { AnyTarget, addressOf, describeTarget, identityOf, type Scope, Target } from "../../../shared/ledger/target.ts";

const [machineId, sha1] = ["0123456789abcdef0123456789abcdef01234567", "abcdef0123456789abcdef0123456789abcdef01"];
const [userId, appId] = ["0d9c1b2a-3e4f-4a5b-8c6d-7e8f9a0b1c2d", "7b8c9d0e-1f2a-4b3c-9d4e-5f6a7b8c9d0e"];
const service: Scope = { kind: "service" };
const orders: Scope = { kind: "api", apiId: "orders" };
const getOrder: Scope = { kind: "operation", apiId: "orders", operationId: "get-order" };
const armId = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Security/locations/westeurope/alerts/2517_a";

/** Every kind of target, its one address where it has one, and its words for people. */
const all: readonly [target: Target, address: string | undefined, words: string][] = [
  [{ kind: "api-caller", scope: service, address: "203.0.113.7" }, "203.0.113.7", "203.0.113.7"],
  [{ kind: "api-caller", scope: orders, address: "203.0.113.7" }, "203.0.113.7", "203.0.113.7 at orders"],
  [{ kind: "api-caller", scope: getOrder, address: "203.0.113.7" }, "203.0.113.7", "203.0.113.7 at orders/get-order"],
  [{ kind: "api-caller", scope: getOrder }, undefined, "every caller at orders/get-order"],
  [{ kind: "api-caller", scope: orders, subscriptionId: "key-1" }, undefined, "API subscription key-1 at orders"],
  [{ kind: "address", address: "203.0.113.7" }, "203.0.113.7", "203.0.113.7"],
  [{ kind: "machine", machineId }, undefined, `machine ${machineId}`],
  [{ kind: "file", machineId, sha1 }, undefined, `file ${sha1} on machine ${machineId}`],
  [{ kind: "indicator", type: "IpAddress", value: "203.0.113.7" }, "203.0.113.7", "203.0.113.7"],
  [{ kind: "indicator", type: "DomainName", value: "evil.example" }, undefined, "evil.example"],
  [{ kind: "indicator", type: "Url", value: "https://evil.example/a" }, undefined, "https://evil.example/a"],
  [{ kind: "indicator", type: "FileSha1", value: sha1 }, undefined, sha1],
  [{ kind: "indicator", type: "FileSha256", value: "ab".repeat(32) }, undefined, "ab".repeat(32)],
  [{ kind: "user", userId }, undefined, `user ${userId}`],
  [{ kind: "service-principal", servicePrincipalId: appId }, undefined, `application ${appId}`],
  [{ kind: "api-subscription", subscriptionId: "key-1" }, undefined, "API subscription key-1"],
  [{ kind: "api-user", userId: "u-1" }, undefined, "API user u-1"],
  [{ kind: "alert", product: "defender-for-cloud", id: armId }, undefined, `defender-for-cloud ${armId}`],
  [{ kind: "alert", product: "graph-alert", id: "12" }, undefined, "graph-alert 12"],
  [{ kind: "alert", product: "graph-incident", id: "12" }, undefined, "graph-incident 12"],
  [{ kind: "alert", product: "cloud-apps", id: "12" }, undefined, "cloud-apps 12"],
];

it.each(all)("%j has the address %s and is called %s", (target, address, words) => {
  expect(Target.parse(target)).toEqual(target);
  expect(addressOf(target)).toBe(address);
  expect(describeTarget(target)).toBe(words);
});

it("knows the example of every kind here", () => {
  const kinds = AnyTarget.options.map(({ shape }) => shape.kind.value);

  expect(new Set(all.map(([{ kind }]) => kind))).toEqual(new Set(kinds));
});

it("takes none of them for another", () => {
  const identities = all.map(([target]) => JSON.stringify(identityOf(target)));

  expect(new Set(identities).size).toBe(all.length);
});

it("keeps apart what has the same parts in another order or place", () => {
  const pairs: [Target, Target][] = [
    [
      { kind: "api-caller", scope: { kind: "operation", apiId: "a", operationId: "b/c" } },
      { kind: "api-caller", scope: { kind: "operation", apiId: "a/b", operationId: "c" } },
    ],
    [
      { kind: "api-caller", scope: service, address: "203.0.113.7" },
      { kind: "api-caller", scope: service, subscriptionId: "203.0.113.7" },
    ],
    [
      { kind: "file", machineId: sha1, sha1: machineId },
      { kind: "file", machineId, sha1 },
    ],
  ];

  for (const [one, other] of pairs) expect(identityOf(one)).not.toEqual(identityOf(other));
});

it.each<[Target, Target]>([
  [
    { kind: "machine", machineId, name: "pay-7.contoso.example" },
    { kind: "machine", machineId: machineId.toUpperCase() },
  ],
  [
    { kind: "file", machineId, machineName: "pay-7.contoso.example", sha1, name: "evil.exe" },
    { kind: "file", machineId: machineId.toUpperCase(), sha1: sha1.toUpperCase() },
  ],
  [
    { kind: "user", userId, name: "robin@contoso.example" },
    { kind: "user", userId: userId.toUpperCase() },
  ],
  [
    { kind: "service-principal", servicePrincipalId: appId, name: "Report Builder" },
    { kind: "service-principal", servicePrincipalId: appId.toUpperCase() },
  ],
  [
    { kind: "api-subscription", subscriptionId: "Key-1", name: "Orders" },
    { kind: "api-subscription", subscriptionId: "key-1" },
  ],
  [
    { kind: "api-user", userId: "U-1", name: "Robin" },
    { kind: "api-user", userId: "u-1" },
  ],
  [
    { kind: "indicator", type: "DomainName", value: "Evil.example" },
    { kind: "indicator", type: "DomainName", value: "evil.example" },
  ],
  [
    { kind: "indicator", type: "FileSha1", value: sha1.toUpperCase() },
    { kind: "indicator", type: "FileSha1", value: sha1 },
  ],
  [
    { kind: "alert", product: "defender-for-cloud", id: armId.toUpperCase() },
    { kind: "alert", product: "defender-for-cloud", id: armId },
  ],
])("%j is the same as %j", (one, other) => {
  expect(identityOf(one)).toEqual(identityOf(other));
});

it("keeps URLs apart that differ in the letter case of their path", () => {
  const url = (value: string): Target => ({ kind: "indicator", type: "Url", value });

  expect(identityOf(url("https://evil.example/A"))).not.toEqual(identityOf(url("https://evil.example/a")));
});

it.each<[Target, string]>([
  [{ kind: "machine", machineId, name: "pay-7.contoso.example" }, "machine pay-7.contoso.example"],
  [
    { kind: "file", machineId, machineName: "pay-7.contoso.example", sha1, name: "evil.exe" },
    "file evil.exe on machine pay-7.contoso.example",
  ],
  [{ kind: "user", userId, name: "robin@contoso.example" }, "user robin@contoso.example"],
  [{ kind: "service-principal", servicePrincipalId: appId, name: "Report Builder" }, "application Report Builder"],
  [{ kind: "api-subscription", subscriptionId: "key-1", name: "Orders" }, "API subscription Orders"],
  [{ kind: "api-user", userId: "u-1", name: "Robin" }, "API user Robin"],
])("calls %j by its name: %s", (target, words) => {
  expect(describeTarget(target)).toBe(words);
});

it("reads rows that were written when callers of an API were the only targets", () => {
  const old = { scope: { kind: "api", apiId: "orders" }, address: "203.0.113.7" };

  expect(Target.parse(old)).toEqual({ kind: "api-caller", ...old });
  expect(Target.safeParse({ address: "203.0.113.7" }).success).toBe(false);
});

it.each([
  ["http://203.0.113.7/a", "203.0.113.7"],
  ["http://[2001:db8::7]:8080/", "2001:db8::7"],
  ["https://evil.example/203.0.113.7", undefined],
  ["203.0.113.7/a", undefined],
])("sees the address that the URL %s leads to: %s", (value, address) => {
  expect(addressOf({ kind: "indicator", type: "Url", value })).toBe(address);
});
