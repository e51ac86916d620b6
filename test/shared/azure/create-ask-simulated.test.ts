import { afterAll, beforeAll, expect, it } from "vitest";
import { createCloudAppsHost } from "../../../local/azure/cloud-apps/cloud-apps-host.ts";
import { cloudAppsState } from "../../../local/azure/cloud-apps/cloud-apps-state.ts";
import { simulatedMachine } from "../../../local/azure/endpoint/endpoint-state.ts";
import { startSimulatedAzure } from "../../../local/azure/simulated-azure.ts";
import type { Ask, AzureRequest } from "../../../shared/azure/ask.ts";
import { createAsk } from "../../../shared/azure/create-ask.ts";
import { createRewritingHttpClient } from "../../../shared/azure/rewriting-http-client.ts";
import { aServiceCredential } from "../../support/a-service-credential.ts";
import { networkId, openTenant, shopId, subscriptionId, type Tenant } from "../../support/a-tenant.ts";

let tenant: Tenant;
let ask: Ask;

beforeAll(async () => {
  tenant = await openTenant();
  ask = createAsk(tenant.connection, { applicationsConnection: tenant.connection });
});
afterAll(() => tenant.close());

const asked = (service: AzureRequest["service"], method: AzureRequest["method"], path: string, more: object = {}) =>
  ask({ service, attempt: "ask the simulated Azure", method, path, ...more });

it("Microsoft.Network answers over its own client", async () => {
  const id = networkId("publicIPAddresses", "gateway");
  tenant.network.publicIPAddresses.push({ id, ipAddress: "203.0.113.9" });

  const list = `/subscriptions/${subscriptionId}/providers/Microsoft.Network/publicIPAddresses?api-version=2024-05-01`;
  expect(await asked("resource-manager", "GET", list)).toMatchObject({ status: 200, body: { value: [{ id }] } });
});

it("a fragment of API Management is put, followed, read, and taken away", async () => {
  const fragment = `${shopId}/policyFragments/asked?api-version=2024-05-01`;
  const value = '<fragment><set-variable name="a" value="b" /></fragment>';
  const body = { properties: { format: "xml", value } };

  const put = await asked("resource-manager", "PUT", fragment, { body, headers: { "If-None-Match": "*" } });
  expect(put).toMatchObject({ status: 201, operation: expect.stringContaining("/operationResults/") });
  expect(await asked("resource-manager", "GET", put.operation ?? "")).toMatchObject({ status: 200 });

  const read = await asked("resource-manager", "GET", fragment);
  expect(read.etag).toBeDefined();
  await expect(
    asked("resource-manager", "DELETE", fragment, { headers: { "If-Match": '"old"' } }),
  ).rejects.toMatchObject({
    status: 412,
    requestId: expect.stringMatching(/^[\w-]+$/),
  });
  expect(
    await asked("resource-manager", "DELETE", fragment, { headers: { "If-Match": read.etag ?? "" } }),
  ).toMatchObject({
    body: undefined,
  });
  expect(await asked("resource-manager", "GET", fragment)).toEqual({ status: 404, body: undefined });
});

it("Graph answers both identities, and says what is missing", async () => {
  const user = { id: "00000000-0000-4000-8000-00000000000a", userPrincipalName: "eve@contoso.com" };
  tenant.graph.users.push(user);

  for (const service of ["graph", "applications"] as const) {
    const filter = encodeURIComponent("userPrincipalName eq 'eve@contoso.com'");
    expect(await asked(service, "GET", `/v1.0/users?$filter=${filter}&$select=id`)).toMatchObject({
      body: { value: [{ id: user.id }] },
    });
    expect(await asked(service, "POST", "/v1.0/directoryObjects/getByIds", { body: { ids: [user.id] } })).toMatchObject(
      {
        body: { value: [{ id: user.id }] },
      },
    );
    expect(await asked(service, "GET", "/v1.0/security/alerts_v2/none")).toEqual({ status: 404, body: undefined });
  }
});

it("Defender for Endpoint answers the token for its older name", async () => {
  const id = "a".repeat(40);
  tenant.endpoint.machines.push(simulatedMachine({ id }));

  expect(await asked("endpoint", "GET", `/api/machines/${id}`)).toMatchObject({ status: 200, body: { id } });
});

it("Defender for Cloud Apps answers at the tenant's address", async () => {
  const { clock } = tenant;
  const azure = await startSimulatedAzure({
    port: 0,
    gatewayPort: 0,
    clock,
    services: [],
    hosts: [createCloudAppsHost(cloudAppsState())],
  });
  const connected = { credential: aServiceCredential(clock), httpClient: createRewritingHttpClient(azure.url) };
  const cloudAppsUrl = "https://contoso.eu2.portal.cloudappsecurity.com";
  const search = { service: "cloud-apps", attempt: "search", method: "POST", path: "/api/v1/alerts/" } as const;

  expect(await createAsk(async () => connected, { cloudAppsUrl })({ ...search, body: { filters: {} } })).toMatchObject({
    body: { data: [], hasNext: false },
  });
  await azure.close();
});
