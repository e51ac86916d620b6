import { NetworkManagementClient, restorePoller } from "@azure/arm-network";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createRewritingHttpClient } from "../../../../shared/azure/rewriting-http-client.ts";
import { aServiceCredential } from "../../../support/a-service-credential.ts";
import { type Hub, hub, startHub, subscriptionId } from "./a-hub.ts";

let at: Hub;
let client: NetworkManagementClient;

beforeEach(async () => {
  // The poller waits in real time as long as it is asked to.
  at = await startHub({ ...hub(), retryAfterSeconds: 0 });
  client = new NetworkManagementClient(aServiceCredential(at.clock), subscriptionId, {
    httpClient: createRewritingHttpClient(at.azure.url),
    retryOptions: { maxRetries: 0 },
  });
});
afterEach(() => at.azure.close());

const quick = { updateIntervalInMs: 10 };
const polls = () => at.azure.calls.filter(({ operationId }) => operationId === "AzureAsyncOperation_Get");

async function untilPolled(): Promise<void> {
  const before = polls().length;
  await expect.poll(() => polls().length, { interval: 5 }).toBeGreaterThan(before);
}

it("@azure/arm-network creates an IP Group and polls it to the end", async () => {
  const creation = client.ipGroups.createOrUpdate(
    "rg-hub",
    "fresh",
    { location: "westeurope", ipAddresses: ["203.0.113.0/28", "203.0.113.77"], tags: { owner: "soc" } },
    quick,
  );
  await creation.submitted();
  const done = creation.pollUntilDone();
  await untilPolled();
  expect((await client.ipGroups.get("rg-hub", "fresh")).provisioningState).toBe("Updating");
  await at.clock.advance(2_000);

  expect(await done).toMatchObject({
    name: "fresh",
    provisioningState: "Succeeded",
    ipAddresses: ["203.0.113.0/28", "203.0.113.77"],
    tags: { owner: "soc" },
    firewallPolicies: [],
  });
});

it("a write of minutes is found again by another process", async () => {
  const group = { location: "westeurope", ipAddresses: ["203.0.113.7"] };
  const writing = client.ipGroups.createOrUpdate("rg-hub", "blocked", group, quick);
  await writing.submitted();
  const kept = await writing.serialize();

  await at.clock.advance(239_000);
  const restored = restorePoller(client, kept, client.ipGroups.createOrUpdate, quick);
  const done = restored.pollUntilDone();
  await untilPolled();
  expect(restored.isDone).toBe(false);
  await at.clock.advance(1_000);

  expect(await done).toMatchObject({ provisioningState: "Succeeded", ipAddresses: ["203.0.113.7"] });
});

it("a write that fails says why", async () => {
  at.azure.faults.add({ kind: "operation-failed", operation: "IpGroups_CreateOrUpdate", count: 1 });
  const group = { location: "westeurope", ipAddresses: ["203.0.113.7"] };
  const writing = client.ipGroups.createOrUpdate("rg-hub", "blocked", group, quick);
  await writing.submitted();
  await at.clock.advance(240_000);

  await expect(writing.pollUntilDone()).rejects.toThrow("IpGroupsUpdateFailed");
});

it("deletes what nothing uses, and lists what is left", async () => {
  const deletion = client.ipGroups.delete("rg-hub", "spare", quick);
  await deletion.submitted();
  await at.clock.advance(2_000);
  await deletion.pollUntilDone();

  at.state.pageSize = 1;
  const names: (string | undefined)[] = [];
  for await (const { name } of client.ipGroups.list()) names.push(name);
  expect(names).toEqual(["blocked"]);
});

it("reads rules, their policy and their firewall, and replaces rules", async () => {
  const rules = client.firewallPolicyRuleCollectionGroups;
  const current = await rules.get("rg-hub", "hub", "block");
  const writing = rules.createOrUpdate("rg-hub", "hub", "block", { ...current, priority: 150 }, quick);
  await writing.submitted();
  await at.clock.advance(240_000);

  expect(await writing.pollUntilDone()).toMatchObject({ provisioningState: "Succeeded", priority: 150 });
  expect(at.state.policies[0]?.ruleCollectionGroups[0]?.priority).toBe(150);
  expect(await client.firewallPolicies.get("rg-hub", "hub")).toMatchObject({
    sku: { tier: "Premium" },
    provisioningState: "Succeeded",
  });
  expect((await client.azureFirewalls.get("rg-hub", "hub")).firewallPolicy?.id).toContain("/firewallPolicies/hub");
});
