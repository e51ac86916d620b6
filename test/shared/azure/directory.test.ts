import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AzureError } from "../../../shared/azure/azure-error.ts";
import { createDirectory, type Directory } from "../../../shared/azure/directory.ts";
import { type GraphTenant, openGraphTenant } from "../../support/a-graph-tenant.ts";

const ada = "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0";
const guest = "7fb91a8d-e32e-41a1-b7bd-d2d185eed0e1";
const shop = "8ac91a8d-e32e-41a1-b7bd-d2d185eed0e2";
const identity = "9bd91a8d-e32e-41a1-b7bd-d2d185eed0e3";
const nobody = "aaaaaaaa-e32e-41a1-b7bd-d2d185eed0e4";
const globalAdministrator = "62e90394-69f5-4237-9190-012177145e10";
const applicationAdministrator = "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3";

let tenant: GraphTenant;
let directory: Directory;

beforeAll(async () => {
  tenant = await openGraphTenant();
  directory = createDirectory(tenant.graph);
});
beforeEach(() => {
  tenant.azure.faults.clear();
  tenant.azure.calls.length = 0;
  Object.assign(tenant.state, {
    permissions: undefined,
    users: [
      {
        id: ada,
        displayName: "Ada",
        userPrincipalName: "ada.o'neil@contoso.com",
        userType: "Member",
        accountEnabled: true,
        onPremisesSyncEnabled: null,
      },
      {
        id: guest,
        displayName: "Guest",
        userPrincipalName: "pat_fabrikam.com#EXT#@contoso.onmicrosoft.com",
        userType: "Guest",
        accountEnabled: false,
        onPremisesSyncEnabled: true,
      },
    ],
    servicePrincipals: [
      { id: shop, displayName: "Shop", appId: nobody, servicePrincipalType: "Application", accountEnabled: true },
      { id: identity, displayName: "vm-1", servicePrincipalType: "ManagedIdentity", accountEnabled: true },
    ],
    roles: [],
  });
});
afterAll(() => tenant.close());

describe("looking up object ids", () => {
  it("tells users, guests, service principals and managed identities apart", async () => {
    const found = await directory.resolve([ada, guest, shop, identity, nobody]);

    expect([...found.values()]).toEqual([
      { id: ada, kind: "user", displayName: "Ada", upn: "ada.o'neil@contoso.com", enabled: true, synced: false },
      {
        id: guest,
        kind: "guest",
        displayName: "Guest",
        upn: "pat_fabrikam.com#EXT#@contoso.onmicrosoft.com",
        enabled: false,
        synced: true,
      },
      { id: shop, kind: "service-principal", displayName: "Shop", appId: nobody, enabled: true },
      { id: identity, kind: "managed-identity", displayName: "vm-1", enabled: true },
    ]);
  });

  it("takes an external member for the guest that it is: its sessions belong to another tenant", async () => {
    const [user] = tenant.state.users.filter(({ id }) => id === guest);
    Object.assign(user ?? {}, { userType: "Member" });

    expect((await directory.resolve([guest])).get(guest)?.kind).toBe("guest");
  });

  it("answers under the spelling that was asked with", async () => {
    expect((await directory.resolve([ada.toUpperCase()])).get(ada.toUpperCase())?.id).toBe(ada);
  });

  it("asks for a thousand at a time", async () => {
    const ids = Array.from(
      { length: 1001 },
      (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    );

    expect((await directory.resolve([...ids, ada])).size).toBe(1);
    expect(tenant.azure.calls.map(({ status }) => status)).toEqual([200, 200]);
  });

  it("does not send what is no object id", async () => {
    const found = await directory.resolve(["", "null", "../users", "00000000-0000-0000-0000-000000000000", `${ada}'`]);

    expect(found.size).toBe(0);
    expect(tenant.azure.calls).toEqual([]);
  });

  it("says no more of an object than Graph lets it know", async () => {
    tenant.state.permissions = ["User.Read.All"];

    const found = await directory.resolve([ada, identity]);

    expect(found.get(ada)?.enabled).toBe(true);
    expect(found.get(identity)).toEqual({ id: identity, kind: "service-principal" });
  });

  it("fails when the directory may not be read, so that nobody takes that for an answer", async () => {
    tenant.state.permissions = ["SecurityAlert.Read.All"];

    await expect(directory.resolve([ada])).rejects.toMatchObject({ status: 403, code: "Authorization_RequestDenied" });
  });
});

describe("finding a user by name", () => {
  it("finds the one, apostrophe and letter case regardless", async () => {
    expect(await directory.findUser("ADA.O'Neil@contoso.com")).toMatchObject({ id: ada, kind: "user", synced: false });
  });

  it.each(["nobody@contoso.com", "pat_fabrikam.com@contoso.onmicrosoft.com"])("finds nobody for %s", async (name) => {
    expect(await directory.findUser(name)).toBeUndefined();
    expect(tenant.azure.calls).toHaveLength(1);
  });

  it("finds a guest, whose name holds a number sign", async () => {
    expect((await directory.findUser("pat_fabrikam.com#EXT#@contoso.onmicrosoft.com"))?.kind).toBe("guest");
  });

  it.each(["", "ada", "CONTOSO\\ada", "a b@contoso.com", "a@b@c", `${"a".repeat(2000)}@contoso.com`])(
    "does not ask for %j, which is no user principal name",
    async (name) => {
      expect(await directory.findUser(name)).toBeUndefined();
      expect(tenant.azure.calls).toEqual([]);
    },
  );

  it("cannot be talked into finding somebody else", async () => {
    expect(await directory.findUser("x@contoso.com'or'1'eq'1")).toBeUndefined();
    expect(tenant.azure.calls.map(({ status }) => status)).toEqual([200]);
  });
});

describe("directory roles", () => {
  const held = (principalId: string, displayName: string, roleTemplateId: string, more: object = {}) => ({
    principalId,
    displayName,
    roleTemplateId,
    ...more,
  });

  it("are found for users, direct and through groups, each once", async () => {
    tenant.state.roles = [
      held(ada, "Global Administrator", globalAdministrator),
      held(ada, "Application Administrator", applicationAdministrator, { throughGroup: nobody }),
      held(guest, "Global Reader", "f2ef992c-3afb-46b9-b7cf-a126ee74c451"),
    ];

    expect(await directory.roles(ada, "user")).toEqual(["Application Administrator", "Global Administrator"]);
  });

  it("are found for service principals", async () => {
    tenant.state.roles = [held(shop, "Application Administrator", applicationAdministrator)];

    expect(await directory.roles(shop, "service-principal")).toEqual(["Application Administrator"]);
  });

  it.each([
    [guest, "guest", ["Graph_ListRoleAssignments", "Graph_ListUserRoles"]],
    [identity, "managed-identity", ["Graph_ListRoleAssignments", "Graph_ListServicePrincipalRoles"]],
  ] as const)(
    "are asked for where that kind of object lies, with no request in vain (%s, a %s)",
    async (id, kind, calls) => {
      expect(await directory.roles(id, kind)).toEqual([]);
      expect(tenant.azure.calls.map(({ operationId }) => operationId).sort()).toEqual(calls);
    },
  );

  it("are found when they are held for a part of the directory only, which memberships do not show", async () => {
    const unit = { directoryScopeId: "/administrativeUnits/1" };
    tenant.state.roles = [held(ada, "Helpdesk Administrator", "729827e3-9c14-49f7-bb1b-9608f156bbb8", unit)];

    expect(await directory.roles(ada, "user")).toEqual(["Helpdesk Administrator"]);
  });

  it("are none for somebody who holds none", async () => {
    expect(await directory.roles(ada, "user")).toEqual([]);
  });

  it.each([
    ["whom the directory does not have", nobody, 404],
    ["who has no object id", "ada", 400],
  ])("are not known of somebody %s", async (_, id, status) => {
    await expect(directory.roles(id, "user")).rejects.toMatchObject({ status });
    await expect(directory.roles(id, "user")).rejects.toBeInstanceOf(AzureError);
  });

  it("are not known without the permission to read them", async () => {
    tenant.state.permissions = ["User.Read.All"];
    tenant.state.roles = [held(ada, "Global Administrator", globalAdministrator)];

    await expect(directory.roles(ada, "user")).rejects.toMatchObject({ status: 403 });
  });
});
