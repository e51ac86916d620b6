import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decideFlow } from "../../../../local/azure/firewall/data-plane.ts";
import { firewallId, from, groupId, type Hub, network, policyId, startHub, subscriptionId } from "./a-hub.ts";

let at: Hub;
beforeEach(async () => {
  at = await startHub();
});
afterEach(() => at.azure.close());

const get = (name: string) => at.ask("GET", groupId(name));
const decide = (source: string) =>
  decideFlow(at.state, firewallId, { source, destination: "10.0.0.4", port: 443, protocol: "TCP" }, at.clock.now()).by;
const error = (code: string) => ({ error: expect.objectContaining({ code }) });
const provisioning = (provisioningState: string) => ({ properties: { provisioningState } });

describe("a write", () => {
  it("is accepted, leads to an operation, and is over when the operation is", async () => {
    const { status, headers, body } = await at.put("fresh", ["203.0.113.7"]);
    const operation = headers.get("azure-asyncoperation");

    expect(status).toBe(201);
    expect(body).toMatchObject(provisioning("Updating"));
    expect(operation).toMatch(
      new RegExp(
        `^https://management\\.azure\\.com/subscriptions/${subscriptionId}/providers/Microsoft\\.Network/locations/westeurope/operations/[0-9a-f-]{36}\\?api-version=2024-05-01$`,
      ),
    );
    expect(headers.get("retry-after")).toBe("10");
    expect(await at.follow(operation)).toMatchObject({ status: 200, body: { status: "InProgress" } });
    expect((await at.follow(operation)).headers.get("retry-after")).toBe("10");

    await at.clock.advance(2_000);

    expect((await at.follow(operation)).body).toEqual({ status: "Succeeded" });
    expect(await get("fresh")).toMatchObject({ status: 200, body: provisioning("Succeeded") });
  });

  it.each([
    ["of a group that nothing names takes seconds", "spare", 2_000],
    ["of a group that a firewall goes by takes minutes", "blocked", 240_000],
  ])("%s", async (_, name, ms) => {
    const { status } = await at.put(name, ["203.0.113.7"]);
    expect(status).toBe(200);

    await at.clock.advance(ms - 1);
    expect((await get(name)).body).toMatchObject(provisioning("Updating"));
    await at.clock.advance(1);
    expect((await get(name)).body).toMatchObject(provisioning("Succeeded"));
  });

  it("takes as long as it is told to", async () => {
    at.state.latency.attachedMs = 7_000;
    await at.put("blocked", ["203.0.113.7"]);
    await at.clock.advance(7_000);

    expect((await get("blocked")).body).toMatchObject(provisioning("Succeeded"));
  });

  it("takes minutes as well where the group is named by the parent of a firewall's policy, or by a classic firewall", async () => {
    const childId = `${network}/firewallPolicies/child`;
    at.state.policies.push({ id: childId, location: "westeurope", basePolicyId: policyId, ruleCollectionGroups: [] });
    at.state.firewalls = [
      { id: firewallId, policyId: childId },
      { id: `${network}/azureFirewalls/classic`, networkRuleCollections: [from(["spare"])] },
    ];
    for (const name of ["blocked", "spare"]) await at.put(name, ["203.0.113.7"]);
    await at.clock.advance(239_999);

    for (const name of ["blocked", "spare"]) expect((await get(name)).body).toMatchObject(provisioning("Updating"));
  });

  it("comes into force when it is over, and the old list is in force until then", async () => {
    await at.put("blocked", ["203.0.113.7"]);
    await at.clock.advance(239_999);
    expect([decide("198.51.100.1"), decide("203.0.113.7")]).toEqual(["block/deny/from", "no rule"]);
    await at.clock.advance(1);
    expect([decide("198.51.100.1"), decide("203.0.113.7")]).toEqual(["no rule", "block/deny/from"]);
  });

  it("replaces everything: tags that are not sent are gone", async () => {
    const tags = { owner: "platform" };
    const body = { location: "West Europe", tags, properties: { ipAddresses: ["203.0.113.7"] } };
    expect((await at.ask("PUT", groupId("blocked"), { body })).body).toMatchObject({ tags });
    await at.clock.advance(240_000);

    await at.put("blocked", ["203.0.113.8"]);

    expect((await get("blocked")).body).toMatchObject({ tags: {}, properties: { ipAddresses: ["203.0.113.8"] } });
    expect(at.state.ipGroups[0]?.tags).toEqual({});
  });

  it("names a region as addresses do, however it is spelled", async () => {
    const body = { location: "West Europe", properties: { ipAddresses: ["203.0.113.7"] } };
    const { headers } = await at.ask("PUT", groupId("fresh"), { body });

    expect(headers.get("azure-asyncoperation")).toContain("/locations/westeurope/operations/");
  });

  it("may send back what a read shows", async () => {
    const { body } = await get("blocked");

    expect((await at.ask("PUT", groupId("blocked"), { body })).status).toBe(200);
  });

  it("of the same group meanwhile is refused as busy", async () => {
    await at.put("blocked", ["203.0.113.7"]);
    const { status, headers, body } = await at.put("blocked", ["203.0.113.8"]);

    expect(status).toBe(429);
    expect(body).toMatchObject(error("RetryableErrorDueToAnotherOperation"));
    expect(headers.get("retry-after")).toBe("10");
    await at.clock.advance(240_000);
    expect((await at.put("blocked", ["203.0.113.8"])).status).toBe(200);
  });

  it("runs beside nineteen others, and not beside twenty", async () => {
    const names = Array.from({ length: 21 }, (_, index) => `group-${index}`);
    const answers = [];
    for (const name of names) answers.push(await at.put(name, ["203.0.113.7"]));

    expect(answers.map(({ status }) => status)).toEqual([...Array(20).fill(201), 429]);
    expect((await get("group-20")).status).toBe(404);
    await at.clock.advance(2_000);
    expect((await at.put("group-20", ["203.0.113.7"])).status).toBe(201);
  });

  it("can be asked about in the same state by a simulated Azure that was started anew", async () => {
    const { headers } = await at.put("blocked", ["203.0.113.7"]);
    const again = await startHub(at.state);
    await again.clock.advance(240_000);
    const { body } = await again.follow(headers.get("azure-asyncoperation"));
    await again.azure.close();

    expect(body).toEqual({ status: "Succeeded" });
  });
});

describe("a write that fails", () => {
  const fail = async () => {
    at.azure.faults.add({ kind: "operation-failed", operation: "IpGroups_CreateOrUpdate", count: 1 });
    const { status, headers } = await at.put("blocked", ["203.0.113.7"]);
    expect(status).toBe(200);
    await at.clock.advance(240_000);
    return headers.get("azure-asyncoperation");
  };

  it("is seen at the group, which shows the new list although the old one is in force, and not at the firewall", async () => {
    const operation = await fail();

    expect((await at.follow(operation)).body).toEqual({
      status: "Failed",
      error: {
        code: "IpGroupsUpdateFailed",
        message: "Put on IP Groups blocked Failed with 1 faulted referenced firewalls",
      },
    });
    expect((await get("blocked")).body).toMatchObject({
      properties: { provisioningState: "Failed", ipAddresses: ["203.0.113.7"] },
    });
    expect((await at.ask("GET", firewallId)).body).toMatchObject(provisioning("Succeeded"));
    expect([decide("198.51.100.1"), decide("203.0.113.7")]).toEqual(["block/deny/from", "no rule"]);
  });

  it("may have stored nothing", async () => {
    at.state.failedWriteKeepsList = false;
    await fail();

    expect((await get("blocked")).body).toMatchObject({
      properties: { provisioningState: "Failed", ipAddresses: ["198.51.100.1"] },
    });
  });

  it("is mended by the next one", async () => {
    await fail();
    await at.put("blocked", ["203.0.113.7"]);
    await at.clock.advance(240_000);

    expect((await get("blocked")).body).toMatchObject(provisioning("Succeeded"));
    expect(decide("203.0.113.7")).toBe("block/deny/from");
  });
});
