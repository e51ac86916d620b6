import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  type CallsQuestion,
  callsQuery,
  createGatewayLogs,
  type GatewayLogs,
} from "../../../shared/azure/log-analytics.ts";
import { openTenant, shopId, type Tenant, workspaceId } from "../../support/a-tenant.ts";

let tenant: Tenant;
let logs: GatewayLogs;

beforeAll(async () => {
  tenant = await openTenant();
  logs = createGatewayLogs(tenant.connection, workspaceId);
});
beforeEach(async () => {
  await tenant.clock.advance(45 * 60_000);
  tenant.azure.faults.clear();
  Object.assign(tenant.workspace, { ingestionDelayMs: 0, forbidden: false, partialErrors: false });
  tenant.takeCalls();
});
afterAll(() => tenant.close());

const minutes = (count: number) => new Date(tenant.clock.now().getTime() + count * 60_000);
const question = (changes: Partial<CallsQuestion> = {}): CallsQuestion => ({
  serviceId: shopId,
  apiId: "orders",
  address: "203.0.113.66",
  from: minutes(-30),
  until: minutes(10),
  ...changes,
});

describe("calls of an address", () => {
  it("are counted by subscription and answer, within the time, the service and the API", async () => {
    tenant.logCall({ subscription: "acme", at: minutes(-31) });
    tenant.logCall({ subscription: "acme", at: minutes(-20) });
    tenant.logCall({ subscription: "acme", at: minutes(-10) });
    tenant.logCall({ subscription: "acme", status: 429 });
    tenant.logCall({ status: 401 });
    tenant.logCall({ subscription: "acme", api: "catalog" });
    tenant.logCall({ subscription: "acme", clientIp: "203.0.113.6" });
    tenant.logCall({ subscription: "acme", service: shopId.replace("contoso-shop", "fabrikam") });

    const { calls, incomplete } = await logs.callsFrom(question());

    expect(incomplete).toBeUndefined();
    const [first, last] = [minutes(-20).toISOString(), minutes(-10).toISOString()];
    const now = minutes(0).toISOString();
    expect(calls).toHaveLength(3);
    expect(calls).toEqual(
      expect.arrayContaining([
        { subscriptionId: "acme", status: 200, calls: 2, first, last },
        { subscriptionId: "acme", status: 429, calls: 1, first: now, last: now },
        { subscriptionId: "", status: 401, calls: 1, first: now, last: now },
      ]),
    );
    expect(tenant.takeCalls()).toEqual(["Query_Execute 200"]);
  });

  it("to every API are counted when none is named, in any letter case of the service", async () => {
    tenant.logCall({ subscription: "acme" });
    tenant.logCall({ subscription: "acme", api: "catalog" });
    const { apiId: _, ...anyApi } = question({ serviceId: shopId.toUpperCase() });

    expect((await logs.callsFrom(anyApi)).calls).toMatchObject([{ subscriptionId: "acme", calls: 2 }]);
  });

  it("are not there before they were ingested", async () => {
    tenant.workspace.ingestionDelayMs = 5 * 60_000;
    tenant.logCall({ subscription: "late" });

    expect((await logs.callsFrom(question())).calls).toEqual([]);
    await tenant.clock.advance(5 * 60_000);
    expect((await logs.callsFrom(question())).calls).toHaveLength(1);
  });

  it("say when a part of the data could not be read", async () => {
    tenant.logCall({ subscription: "acme" });
    tenant.workspace.partialErrors = true;

    const { calls, incomplete } = await logs.callsFrom(question());

    expect(calls).toHaveLength(1);
    expect(incomplete).toBe("PartialError There were some errors when processing your query.");
  });

  it("say when there are more subscriptions than are asked for", async () => {
    for (let index = 0; index < 101; index++) tenant.logCall({ subscription: `key-${index}` });

    const { calls, incomplete } = await logs.callsFrom(question());

    expect(calls).toHaveLength(100);
    expect(incomplete).toContain("100");
  });
});

describe("a workspace that cannot be asked", () => {
  it("says that the identity may not, which trying again does not mend", async () => {
    tenant.workspace.forbidden = true;

    await expect(logs.callsFrom(question())).rejects.toMatchObject({
      name: "AzureError",
      status: 403,
      code: "InsufficientAccessError",
      transient: false,
    });
  });

  it("says when to come back", async () => {
    tenant.azure.faults.add({ kind: "status", operation: "Query_Execute", status: 429, retryAfterSeconds: 9 });

    await expect(logs.callsFrom(question())).rejects.toMatchObject({
      status: 429,
      retryAfterMs: 9_000,
      transient: true,
    });
    expect(tenant.takeCalls()).toEqual(["Query_Execute 429"]);
  });

  it("gives no answer when the connection is cut", async () => {
    tenant.azure.faults.add({ kind: "drop", operation: "Query_Execute", moment: "before" });

    await expect(logs.callsFrom(question())).rejects.toMatchObject({ status: 0, transient: true });
  });

  it("is not there", async () => {
    const other = createGatewayLogs(tenant.connection, "00000000-0000-4000-8000-00000000dead");

    await expect(other.callsFrom(question())).rejects.toMatchObject({ status: 404, code: "WorkspaceNotFoundError" });
  });
});

describe("what an attacker can name", () => {
  it.each<[string, Partial<CallsQuestion>]>([
    ["an address", { address: '203.0.113.66" or true //' }],
    ["an address that is none", { address: "attacker.example" }],
    ["an API", { apiId: "orders?x=1" }],
    ["an API of another place", { apiId: "" }],
    ["a service", { serviceId: `${shopId}" | union SecurityEvent //` }],
    ["a resource of another kind", { serviceId: shopId.replace("ApiManagement/service", "Compute/virtualMachines") }],
  ])("is no query when it is not %s", async (_, changes) => {
    await expect(logs.callsFrom(question(changes))).rejects.toThrow();
    expect(tenant.takeCalls()).toEqual([]);
  });

  it.each(['a" or ApiId =~ "orders', "a\\", 'a\\" | take 1', "a'b", "a | count"])(
    "stays a name: the API %j is looked for and not found",
    async (apiId) => {
      tenant.logCall({ subscription: "acme" });

      expect((await logs.callsFrom(question({ apiId }))).calls).toEqual([]);
      tenant.logCall({ subscription: "odd", api: apiId });
      expect((await logs.callsFrom(question({ apiId }))).calls).toMatchObject([{ subscriptionId: "odd" }]);
    },
  );

  it("is asked for in canonical spelling", () => {
    expect(callsQuery(question({ address: "2001:DB8:0:0::7" }))).toContain('CallerIpAddress == "2001:db8::7"');
    expect(callsQuery(question({ address: "::ffff:203.0.113.66" }))).toContain('CallerIpAddress == "203.0.113.66"');
  });
});
