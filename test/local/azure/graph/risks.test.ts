import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { createGatewayLog } from "../../../../local/azure/gateway/gateway-log.ts";
import { createGraphHost } from "../../../../local/azure/graph/graph-host.ts";
import { createIdentity } from "../../../../local/azure/identity.ts";
import { type OpenGraph, openGraph } from "./open-graph.ts";

const ada = "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0";
const bob = "29f270bb-4d23-4f68-8a57-dc73dc0d4caf";
const nobody = "00000000-0000-4000-8000-00000000dead";
const app = "9089a539-a539-9089-39a5-899039a58990";

let graph: OpenGraph;

beforeEach(async () => {
  graph = await openGraph();
  graph.state.users = [{ id: ada, displayName: "Ada", userPrincipalName: "ada@contoso.com" }, { id: bob }];
  graph.state.servicePrincipals = [{ id: app, displayName: "shop", servicePrincipalType: "Application" }];
});
afterEach(() => graph.close());

/** A second later, so that the tenant may be asked again. */
async function later<T>(request: () => Promise<T>): Promise<T> {
  await graph.clock.advance(1000);
  return request();
}

const users = "/identityProtection/riskyUsers";
const apps = "/identityProtection/riskyServicePrincipals";
const all = { prefer: "include-unknown-enum-members" };

describe("users at risk", () => {
  it("are those whom somebody confirmed to be compromised, until it is dismissed", async () => {
    expect(await graph.told(`GET ${users}/${ada}`)).toBe("404 Request_ResourceNotFound");
    const confirmed = await later(() => graph.ask(`POST ${users}/confirmCompromised`, { userIds: [ada, bob] }));
    expect(confirmed).toMatchObject({ status: 204, body: undefined });
    expect((await later(() => graph.ask(`GET ${users}/${ada}`))).body).toEqual({
      id: ada,
      isDeleted: false,
      isProcessing: false,
      userDisplayName: "Ada",
      userPrincipalName: "ada@contoso.com",
      riskLevel: "high",
      riskState: "confirmedCompromised",
      riskDetail: "adminConfirmedUserCompromised",
      riskLastUpdatedDateTime: "2026-11-23T09:30:01.000Z",
    });

    expect(await later(() => graph.told(`POST ${users}/dismiss`, { userIds: [ada] }))).toBe("204");
    const dismissed = { riskLevel: "none", riskState: "dismissed", riskDetail: "adminDismissedAllRiskForUser" };
    expect((await later(() => graph.ask(`GET ${users}/${ada}`))).body).toMatchObject(dismissed);
    expect((await later(() => graph.ask(`GET ${users}/${bob}`))).body).toMatchObject({ riskLevel: "high" });
  });

  it("stay as they are when one of the ids is nobody's", async () => {
    const request = { userIds: [ada, nobody] };

    expect(await graph.told(`POST ${users}/confirmCompromised`, request)).toBe("404 Request_ResourceNotFound");
    expect(await later(() => graph.told(`GET ${users}/${ada}`))).toBe("404 Request_ResourceNotFound");
  });

  it.each([
    undefined,
    {},
    { userIds: [] },
    { userIds: ada },
    { userIds: ["ada@contoso.com"] },
    { UserIds: [ada] },
    { servicePrincipalIds: [app] },
    { userIds: [ada], reason: "phished" },
  ])("are not to be confirmed with %j", async (body) => {
    expect(await graph.told(`POST ${users}/confirmCompromised`, body)).toBe("400 BadRequest");
    expect(await later(() => graph.told(`POST ${users}/dismiss`, body))).toBe("400 BadRequest");
  });

  it.each([
    [`GET ${users}/${ada}`, "IdentityRiskyUser.Read.All"],
    [`POST ${users}/confirmCompromised`, "IdentityRiskyUser.ReadWrite.All"],
    [`POST ${users}/dismiss`, "IdentityRiskyUser.ReadWrite.All"],
    [`GET ${apps}/${app}`, "IdentityRiskyServicePrincipal.Read.All"],
    [`POST ${apps}/confirmCompromised`, "IdentityRiskyServicePrincipal.ReadWrite.All"],
    [`POST ${apps}/dismiss`, "IdentityRiskyServicePrincipal.ReadWrite.All"],
  ])("%s needs %s", async (request, permission) => {
    const ids = { [request.includes(apps) ? "servicePrincipalIds" : "userIds"]: [request.includes(apps) ? app : ada] };
    const body = request.startsWith("POST") ? ids : undefined;
    graph.state.permissions = ["IdentityRiskyAgent.ReadWrite.All", "Directory.ReadWrite.All"];
    expect(await graph.told(request, body)).toBe("403 AccessDenied");
    graph.state.permissions = [permission];
    expect(await later(() => graph.told(request, body))).toMatch(/^204|^404/);
  });
});

describe("service principals at risk", () => {
  it("are those that somebody confirmed to be compromised, until it is dismissed", async () => {
    const ids = { servicePrincipalIds: [app] };
    expect(await graph.told(`POST ${apps}/confirmCompromised`, ids)).toBe("204");
    expect((await later(() => graph.ask(`GET ${apps}/${app}`, undefined, all))).body).toMatchObject({
      displayName: "shop",
      isEnabled: true,
      servicePrincipalType: "Application",
      riskLevel: "high",
      riskState: "confirmedCompromised",
      riskDetail: "adminConfirmedServicePrincipalCompromised",
    });
    expect(await later(() => graph.told(`POST ${apps}/dismiss`, ids))).toBe("204");
    const { body } = await later(() => graph.ask(`GET ${apps}/${app}`));
    expect(body).toMatchObject({ riskState: "dismissed", riskDetail: "unknownFutureValue" });
  });

  it("are told apart from users", async () => {
    expect(await graph.told(`POST ${apps}/confirmCompromised`, { servicePrincipalIds: [ada] })).toMatch(/^404/);
    expect(await later(() => graph.told(`POST ${apps}/confirmCompromised`, { userIds: [ada] }))).toMatch(/^400/);
  });
});

it("Identity Protection answers one request a second, whatever is asked, and does not say when again", async () => {
  expect(await graph.told(`POST ${users}/confirmCompromised`, { userIds: [ada] })).toBe("204");
  await graph.clock.advance(999);

  const { status, headers, body } = await graph.ask(`GET ${apps}/${app}`);
  expect([status, body?.error?.code, headers.get("retry-after")]).toEqual([429, "TooManyRequests", null]);
  expect(await graph.told(`GET /users/${ada}`)).toBe("200");
  await graph.clock.advance(1);
  expect(await graph.told(`GET ${users}/${ada}`)).toBe("200");
});

it("Identity Protection counts the requests of all applications of the tenant together, /security those of each", async () => {
  const [one, other] = ["22222222-2222-2222-2222-222222222222", "33333333-3333-3333-3333-333333333333"];
  const identity = createIdentity({ clock: graph.clock, header: "of this test", userAssigned: [other] });
  const host = createGraphHost(graph.state)({ clock: graph.clock, identity, gatewayLog: createGatewayLog() });
  const strike = { delayMs: 0, refuse: undefined, drop: undefined, staleRead: false, failOperation: false };
  async function askAs(clientId: string, path: string) {
    const query = `api-version=2019-08-01&resource=https://graph.microsoft.com&client_id=${clientId}`;
    const request = { url: new URL(`http://127.0.0.1/msi/token?${query}`), header: () => "of this test" };
    const { access_token } = z.object({ access_token: z.string() }).parse(identity.answerTokenRequest(request).body);
    const header = (name: string) => (name === "authorization" ? `Bearer ${access_token}` : undefined);
    const url = new URL(`https://graph.microsoft.com/v1.0${path}`);
    return (await host.answer({ method: "GET", url, header, text: "" }, strike)).status;
  }

  expect(await askAs(one, `${users}/${ada}`)).toBe(404);
  expect(await askAs(other, `${apps}/${app}`)).toBe(429);
  for (let request = 0; request < 150; request++) await askAs(one, "/security/alerts_v2");
  expect(await askAs(one, "/security/alerts_v2")).toBe(429);
  expect(await askAs(other, "/security/alerts_v2")).toBe(200);
});
