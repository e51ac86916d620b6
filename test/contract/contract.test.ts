import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { RecordedCall } from "../../local/azure/recorded-call.ts";
import type { Protection } from "../../shared/guardrails/guardrail.ts";
import type { Permission } from "../../shared/responders/responder.ts";
import { responders } from "../../shared/responders/responders.ts";
import { aTenantPoint, type TenantPoint } from "./a-tenant-point.ts";
import { aWorld, type Case, cases, cloudAppsUrl, everything, type World } from "./cases.ts";
import { runCycles } from "./cycles.ts";

let world: World;
let at: TenantPoint;
/** Permissions that calls asked for, over all cases of a responder. */
const usedBy = new Map<string, Set<string>>();

beforeEach(async () => {
  world = await aWorld();
});
afterEach(() => world.close());

/** POSTs that read: what they ask is in the body, or what they give is secret. */
const readingPosts = ["Subscription_ListSecrets"];

function isWrite({ method, operationId, host }: RecordedCall): boolean {
  return host !== "msi" && method !== "GET" && !readingPosts.includes(operationId);
}

const writes = () => world.azure.calls.filter(isWrite);

describe.each(cases)("$responder", (one: Case) => {
  const responder = responders.get(one.responder);
  const wish = () => ({ responder: one.responder, target: one.target, ...(one.params ? { params: one.params } : {}) });
  const lasting = responder?.irreversible !== undefined || responder?.momentary !== undefined;

  beforeEach(() => {
    at = aTenantPoint(one.point, { ...world, protection: everything, cloudAppsUrl });
  });

  it("is in the list, at this kind of point, under a name that functions may have", () => {
    expect(responder?.point).toBe(one.point.kind);
    expect(one.responder).toMatch(/^[a-z]+(-[a-z]+)+$/);
  });

  it("writes nothing while it plans, and sends what the plan showed, to the letter", async () => {
    const plan = await at.plan(wish());
    expect(writes()).toEqual([]);
    expect(plan.requests.length).toBeGreaterThan(0);
    expect(plan.diff).toMatch(/^\+[^+]/m);

    await at.want(wish());
    await at.settle();

    const sent = writes().map(({ method, host, path }) => `${method} https://${host}${path}`);
    expect(sent).toEqual(plan.requests.map(({ method, url }) => `${method} ${url}`));
  });

  it("is verified, and done once however often it is asked for", async () => {
    const id = await at.want(wish());
    await at.settle();
    expect(await at.state(id)).toBe("verified");
    const once = writes().length;

    await at.want({ ...wish(), owner: "alert-2" });
    await at.settle();
    await world.clock.advance(3_600_000);
    await at.settle();

    expect(await at.state(id)).toBe("verified");
    expect(writes()).toHaveLength(once);
  });

  it("stands until the last owner's time ends, and leaves what was there before", async () => {
    const before = one.look(world);
    const id = await at.want({ ...wish(), minutes: 120 });
    await at.want({ ...wish(), owner: "alert-2", minutes: 240 });
    await at.settle();
    const contained = one.look(world);
    expect(contained).not.toEqual(before);

    await world.clock.advance(130 * 60_000);
    await at.settle();
    expect(one.look(world)).toEqual(contained);
    await world.clock.advance(120 * 60_000);
    await at.settle();

    expect(await at.state(id)).toBe("gone");
    expect(one.look(world)).toEqual(lasting ? contained : before);
  });

  const { bySomebodyElse } = one;
  if (bySomebodyElse)
    it("writes nothing where it is so already, and takes nothing of that back", async () => {
      bySomebodyElse(world);
      const found = one.look(world);

      const id = await at.want(wish());
      await at.settle();
      expect(await at.state(id)).toBe("verified");
      await at.end(id);
      await at.settle();

      expect(await at.state(id)).toBe("gone");
      expect(writes()).toEqual([]);
      expect(one.look(world)).toEqual(found);
    });

  it("is never written where the settings protect the target or do not give the place", async () => {
    const before = one.look(world);
    for (const protection of protecting(one)) {
      at = aTenantPoint(one.point, { ...world, protection, cloudAppsUrl });
      const id = await at.want(wish());
      await at.settle();

      expect(await at.state(id)).toBe("failed");
    }
    expect(writes()).toEqual([]);
    expect(one.look(world)).toEqual(before);
  });

  it("uses no permission that it does not declare", async () => {
    const id = await at.want(wish());
    await at.plan(wish());
    await at.settle();
    await at.end(id);
    await at.settle();

    const declared = (responder?.permissions ?? []).map(nameOf);
    const asked = world.azure.calls.filter(({ host }) => host !== "msi").map(({ permissions }) => permissions);
    for (const permissions of asked) expect(permissions.some((name) => declared.includes(name))).toBe(true);
    const used = usedBy.get(one.responder) ?? new Set();
    usedBy.set(one.responder, used);
    for (const name of declared) if (asked.some((names) => names.includes(name))) used.add(name);
  });

  it("comes about and is taken back ten times although one call in five goes wrong", async () => {
    await runCycles(one, 10, everything);
  });
});

it.each([...responders.values()].filter(({ id }) => cases.some(({ responder }) => responder === id)))(
  "$id declares no permission that it does not use",
  ({ id, permissions }) => {
    expect([...(usedBy.get(id) ?? [])].toSorted()).toEqual(permissions.map(nameOf).toSorted());
  },
);

function nameOf(permission: Permission): string {
  return "action" in permission ? permission.action : permission.appRole;
}

/** What would have to keep this case from being applied: each by itself. */
function protecting({ target, point }: Case): Protection[] {
  const nowhere = { ...everything, apiManagement: [], firewallPolicies: [], tenant: [] };
  switch (target.kind) {
    case "user":
      return [nowhere, { ...everything, identities: [target.userId.toUpperCase()] }];
    case "service-principal":
      return [nowhere, { ...everything, identities: [target.servicePrincipalId] }];
    case "machine":
    case "file":
      return [nowhere, { ...everything, machines: [target.machineId.toUpperCase()] }];
    case "address":
      return [nowhere, { ...everything, firewallPolicies: [point.resourceId], networks: ["203.0.113.0/24"] }];
    case "indicator":
      return [nowhere, { ...everything, networks: ["203.0.113.0/24"] }];
    default:
      return [nowhere];
  }
}
