import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGatewayLog } from "../../../../local/azure/gateway/gateway-log.ts";
import { createGraphHost, staleGraphReads } from "../../../../local/azure/graph/graph-host.ts";
import { createIdentity } from "../../../../local/azure/identity.ts";
import { defaultIdentityHeader } from "../../../../local/azure/simulated-azure.ts";
import { aServiceCredential } from "../../../support/a-service-credential.ts";
import { type OpenGraph, openGraph } from "./open-graph.ts";

const ada = "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0";
const app = "9089a539-a539-9089-39a5-899039a58990";

let graph: OpenGraph;

beforeEach(async () => {
  graph = await openGraph();
  graph.state.users = [{ id: ada, userPrincipalName: "ada@contoso.com", accountEnabled: true }];
  graph.state.servicePrincipals = [{ id: app, accountEnabled: true }];
  graph.state.alerts = [{ id: "da1", incidentId: "7", status: "new" }];
  graph.state.incidents = [{ id: "7", status: "active" }];
});
afterEach(() => graph.close());

const enabled = async () => (await graph.ask(`GET /users/${ada}?$select=accountEnabled`)).body?.accountEnabled;

describe("where the tenant is slow to agree with itself", () => {
  beforeEach(() => {
    graph.state.staleReadMs = 5000;
  });

  it("a read shows the old value for that long after a write", async () => {
    await graph.ask(`PATCH /users/${ada}`, { accountEnabled: false });
    await graph.clock.advance(4999);
    expect(await enabled()).toBe(true);
    await graph.clock.advance(1);
    expect(await enabled()).toBe(false);
  });

  it("each of two writes becomes visible in its own time", async () => {
    await graph.ask(`PATCH /users/${ada}`, { accountEnabled: false });
    await graph.clock.advance(3000);
    await graph.ask(`PATCH /users/${ada}`, { accountEnabled: true });
    expect(await enabled()).toBe(true);
    await graph.clock.advance(2000);
    expect(await enabled()).toBe(false);
    await graph.clock.advance(3000);
    expect(await enabled()).toBe(true);
  });

  it("what was just made is not there yet", async () => {
    await graph.ask("POST /identityProtection/riskyUsers/confirmCompromised", { userIds: [ada] });
    await graph.clock.advance(1000);
    expect(await graph.told(`GET /identityProtection/riskyUsers/${ada}`)).toBe("404 Request_ResourceNotFound");
    await graph.clock.advance(4000);
    expect(await graph.told(`GET /identityProtection/riskyUsers/${ada}`)).toBe("200");
  });

  it("a write builds on what is true, not on what is seen", async () => {
    const comment = { "@odata.type": "#microsoft.graph.security.alertComment", comment: "x" };
    await graph.ask("POST /security/alerts_v2/da1/comments", comment);

    expect((await graph.ask("POST /security/alerts_v2/da1/comments", comment)).body?.value).toHaveLength(2);
  });
});

describe("a read that is struck", () => {
  const strike = { delayMs: 0, refuse: undefined, drop: undefined, staleRead: true, failOperation: false };
  const reads: Record<string, string> = {
    Graph_ListAlerts: "GET /security/alerts_v2",
    Graph_GetAlert: "GET /security/alerts_v2/da1",
    Graph_GetIncident: "GET /security/incidents/7",
    Graph_ListIncidentAlerts: "GET /security/incidents/7/alerts",
    Graph_ListUsers: "GET /users?$select=accountEnabled",
    Graph_GetUser: `GET /users/${ada}?$select=accountEnabled`,
    Graph_GetServicePrincipal: `GET /servicePrincipals/${app}`,
    Graph_GetByIds: "POST /directoryObjects/getByIds?$select=accountEnabled",
    Graph_GetRiskyUser: `GET /identityProtection/riskyUsers/${ada}`,
    Graph_GetRiskyServicePrincipal: `GET /identityProtection/riskyServicePrincipals/${app}`,
  };

  it.each(staleGraphReads)(
    "shows, in %s, what was there before the latest write, however long ago",
    async (operation) => {
      const writes: [string, unknown][] = [
        ["PATCH /security/alerts_v2/da1", { status: "resolved" }],
        ["PATCH /security/incidents/7", { status: "resolved" }],
        [`PATCH /users/${ada}`, { accountEnabled: false }],
        [`PATCH /servicePrincipals/${app}`, { accountEnabled: false }],
        ["POST /identityProtection/riskyUsers/confirmCompromised", { userIds: [ada] }],
        ["POST /identityProtection/riskyServicePrincipals/confirmCompromised", { servicePrincipalIds: [app] }],
      ];
      for (const [request, body] of writes) {
        await graph.clock.advance(1000);
        expect(await graph.told(request, body)).toMatch(/^20[04]$/);
      }
      await graph.clock.advance(86_400_000);
      const identity = createIdentity({ clock: graph.clock, header: defaultIdentityHeader });
      const host = createGraphHost(graph.state)({ clock: graph.clock, identity, gatewayLog: createGatewayLog() });
      const token = await aServiceCredential(graph.clock).getToken("https://graph.microsoft.com/.default");
      const [method = "", path = ""] = (reads[operation] ?? "").split(" ");
      const url = new URL(`https://graph.microsoft.com/v1.0${path}`);
      const header = (name: string) => (name === "authorization" ? `Bearer ${token?.token}` : undefined);
      const call = { method, url, header, text: method === "POST" ? JSON.stringify({ ids: [ada, app] }) : "" };

      const struck = await host.answer(call, strike);
      await graph.clock.advance(1000);
      const read = await host.answer(call, { ...strike, staleRead: false });

      expect(host.operationOf(method, url)).toBe(operation);
      expect(JSON.stringify(struck.body)).toMatch(
        /"accountEnabled":true|"status":"(new|active)"|Request_ResourceNotFound/,
      );
      expect(JSON.stringify(read.body)).toMatch(/"accountEnabled":false|"status":"resolved"|"confirmedCompromised"/);
    },
  );
});
