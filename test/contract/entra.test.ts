import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GraphResource, GraphState } from "../../local/azure/graph/state.ts";
import { enforcementPoint } from "../../shared/ledger/containment.ts";
import type { Target } from "../../shared/ledger/target.ts";
import { aTenantPoint, type TenantPoint } from "./a-tenant-point.ts";
import { aWorld, everything, ids, type World } from "./cases.ts";

const minute = 60_000;
const robin: Target = { kind: "user", userId: ids.user, name: "robin@contoso.example" };
const disable = { responder: "entra-disable-user", target: robin };
const confirm = { responder: "entra-confirm-compromised", target: robin };
const revoke = { responder: "entra-revoke-sessions", target: robin };

let world: World;
let graph: GraphState;
let at: TenantPoint;

beforeEach(async () => {
  world = await aWorld();
  ({ graph } = world);
  at = aTenantPoint(enforcementPoint("identity"), { ...world, protection: everything });
});
afterEach(() => world.close());

const user = () => graph.users[0];
const become = (properties: Partial<GraphResource>) => {
  graph.users = graph.users.map((one) => (one.id === ids.user ? { ...one, ...properties } : one));
};
/** Operation and answer of every write. */
const writes = () =>
  world.azure.calls
    .filter(({ host, method }) => host !== "msi" && method !== "GET")
    .map(({ operationId, status }) => `${operationId} ${status}`);

describe("a user whom only a person can disable", () => {
  it("comes from Active Directory: is left alone whole, and the reason says where", async () => {
    become({ onPremisesSyncEnabled: true });

    const id = await at.want(disable);
    await at.settle();

    expect(await at.state(id)).toBe("failed");
    expect((await at.get(id))?.reason).toContain("comes from Active Directory");
    expect(writes()).toEqual([]);
  });

  it("holds a directory role: is told to somebody once, and is not asked for at every pass", async () => {
    graph.roles = [{ principalId: ids.user, displayName: "Global Administrator", roleTemplateId: ids.application }];

    const id = await at.want(disable);
    await at.settle();
    for (let pass = 0; pass < 20; pass++) {
      await at.pass();
      await world.clock.advance(1_000);
    }

    expect(await at.state(id)).toBe("failed");
    expect((await at.get(id))?.reason).toMatch(/^only a person can do this/);
    expect(at.escalations).toHaveLength(1);
    expect(writes()).toEqual(["Graph_UpdateUser 403"]);
    expect(user()?.accountEnabled).toBe(true);
  });
});

it("a guest's sessions are not said to be revoked", async () => {
  become({ userType: "Guest" });

  const id = await at.want(revoke);
  await at.settle();

  expect(await at.state(id)).toBe("failed");
  expect((await at.get(id))?.reason).toContain("home tenant");
  expect(writes()).toEqual([]);
});

describe("a tenant that is slow to agree with itself", () => {
  beforeEach(() => {
    graph.staleReadMs = 2 * minute;
  });

  it("is waited for: accepted at first, verified when it reads so, and written to once each way", async () => {
    const id = await at.want(disable);
    await at.pass();
    expect(await at.state(id)).toBe("accepted");
    expect((await at.get(id))?.reason).toContain("accountEnabled is still true");

    await at.settle();
    expect(await at.state(id)).toBe("verified");
    await at.end(id);
    await at.settle();

    expect(await at.state(id)).toBe("gone");
    expect(writes()).toEqual(["Graph_UpdateUser 204", "Graph_UpdateUser 204"]);
    expect(user()?.accountEnabled).toBe(true);
  });

  it("of a quarter of an hour and more is not believed: somebody is told once, and it goes on", async () => {
    graph.staleReadMs = 40 * minute;
    const id = await at.want({ ...disable, minutes: 24 * 60 });
    for (let pass = 0; pass < 30; pass++) {
      await at.pass();
      await world.clock.advance(minute);
    }
    expect(await at.state(id)).toBe("accepted");
    expect((await at.get(id))?.reason).toMatch(/^not verified within 15 minutes/);
    expect(at.escalations).toHaveLength(1);

    await at.settle();
    expect(await at.state(id)).toBe("verified");
  });
});

describe("what a person did meanwhile", () => {
  it("counts: a user whom they enabled again is not disabled again", async () => {
    const id = await at.want({ ...disable, minutes: 24 * 60 });
    await at.settle();
    become({ accountEnabled: true });
    for (let pass = 0; pass < 90; pass++) {
      await at.pass();
      await world.clock.advance(minute);
    }

    expect((await at.get(id))?.reason).toContain("it held and does not any more");
    await at.end(id);
    await at.settle();
    expect(await at.state(id)).toBe("gone");
    expect(writes()).toEqual(["Graph_UpdateUser 204"]);
  });

  it("and what was before: a user who was at risk is not called harmless when our time is over", async () => {
    graph.riskyUsers = [{ id: ids.user, riskState: "atRisk", riskLevel: "high" }];

    const id = await at.want(confirm);
    await at.settle();
    expect(await at.state(id)).toBe("verified");
    await at.end(id);
    await at.settle();

    expect(await at.state(id)).toBe("gone");
    expect(writes()).toEqual(["Graph_ConfirmRiskyUserCompromised 204"]);
    expect(graph.riskyUsers?.[0]?.riskState).toBe("confirmedCompromised");
  });
});
