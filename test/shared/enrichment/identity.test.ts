import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Entity } from "../../../shared/alerts/entity.ts";
import { createDirectory, type Directory } from "../../../shared/azure/directory.ts";
import { createGraph } from "../../../shared/azure/graph.ts";
import { createIdentityLookUp } from "../../../shared/enrichment/identity.ts";
import { openTenant, type Tenant } from "../../support/a-tenant.ts";
import { aPayload, read } from "../../support/an-alert.ts";
import { createManualClock } from "../../support/manual-clock.ts";

let tenant: Tenant;

const id = (digit: number) => `6ea9d5a1-0000-4000-8000-00000000000${digit}`;
const [anna, guest, app, identity, nobody] = [1, 2, 3, 4, 5].map(id) as [string, string, string, string, string];

beforeAll(async () => {
  tenant = await openTenant();
});
beforeEach(async () => {
  await tenant.clock.advance(3_600_000);
  tenant.azure.faults.clear();
  const user = { "@odata.type": "#microsoft.graph.user", userType: "Member", accountEnabled: true };
  const principal = { "@odata.type": "#microsoft.graph.servicePrincipal", servicePrincipalType: "Application" };
  Object.assign(tenant.graph, {
    permissions: undefined,
    users: [
      { ...user, id: anna, displayName: "Anna", userPrincipalName: "anna@contoso.com", onPremisesSyncEnabled: true },
      { ...user, id: guest, userPrincipalName: "guest@fabrikam.com", userType: "Guest", accountEnabled: false },
    ],
    servicePrincipals: [
      { ...principal, id: app, appId: "a1", accountEnabled: true },
      { ...principal, id: identity, servicePrincipalType: "ManagedIdentity" },
    ],
    roles: [{ principalId: anna, displayName: "User Administrator", roleTemplateId: "fe930be7" }],
  });
  tenant.takeCalls();
});
afterAll(() => tenant.close());

function alertAbout(...entities: Entity[]) {
  return { ...read(aPayload()), entities };
}
const principal = (objectId: string): Entity => ({ kind: "principal", role: "attacker", foundAt: "x", objectId });
const lookUp = () =>
  createIdentityLookUp(createDirectory(createGraph(tenant.connection)), { clock: tenant.clock, budgetMs: 2_000 });

describe("an object id", () => {
  it("becomes a user, a guest, a service principal or a managed identity, with the roles that it holds", async () => {
    const { asked } = await lookUp()(alertAbout(...[anna, guest, app, identity].map(principal)));

    expect(asked.map((one) => ("found" in one ? one.found : one))).toMatchObject([
      { id: anna, kind: "user", enabled: true, synced: true, holdsDirectoryRole: "yes", roles: ["User Administrator"] },
      { id: guest, kind: "guest", enabled: false, holdsDirectoryRole: "none-seen", roles: [] },
      { id: app, kind: "service-principal", appId: "a1", holdsDirectoryRole: "none-seen" },
      { id: identity, kind: "managed-identity", holdsDirectoryRole: "none-seen" },
    ]);
    expect(tenant.takeCalls().filter((call) => call.startsWith("Graph_GetByIds"))).toHaveLength(1);
  });

  it.each([
    ["user", anna, /^not seen: .*activated.*group holds$/],
    ["guest without roles", guest, /^not seen: .*activated.*group holds$/],
    ["service principal", app, /^not seen: .*activated.*group holds, what its application permissions allow$/],
    ["managed identity", identity, /^not seen: .*activated.*group holds, what its application permissions allow$/],
  ])("of a %s comes with what was not seen of its privileges", async (_, objectId, rolesMiss) => {
    const { asked } = await lookUp()(alertAbout(principal(objectId)));

    expect(asked).toMatchObject([{ found: { rolesMiss: expect.stringMatching(rolesMiss) } }]);
  });

  it("that the directory does not know is a miss", async () => {
    const { asked } = await lookUp()(alertAbout(principal(nobody)));

    expect(asked).toMatchObject([
      { about: nobody, miss: "the directory knows no user or service principal of that id" },
    ]);
  });

  it.each(["00000000-0000-0000-0000-000000000000", "../users", `${anna}'`])(
    "that is none (%s) is not asked about, and that is said",
    async (objectId) => {
      const { asked } = await lookUp()(alertAbout(principal(objectId)));

      expect(asked).toMatchObject([{ about: objectId, miss: "not asked: that is no object id" }]);
      expect(tenant.takeCalls()).toEqual([]);
    },
  );

  it("keeps its kind when nobody may say what roles it holds", async () => {
    Object.assign(tenant.graph, { permissions: ["User.Read.All", "Application.Read.All"] });

    const { asked } = await lookUp()(alertAbout(principal(anna)));

    expect(asked).toMatchObject([
      { found: { kind: "user", holdsDirectoryRole: "unknown", roles: [], rolesMiss: expect.stringContaining("403") } },
    ]);
  });

  it("is asked about once, however often it stands in the alert and in the next ones", async () => {
    const find = lookUp();
    const alert = alertAbout(principal(anna), principal(anna.toUpperCase()), {
      kind: "user",
      role: "victim",
      foundAt: "y",
      objectId: anna,
    });

    expect((await find(alert)).asked).toHaveLength(1);
    const calls = tenant.takeCalls().length;
    await find(alert);
    expect(calls).toBeGreaterThan(0);
    expect(tenant.takeCalls()).toEqual([]);
  });
});

describe("a user", () => {
  it("is found by user principal name", async () => {
    const { asked } = await lookUp()(
      alertAbout({ kind: "user", role: "victim", foundAt: "x", upn: "anna@contoso.com" }),
    );

    expect(asked).toMatchObject([{ about: "anna@contoso.com", found: { id: anna, holdsDirectoryRole: "yes" } }]);
  });

  it.each<[string, Entity, string]>([
    ["a name", { kind: "user", role: "victim", foundAt: "x", name: "anna", domain: "CONTOSO" }, "user principal name"],
    ["an application id", { kind: "service-principal", role: "attacker", foundAt: "x", appId: "a1" }, "no object id"],
  ])("is not looked for by %s", async (_, entity, reason) => {
    const { asked } = await lookUp()(alertAbout(entity));

    expect(asked).toMatchObject([{ miss: expect.stringContaining(reason) }]);
    expect(tenant.takeCalls()).toEqual([]);
  });

  it.each([
    [
      "x' or accountEnabled eq true or userPrincipalName eq 'anna@contoso.com",
      "not asked: that is no user principal name",
    ],
    ["o'brien@contoso.com", "the directory knows no user of that name"],
  ])("with the name %j is no other user", async (upn, miss) => {
    const { asked } = await lookUp()(alertAbout({ kind: "user", role: "attacker", foundAt: "x", upn }));

    expect(asked).toMatchObject([{ about: upn, miss }]);
  });

  it("who attacks is asked about although a bystander is called the same and cannot be asked about", async () => {
    const attacker: Entity = { kind: "user", role: "attacker", foundAt: "x", upn: "anna@contoso.com" };
    const bystander: Entity = { kind: "user", role: "context", foundAt: "y", name: "Anna@contoso.com" };

    const { asked } = await lookUp()(alertAbout(attacker, bystander));

    expect(asked).toMatchObject([
      { about: "anna@contoso.com", found: { id: anna } },
      { about: "Anna@contoso.com", miss: expect.stringContaining("neither an object id") },
    ]);
  });

  it("who cannot be asked about takes nobody's place among the first ten", async () => {
    const unnamed = Array.from(
      { length: 10 },
      (_, index): Entity => ({ kind: "user", role: "attacker", foundAt: "x", name: `local-${index}` }),
    );

    const { asked } = await lookUp()(alertAbout(...unnamed, principal(anna)));

    expect(asked[0]).toMatchObject({ about: anna, found: { id: anna } });
  });
});

it("of more than ten only the first are asked about, attackers before the others", async () => {
  const ids = Array.from(
    { length: 12 },
    (_, index) => `6ea9d5a1-0000-4000-8000-0000000001${String(index).padStart(2, "0")}`,
  );
  const users = ids.map((objectId): Entity => ({ kind: "user", role: "context", foundAt: "x", objectId }));

  const { asked, notAsked } = await lookUp()(alertAbout(...users, principal(anna)));

  expect(asked.map(({ about }) => about)).toEqual([anna, ...ids.slice(0, 9)]);
  expect(notAsked).toBe("not asked: 3 more than the first 10");
});

it("keeps what is known when the roles take too long", async () => {
  const clock = createManualClock();
  const directory: Directory = {
    resolve: async ([objectId = ""]) => new Map([[objectId, { id: objectId, kind: "user" as const }]]),
    findUser: async () => undefined,
    roles: () => new Promise(() => {}),
  };
  const find = createIdentityLookUp(directory, { clock, budgetMs: 2_000 });

  const looked = find(alertAbout(principal(anna)));
  while (!clock.waits().includes(1_500)) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(1_500);

  expect((await looked).asked).toMatchObject([
    { tookMs: 1_500, found: { kind: "user", holdsDirectoryRole: "unknown", rolesMiss: "no answer within 1500 ms" } },
  ]);
});
