import { afterEach, beforeEach, expect, it } from "vitest";
import { decideFlow } from "../../../../local/azure/firewall/data-plane.ts";
import { firewallRoutes } from "../../../../local/azure/firewall/firewall-routes.ts";
import { firewallId, from, groupId, type Hub, network, policyId, startHub } from "./a-hub.ts";

let at: Hub;
beforeEach(async () => {
  at = await startHub();
});
afterEach(() => at.azure.close());

const path = (name: string, policy = policyId) => `${policy}/ruleCollectionGroups/${name}`;
const error = (code: string) => ({ error: expect.objectContaining({ code }) });
const decide = (source: string) =>
  decideFlow(at.state, firewallId, { source, destination: "10.0.0.4", port: 443, protocol: "TCP" }, at.clock.now()).by;

function rules(ipGroup: string, more: { priority?: number; rule?: object; collection?: object } = {}) {
  const { priority = 100, rule = {}, collection = {} } = more;
  const network = {
    ruleType: "NetworkRule",
    name: "from",
    ipProtocols: ["Any"],
    sourceIpGroups: [groupId(ipGroup)],
    destinationAddresses: ["*"],
    destinationPorts: ["*"],
    ...rule,
  };
  const filter = {
    ruleCollectionType: "FirewallPolicyFilterRuleCollection",
    name: "deny",
    priority: 100,
    action: { type: "Deny" },
    rules: [network],
    ...collection,
  };
  return { body: { properties: { priority, ruleCollections: [filter] } } };
}

it("rules are replaced as a whole, and the old ones are in force until the write is over", async () => {
  const { status, headers, body } = await at.ask("PUT", path("block"), rules("spare"));
  expect(status).toBe(200);
  expect(body).toMatchObject({ properties: { provisioningState: "Updating" }, etag: headers.get("etag") });
  expect((await at.ask("GET", policyId)).body).toMatchObject({ properties: { provisioningState: "Updating" } });

  await at.clock.advance(239_999);
  expect((await at.follow(headers.get("azure-asyncoperation"))).body).toEqual({ status: "InProgress" });
  expect([decide("198.51.100.1"), decide("198.51.100.2")]).toEqual(["block/deny/from", "no rule"]);
  await at.clock.advance(1);

  expect((await at.follow(headers.get("azure-asyncoperation"))).body).toEqual({ status: "Succeeded" });
  expect([decide("198.51.100.1"), decide("198.51.100.2")]).toEqual(["no rule", "block/deny/from"]);
  expect((await at.ask("GET", policyId)).body).toMatchObject({ properties: { provisioningState: "Succeeded" } });
});

it("a policy that no firewall goes by takes seconds", async () => {
  const lone = `${network}/firewallPolicies/lone`;
  at.state.policies.push({ id: lone, location: "westeurope", ruleCollectionGroups: [] });
  expect((await at.ask("PUT", path("block", lone), rules("spare"))).status).toBe(201);
  await at.clock.advance(2_000);

  expect((await at.ask("GET", path("block", lone))).body).toMatchObject({
    properties: { provisioningState: "Succeeded" },
  });
});

it("one group of a policy is written at a time", async () => {
  await at.ask("PUT", path("block"), rules("spare"));

  expect(await at.ask("PUT", path("another"), rules("spare"))).toMatchObject({
    status: 409,
    body: {
      error: {
        code: "FirewallPolicyRuleCollectionGroupUpdateNotAllowedWhenUpdatingOrDeleting",
        message: expect.stringMatching(/operation ID : [0-9a-f-]{36}$/),
      },
    },
  });
  await at.clock.advance(240_000);
  expect((await at.ask("PUT", path("another"), rules("spare"))).status).toBe(201);
});

it("a group that rules are about to name takes minutes to write and cannot be deleted", async () => {
  await at.ask("PUT", path("another"), rules("spare"));

  expect((await at.ask("DELETE", groupId("spare"))).status).toBe(400);
  await at.put("spare", ["203.0.113.7"]);
  await at.clock.advance(3_000);
  expect((await at.ask("GET", groupId("spare"))).body).toMatchObject({ properties: { provisioningState: "Updating" } });
});

it("a write that fails leaves the old rules in force", async () => {
  const route = firewallRoutes(at).find(
    ({ operationId }) => operationId === "FirewallPolicyRuleCollectionGroups_CreateOrUpdate",
  );
  const [, subscriptionId = "", resourceGroupName = ""] =
    policyId.match(/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)/) ?? [];
  const answer = route?.answer({
    method: "PUT",
    url: new URL(`https://management.azure.com${path("block")}?api-version=2024-05-01`),
    params: { subscriptionId, resourceGroupName, firewallPolicyName: "hub", ruleCollectionGroupName: "block" },
    header: () => undefined,
    body: rules("spare").body,
    staleRead: false,
    failOperation: true,
  });
  await at.clock.advance(240_000);

  expect((await at.follow(answer?.headers?.["azure-asyncoperation"] ?? "")).body).toMatchObject({
    status: "Failed",
    error: { code: "FirewallPolicyUpdateFailed" },
  });
  expect((await at.ask("GET", path("block"))).body).toMatchObject({ properties: { provisioningState: "Failed" } });
  expect(decide("198.51.100.1")).toBe("block/deny/from");
});

it("what a rule says besides is kept", async () => {
  const rule = { destinationFqdns: ["example.org"], somethingNew: { deep: true } };
  await at.ask("PUT", path("block"), rules("spare", { rule }));
  await at.clock.advance(240_000);

  expect((await at.ask("GET", path("block"))).body).toMatchObject({
    properties: { ruleCollections: [{ rules: [rule] }] },
  });
});

it.each([
  ["a group that is not there", rules("nowhere"), 400, "InvalidResourceReference"],
  [
    "a priority below 100",
    rules("spare", { priority: 99 }),
    400,
    "FirewallPolicyRuleCollectionGroupInvalidPriorityValue",
  ],
  [
    "a priority above 65000",
    rules("spare", { collection: { priority: 65_001 } }),
    400,
    "FirewallPolicyRuleCollectionGroupInvalidPriorityValue",
  ],
  ["an unknown kind of rule", rules("spare", { rule: { ruleType: "FutureRule" } }), 400, "InvalidRequestFormat"],
  [
    "NAT, which is not played",
    rules("spare", { collection: { ruleCollectionType: "FirewallPolicyNatRuleCollection" } }),
    501,
    "NotSimulated",
  ],
  ["nothing", {}, 400, "InvalidRequestFormat"],
])("rules are refused with %s", async (_, asked, status, code) => {
  expect(await at.ask("PUT", path("block"), asked)).toMatchObject({ status, body: error(code) });
  expect((await at.ask("PUT", path("block"), rules("spare"))).status).toBe(200);
});

it("If-Match is honoured", async () => {
  const etag = (await at.ask("GET", path("block"))).headers.get("etag") ?? "";
  const asked = { ...rules("spare"), headers: { "if-match": etag } };
  expect((await at.ask("PUT", path("block"), asked)).status).toBe(200);
  await at.clock.advance(240_000);

  expect(await at.ask("PUT", path("block"), asked)).toMatchObject({ status: 412, body: error("PreconditionFailed") });
});

it("a policy and its groups are read, the groups page by page", async () => {
  const childId = `${network}/firewallPolicies/child`;
  at.state.policies.push({ id: childId, location: "westeurope", basePolicyId: policyId, ruleCollectionGroups: [] });
  at.state.policies[0]?.ruleCollectionGroups.push({ name: "own", priority: 200, ruleCollections: [from(["spare"])] });
  at.state.pageSize = 1;

  expect((await at.ask("GET", policyId)).body).toMatchObject({
    properties: {
      sku: { tier: "Premium" },
      childPolicies: [{ id: childId }],
      firewalls: [{ id: firewallId }],
      ruleCollectionGroups: [{ id: path("block") }, { id: path("own") }],
    },
  });
  expect((await at.ask("GET", childId)).body).toMatchObject({ properties: { basePolicy: { id: policyId } } });
  expect((await at.ask("GET", `${policyId}/ruleCollectionGroups`)).body).toMatchObject({
    value: [{ name: "block" }],
    nextLink: expect.stringContaining("$skipToken=1".replace("$", "%24")),
  });
  for (const missing of [`${network}/firewallPolicies/none`, path("none"), `${network}/azureFirewalls/none`]) {
    expect(await at.ask("GET", missing)).toMatchObject({ status: 404, body: error("ResourceNotFound") });
  }
});

it("a classic firewall shows the rules of its own", async () => {
  const id = `${network}/azureFirewalls/classic`;
  at.state.firewalls.push({ id, networkRuleCollections: [from(["spare"])] });
  const { body } = await at.ask("GET", id);

  expect(body).toMatchObject({
    properties: {
      networkRuleCollections: [
        { name: "deny", properties: { action: { type: "Deny" }, rules: [{ name: "from", protocols: ["Any"] }] } },
      ],
    },
  });
  expect(body).not.toHaveProperty("properties.firewallPolicy");
  expect((await at.ask("GET", firewallId)).body).toMatchObject({ properties: { firewallPolicy: { id: policyId } } });
});
