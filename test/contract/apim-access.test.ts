import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { serviceId } from "../../local/scenarios/world.ts";
import { enforcementPoint } from "../../shared/ledger/containment.ts";
import { aTenantPoint, type TenantPoint } from "./a-tenant-point.ts";
import { aWorld, everything, type World } from "./cases.ts";

const point = enforcementPoint("apim-access", serviceId);
const suspend = {
  responder: "apim-suspend-subscription",
  target: { kind: "api-subscription" as const, subscriptionId: "partner" },
};

let world: World;
beforeEach(async () => {
  world = await aWorld();
  for (const api of world.shop.apis.values()) api.subscriptionRequired = true;
});
afterEach(() => world.close());

const partner = () => {
  const found = world.shop.subscriptions?.get("partner");
  if (!found) throw new Error("there is no subscription of the partner");
  return found;
};
const call = async (key: string) => {
  const response = await fetch(`${world.azure.gatewayUrl}/orders/1001`, {
    headers: { "ocp-apim-subscription-key": key, "X-Simulated-Client-Ip": "192.0.2.10" },
  });
  const { message } = z.object({ message: z.string().optional() }).parse(await response.json());
  return message === undefined ? `${response.status}` : `${response.status} ${message}`;
};

describe("the gateway", () => {
  let at: TenantPoint;
  beforeEach(() => {
    at = aTenantPoint(point, { ...world, protection: everything });
  });

  it("lets nobody in with a key of a suspended subscription, and others in all the while", async () => {
    expect(await call("partner-primary")).toBe("200");
    const id = await at.want(suspend);
    await at.settle();

    expect(await call("partner-primary")).toMatch(/^401 Access denied due to invalid subscription key/);
    expect(await call("partner-secondary")).toMatch(/^401/);
    expect(await call("customer-primary")).toBe("200");
    await at.end(id);
    await at.settle();
    expect(await call("partner-primary")).toBe("200");
  });

  it("knows the old key no more once it was made anew, and keeps the other one", async () => {
    await at.want({ ...suspend, responder: "apim-rotate-keys", params: { keys: "primary" } });
    await at.settle();

    expect(await call("partner-primary")).toMatch(/^401/);
    expect(await call("partner-secondary")).toBe("200");
    expect(await call(partner().primaryKey)).toBe("200");
  });

  it("lets no key of a blocked user in", async () => {
    await at.want({ responder: "apim-block-user", target: { kind: "api-user", userId: "kim" } });
    await at.settle();

    expect(await call("partner-primary")).toMatch(/^401/);
    expect(await call("customer-primary")).toBe("200");
  });

  it("keeps no key in the ledger, in a plan or in an error", async () => {
    const rotate = { ...suspend, responder: "apim-rotate-keys" };
    const plan = await at.plan(rotate);
    const id = await at.want(rotate);
    await at.settle();

    const kept = JSON.stringify([plan, await at.get(id)]);
    for (const key of ["partner-primary", "partner-secondary", partner().primaryKey, partner().secondaryKey])
      expect(kept).not.toContain(key);
  });
});

describe("what others change of the same subscription", () => {
  it("survives five hundred suspensions and releases, whenever it happens", async () => {
    let seed = 11;
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    let changes = 0;
    const at = aTenantPoint(point, {
      ...world,
      protection: everything,
      // Between our reading and our writing as well.
      before: async ({ method }) => {
        if (random() > (method === "PATCH" ? 0.4 : 0.1)) return;
        changes++;
        Object.assign(partner(), { displayName: `theirs ${changes}`, etag: `"theirs-${changes}"` });
      },
    });

    for (let round = 0; round < 500; round++) {
      const id = await at.want({ ...suspend, minutes: 100_000 });
      await at.settle();
      expect([await at.state(id), partner().state]).toEqual(["verified", "suspended"]);
      await at.end(id);
      await at.settle();
      expect([await at.state(id), partner().state]).toEqual(["gone", "active"]);
    }

    expect(partner().displayName).toBe(`theirs ${changes}`);
    expect(changes).toBeGreaterThan(200);
    expect(world.azure.calls.filter(({ status }) => status === 412).length).toBeGreaterThan(50);
  });
});
