import { NetworkManagementClient, type PublicIPAddress, type PublicIPPrefix } from "@azure/arm-network";
import type { PipelineRequest } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createOwnAddresses, type OwnAddresses } from "../../../shared/azure/own-addresses.ts";
import { networkId, openTenant, shopId, subscriptionId, type Tenant } from "../../support/a-tenant.ts";

let tenant: Tenant;
let client: OwnAddresses;

beforeAll(async () => {
  tenant = await openTenant();
  client = createOwnAddresses(tenant.connection);
});
beforeEach(() => {
  tenant.azure.faults.clear();
  tenant.network.publicIPAddresses.length = 0;
  tenant.network.publicIPPrefixes.length = 0;
  tenant.network.pageSize = 2;
  tenant.takeCalls();
});
afterAll(() => tenant.close());

describe("the public addresses of a subscription", () => {
  it("are its addresses and its blocks, with what each is bound to, over all pages", async () => {
    const gateway = networkId("applicationGateways", "agw", "/frontendIPConfigurations/public");
    const nat = networkId("natGateways", "nat");
    tenant.network.publicIPAddresses.push(
      { id: networkId("publicIPAddresses", "pip-agw"), ipAddress: "203.0.113.10", ipConfigurationId: gateway },
      { id: networkId("publicIPAddresses", "pip-free") },
      { id: networkId("publicIPAddresses", "pip-nat"), ipAddress: "203.0.113.11", natGatewayId: nat },
    );
    tenant.network.publicIPPrefixes.push({ id: networkId("publicIPPrefixes", "egress"), ipPrefix: "198.51.100.0/28" });

    const found = await client.inSubscription(subscriptionId);

    expect(found).toEqual([
      { network: "203.0.113.10", resourceId: networkId("publicIPAddresses", "pip-agw"), boundTo: gateway },
      { network: "203.0.113.11", resourceId: networkId("publicIPAddresses", "pip-nat"), boundTo: nat },
      { network: "198.51.100.0/28", resourceId: networkId("publicIPPrefixes", "egress") },
    ]);
    expect(tenant.takeCalls().sort()).toEqual([
      "PublicIPAddresses_ListAll 200",
      "PublicIPAddresses_ListAll 200",
      "PublicIPPrefixes_ListAll 200",
    ]);
  });

  it("of other subscriptions are not among them", async () => {
    const elsewhere = networkId("publicIPAddresses", "pip").replace(
      subscriptionId,
      "00000000-0000-4000-8000-000000000002",
    );
    tenant.network.publicIPAddresses.push({ id: elsewhere, ipAddress: "203.0.113.12" });

    expect(await client.inSubscription(subscriptionId.toUpperCase())).toEqual([]);
  });

  it("are not taken for all when a later page cannot be read", async () => {
    for (let index = 1; index <= 3; index++) {
      tenant.network.publicIPAddresses.push({
        id: networkId("publicIPAddresses", `pip-${index}`),
        ipAddress: `203.0.113.${index}`,
      });
    }
    const { httpClient, credential } = await tenant.connection();
    if (!httpClient) throw new Error("the tenant has no transport");
    const other = createOwnAddresses(async () => ({
      credential,
      httpClient: {
        async sendRequest(request) {
          const response = await httpClient.sendRequest(request);
          const bodyAsText = response.bodyAsText?.replace(
            "https://management.azure.com/",
            "https://elsewhere.example/",
          );
          return { ...response, bodyAsText: bodyAsText ?? null };
        },
      },
    }));

    await expect(other.inSubscription(subscriptionId)).rejects.toMatchObject({ code: "UnexpectedAnswer" });
  });

  it.each([
    ["is throttled", 429, true],
    ["is down", 503, true],
  ] as const)("cannot be told while the service %s", async (_, status, transient) => {
    tenant.azure.faults.add({ kind: "status", operation: "PublicIPPrefixes_ListAll", status });

    await expect(client.inSubscription(subscriptionId)).rejects.toMatchObject({
      name: "AzureError",
      status,
      transient,
    });
  });

  it("cannot be told of a subscription that is not there", async () => {
    await expect(client.inSubscription("00000000-0000-4000-8000-00000000dead")).rejects.toMatchObject({
      status: 404,
      transient: false,
    });
  });
});

describe("the addresses of an API Management service", () => {
  const answering = async (body: unknown): Promise<OwnAddresses> => {
    const { httpClient, credential } = await tenant.connection();
    if (!httpClient) throw new Error("the tenant has no transport");
    const sendRequest = async (request: PipelineRequest) => {
      const response = await httpClient.sendRequest(request);
      return { ...response, bodyAsText: JSON.stringify(body) };
    };
    return createOwnAddresses(async () => ({ credential, httpClient: { sendRequest } }));
  };

  it("are read with one request, and are the service's own", async () => {
    tenant.shop.publicIPAddresses = ["203.0.113.80", "203.0.113.81"];

    expect(await client.ofApiManagement(shopId)).toEqual([
      { network: "203.0.113.80", resourceId: shopId },
      { network: "203.0.113.81", resourceId: shopId },
    ]);
    expect(tenant.takeCalls()).toEqual(["ApiManagementService_Get 200"]);
  });

  it("are those of every region, and those of its NAT gateways", async () => {
    const regions = {
      publicIPAddresses: ["203.0.113.1"],
      outboundPublicIPAddresses: ["203.0.113.16/29"],
      additionalLocations: [
        { location: "North Europe", publicIPAddresses: ["203.0.113.2"], outboundPublicIPAddresses: null },
        { location: "UK South", publicIPAddresses: null },
      ],
    };

    const found = await (await answering({ properties: regions })).ofApiManagement(shopId);

    expect(found.map(({ network }) => network)).toEqual(["203.0.113.1", "203.0.113.16/29", "203.0.113.2"]);
  });

  it("are none where its tier tells none", async () => {
    tenant.shop.sku = "Consumption";
    const found = await client.ofApiManagement(shopId);
    tenant.shop.sku = "StandardV2";

    expect(found).toEqual([]);
  });

  it.each([
    ["a service that is not there", shopId.replace("contoso-shop", "gone"), { status: 404, transient: false }],
    ["what is no service", networkId("natGateways", "nat"), { name: "TypeError" }],
    ["what is no ARM id", "/subscriptions/x/../y", { name: "TypeError" }],
  ])("cannot be told of %s", async (_, id, error) => {
    await expect(client.ofApiManagement(id)).rejects.toMatchObject(error);
  });

  it("cannot be told from an answer that is something else", async () => {
    await expect((await answering({ value: [] })).ofApiManagement(shopId)).rejects.toMatchObject({
      status: 200,
      code: "UnexpectedAnswer",
    });
  });
});

it("are listed by the simulated service as @azure/arm-network reads them", async () => {
  const { credential, httpClient } = await tenant.connection();
  const sdk = new NetworkManagementClient(credential, subscriptionId, httpClient ? { httpClient } : {});
  const binding = networkId("loadBalancers", "lb", "/frontendIPConfigurations/public");
  for (let index = 1; index <= 3; index++) {
    tenant.network.publicIPAddresses.push({
      id: networkId("publicIPAddresses", `pip-${index}`),
      ipAddress: `203.0.113.${index}`,
      ipConfigurationId: binding,
    });
  }
  tenant.network.publicIPPrefixes.push({ id: networkId("publicIPPrefixes", "egress"), ipPrefix: "198.51.100.0/28" });

  const addresses: PublicIPAddress[] = [];
  for await (const address of sdk.publicIPAddresses.listAll()) addresses.push(address);
  const prefixes: PublicIPPrefix[] = [];
  for await (const prefix of sdk.publicIPPrefixes.listAll()) prefixes.push(prefix);

  expect(addresses.map(({ ipAddress, ipConfiguration }) => [ipAddress, ipConfiguration?.id])).toEqual([
    ["203.0.113.1", binding],
    ["203.0.113.2", binding],
    ["203.0.113.3", binding],
  ]);
  expect(prefixes.map(({ ipPrefix, prefixLength }) => [ipPrefix, prefixLength])).toEqual([["198.51.100.0/28", 28]]);
});
