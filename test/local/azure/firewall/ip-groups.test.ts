import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { simulatedIpGroup } from "../../../../local/azure/firewall/firewall-state.ts";
import { from, groupId, type Hub, network, startHub, subscriptionId } from "./a-hub.ts";

const Page = z.object({ value: z.array(z.object({ name: z.string() })), nextLink: z.string().optional() });

let at: Hub;
beforeEach(async () => {
  at = await startHub();
});
afterEach(() => at.azure.close());

const get = (name: string) => at.ask("GET", groupId(name));
const error = (code: string) => ({ error: expect.objectContaining({ code }) });
const provisioning = (provisioningState: string) => ({ properties: { provisioningState } });

describe("tags", () => {
  it("are replaced by a PATCH, which touches nothing else and takes no time", async () => {
    const body = { tags: { team: "soc" } };

    expect(await at.ask("PATCH", groupId("blocked"), { body })).toMatchObject({
      status: 200,
      body: { properties: { provisioningState: "Succeeded", ipAddresses: ["198.51.100.1"] } },
    });
    expect(at.state.ipGroups[0]?.tags).toEqual({ team: "soc" });
  });

  it("are all that a PATCH takes", async () => {
    const body = { tags: {}, properties: { ipAddresses: ["203.0.113.7"] } };

    expect((await at.ask("PATCH", groupId("blocked"), { body })).status).toBe(400);
    expect(at.state.ipGroups[0]?.stored).toEqual(["198.51.100.1"]);
  });
});

describe("a deletion", () => {
  it("is refused while a policy or a classic firewall uses the group", async () => {
    at.state.firewalls.push({ id: `${network}/azureFirewalls/classic`, networkRuleCollections: [from(["spare"])] });

    expect(await at.ask("DELETE", groupId("blocked"))).toMatchObject({
      status: 400,
      body: error("IpGroupsHasFirewallPolicyReferences"),
    });
    expect(await at.ask("DELETE", groupId("spare"))).toMatchObject({
      status: 400,
      body: error("IpGroupsHasResourceReferences"),
    });
  });

  it("takes seconds, in which the group cannot be written, and may be repeated", async () => {
    const { status, headers } = await at.ask("DELETE", groupId("spare"));
    expect(status).toBe(202);
    expect((await get("spare")).body).toMatchObject(provisioning("Deleting"));
    expect((await at.put("spare", ["203.0.113.7"])).status).toBe(429);
    expect((await at.follow(headers.get("location"))).status).toBe(202);

    await at.clock.advance(2_000);

    expect((await at.follow(headers.get("location"))).status).toBe(204);
    expect((await at.follow(headers.get("azure-asyncoperation"))).body).toEqual({ status: "Succeeded" });
    expect((await get("spare")).status).toBe(404);
    expect((await at.ask("DELETE", groupId("spare"))).status).toBe(204);
  });
});

it("groups are listed by resource group and by subscription, page by page", async () => {
  const others = [groupId("elsewhere").replace("rg-hub", "rg-hub-2"), groupId("x").replace(subscriptionId, "another")];
  at.state.ipGroups.push(...others.map((id) => simulatedIpGroup({ id })));
  at.state.pageSize = 2;
  const names = async (path: string) => {
    const all: string[] = [];
    let next: string | null = `https://management.azure.com${path}?api-version=2026-01-01`;
    while (next) {
      const { value, nextLink } = Page.parse((await at.follow(next)).body);
      expect([1, 2]).toContain(value.length);
      all.push(...value.map(({ name }) => name));
      next = nextLink ?? null;
    }
    return all;
  };

  expect(await names(`${network}/ipGroups`)).toEqual(["blocked", "spare"]);
  expect(await names(`/subscriptions/${subscriptionId}/providers/Microsoft.Network/ipGroups`)).toEqual([
    "blocked",
    "spare",
    "elsewhere",
  ]);
});
