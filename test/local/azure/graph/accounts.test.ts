import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type OpenGraph, openGraph } from "./open-graph.ts";

const ada = "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0";
const app = "9089a539-a539-9089-39a5-899039a58990";
const sensitive = "403 Authorization_RequestDenied";
const disable = { accountEnabled: false };

let graph: OpenGraph;

beforeEach(async () => {
  graph = await openGraph("2026-11-23T09:30:00.750Z");
  graph.state.users = [
    {
      id: ada,
      userPrincipalName: "ada@contoso.com",
      accountEnabled: true,
      onPremisesSyncEnabled: null,
      userType: "Member",
      signInSessionsValidFromDateTime: "2026-11-20T09:12:01Z",
    },
  ];
  graph.state.servicePrincipals = [{ id: app, accountEnabled: true, displayName: "shop" }];
});
afterEach(() => graph.close());

const enabled = async () => (await graph.ask(`GET /users/${ada}?$select=accountEnabled`)).body?.accountEnabled;

describe("signing a user out", () => {
  it("is answered with true and moves the time from which sessions are valid, in whole seconds", async () => {
    const { status, body } = await graph.ask(`POST /users/${ada}/revokeSignInSessions`);

    expect({ status, value: body?.value }).toEqual({ status: 200, value: true });
    const read = await graph.ask(`GET /users/${ada}?$select=signInSessionsValidFromDateTime`);
    expect(read.body?.signInSessionsValidFromDateTime).toBe("2026-11-23T09:30:00Z");
  });

  it.each(["User.RevokeSessions.All", "User.ReadWrite.All", "Directory.ReadWrite.All"])("needs %s", async (role) => {
    graph.state.permissions = [role];
    expect(await graph.told(`POST /users/${ada}/revokeSignInSessions`)).toBe("200");

    graph.state.permissions = ["User.Read.All", "User.EnableDisableAccount.All"];
    expect(await graph.told(`POST /users/${ada}/revokeSignInSessions`)).toBe(sensitive);
  });

  it("is no sensitive action: it ends the sessions of who holds a role, too", async () => {
    graph.state.roles = [{ principalId: ada, displayName: "Global Administrator", roleTemplateId: "62e90394" }];

    expect(await graph.told(`POST /users/${ada}/revokeSignInSessions`)).toBe("200");
  });

  it("finds nobody whom the directory has not", async () => {
    expect(await graph.told("POST /users/nobody@contoso.com/revokeSignInSessions")).toBe(
      "404 Request_ResourceNotFound",
    );
  });
});

describe("disabling a user", () => {
  it("answers nothing, holds, and can be taken back", async () => {
    expect(await graph.ask(`PATCH /users/${ada}`, disable)).toMatchObject({ status: 204, body: undefined });
    expect(await enabled()).toBe(false);
    expect(await graph.told("PATCH /users/ADA@contoso.com", { accountEnabled: true })).toBe("204");
    expect(await enabled()).toBe(true);
  });

  it.each([
    [["User.EnableDisableAccount.All", "User.Read.All"], "204"],
    [["User.ReadWrite.All"], "204"],
    [["Directory.ReadWrite.All"], "204"],
    [["User.EnableDisableAccount.All"], sensitive],
    [["User.Read.All", "User.RevokeSessions.All"], sensitive],
  ])("with %j is answered %s", async (permissions, answer) => {
    graph.state.permissions = permissions;

    expect(await graph.told(`PATCH /users/${ada}`, disable)).toBe(answer);
  });

  it("who holds a directory role is refused, unless the application holds one itself", async () => {
    graph.state.roles = [{ principalId: ada, displayName: "Global Administrator", roleTemplateId: "62e90394" }];

    const { status, body } = await graph.ask(`PATCH /users/${ada}`, disable);
    expect([status, body?.error?.code, body?.error?.message]).toEqual([
      403,
      "Authorization_RequestDenied",
      "Insufficient privileges to complete the operation.",
    ]);
    expect(await enabled()).toBe(true);
    graph.state.appHoldsRole = true;
    expect(await graph.told(`PATCH /users/${ada}`, disable)).toBe("204");
  });

  it("who is a member of a role-assignable group is refused as well", async () => {
    graph.state.roleAssignableGroupMembers = [ada];

    expect(await graph.told(`PATCH /users/${ada}`, disable)).toBe(sensitive);
  });

  it.each([
    ["no body", undefined, "400 BadRequest"],
    ["what is no JSON", "{", "400 BadRequest"],
    ["nothing in it", {}, "400 Request_BadRequest"],
    ["a list", [], "400 Request_BadRequest"],
    ["text for a truth", { accountEnabled: "false" }, "400 Request_BadRequest"],
    ["null", { accountEnabled: null }, "400 Request_BadRequest"],
    ["another letter case", { AccountEnabled: false }, "400 Request_BadRequest"],
    ["a property that nobody has", { accountEnabled: false, locked: true }, "400 Request_BadRequest"],
    ["a property that is not played", { accountEnabled: false, jobTitle: "x" }, "501 NotSimulated"],
  ])("with %s changes nothing", async (_, body, answer) => {
    expect(await graph.told(`PATCH /users/${ada}`, body)).toBe(answer);
    expect(await graph.told(`PATCH /servicePrincipals/${app}`, body)).toMatch(/^400/);
    expect(await enabled()).toBe(true);
  });

  it("names the property that was wrong", async () => {
    const { body } = await graph.ask(`PATCH /users/${ada}`, { accountEnabled: "false" });

    expect(body?.error?.message).toBe("Invalid value specified for property 'accountEnabled' of resource 'User'.");
  });

  it("is refused when the body is not said to be JSON", async () => {
    const answer = await graph.ask(`PATCH /users/${ada}`, disable, { "content-type": "text/plain" });

    expect(answer.status).toBe(400);
  });
});

describe("a user whom Active Directory owns", () => {
  const hour = 3_600_000;
  const untilTheFullHour = 29 * 60_000 + 59_250;

  beforeEach(() => {
    for (const user of graph.state.users) user.onPremisesSyncEnabled = true;
    graph.state.syncEveryMs = hour;
  });

  it("is disabled by the cloud until the next sync, which enables again", async () => {
    expect(await graph.told(`PATCH /users/${ada}`, disable)).toBe("204");
    await graph.clock.advance(untilTheFullHour - 1);
    expect(await enabled()).toBe(false);
    await graph.clock.advance(1);
    expect(await enabled()).toBe(true);
  });

  it("can be disabled again after it, for another interval", async () => {
    await graph.told(`PATCH /users/${ada}`, disable);
    await graph.clock.advance(5 * hour);
    expect(await enabled()).toBe(true);
    await graph.told(`PATCH /users/${ada}`, disable);
    expect(await enabled()).toBe(false);
    await graph.clock.advance(hour);
    expect(await enabled()).toBe(true);
  });

  it("stays disabled where no sync runs, and where the cloud owns the user", async () => {
    delete graph.state.syncEveryMs;
    await graph.told(`PATCH /users/${ada}`, disable);
    await graph.clock.advance(5 * hour);
    expect(await enabled()).toBe(false);

    graph.state.syncEveryMs = hour;
    graph.state.users = graph.state.users.map((user) => ({
      ...user,
      accountEnabled: true,
      onPremisesSyncEnabled: null,
    }));
    await graph.told(`PATCH /users/${ada}`, disable);
    await graph.clock.advance(5 * hour);
    expect(await enabled()).toBe(false);
  });
});

describe("disabling a service principal", () => {
  it("answers nothing and holds", async () => {
    expect(await graph.ask(`PATCH /servicePrincipals/${app}`, disable)).toMatchObject({ status: 204, body: undefined });
    expect((await graph.ask(`GET /servicePrincipals/${app}`)).body).toMatchObject({ accountEnabled: false });
    expect(await graph.told(`PATCH /servicePrincipals/${ada}`, disable)).toBe("404 Request_ResourceNotFound");
  });

  it("needs the right to write every application: whose owner the caller is, is not played", async () => {
    graph.state.permissions = ["Application.ReadWrite.OwnedBy", "Application.Read.All"];
    expect(await graph.told(`PATCH /servicePrincipals/${app}`, disable)).toBe(sensitive);
    graph.state.permissions = ["Application.ReadWrite.All"];
    expect(await graph.told(`PATCH /servicePrincipals/${app}`, disable)).toBe("204");
  });
});

it("records the permissions that a call needs, any one of which is enough", async () => {
  await graph.told(`PATCH /users/${ada}`, disable);
  await graph.told(`GET /users/${ada}`);

  expect(graph.azure.calls.map(({ operationId, permissions }) => [operationId, ...permissions])).toEqual([
    ["Graph_UpdateUser", "User.EnableDisableAccount.All", "User.ReadWrite.All", "Directory.ReadWrite.All"],
    ["Graph_GetUser", "User.Read.All", "User.ReadWrite.All", "Directory.Read.All"],
  ]);
});
