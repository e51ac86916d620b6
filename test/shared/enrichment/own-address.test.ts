import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Entity, Role } from "../../../shared/alerts/entity.ts";
import { createOwnAddresses } from "../../../shared/azure/own-addresses.ts";
import { createOwnAddressLookUp } from "../../../shared/enrichment/own-address.ts";
import { networkId, openTenant, shopId, subscriptionId, type Tenant } from "../../support/a-tenant.ts";
import { aPayload, read } from "../../support/an-alert.ts";
import { createManualClock } from "../../support/manual-clock.ts";

const other = "00000000-0000-4000-8000-000000000002";
let tenant: Tenant;

beforeAll(async () => {
  tenant = await openTenant();
});
beforeEach(() => {
  tenant.azure.faults.clear();
  tenant.network.publicIPAddresses.length = 0;
  tenant.network.publicIPPrefixes.length = 0;
  tenant.takeCalls();
});
afterAll(() => tenant.close());

function alertFrom(...addresses: string[]) {
  const ip = (address: string, role: Role = "attacker"): Entity => {
    return { kind: "ip", role, foundAt: "x", address, class: "documentation" };
  };
  return { ...read(aPayload()), entities: [...addresses.map((address) => ip(address)), ip("192.0.2.200", "victim")] };
}

const budget = () => ({ clock: tenant.clock, budgetMs: 2_000 });
const lookUpAt = (services: readonly string[], subscriptions: readonly string[]) =>
  createOwnAddressLookUp(createOwnAddresses(tenant.connection), { services, subscriptions }, budget());
const lookUp = (...subscriptions: string[]) => lookUpAt([], subscriptions);

function bound(ipAddress: string, ipConfigurationId: string): void {
  tenant.network.publicIPAddresses.push({ id: networkId("publicIPAddresses", "pip"), ipAddress, ipConfigurationId });
}

describe("an attacker address", () => {
  const instance = "/virtualMachines/0/networkInterfaces/nic/ipConfigurations/c";
  it.each([
    [networkId("applicationGateways", "agw", "/frontendIPConfigurations/f"), "the application gateway agw", false],
    [networkId("loadBalancers", "lb", "/frontendIPConfigurations/f"), "the load balancer lb", false],
    [networkId("azureFirewalls", "fw", "/azureFirewallIpConfigurations/c"), "the firewall fw", false],
    [networkId("networkInterfaces", "vm-nic", "/ipConfigurations/c"), "the network interface vm-nic", true],
    [networkId("virtualMachineScaleSets", "vmss", instance), "the scale set vmss", true],
    [networkId("expressRouteThings", "x", "/ipConfigurations/c"), "expressRouteThings x", false],
  ])("that is bound to %s is ours, and says whose", async (configuration, owner, machine) => {
    bound("203.0.113.10", configuration);

    const { asked } = await lookUp(subscriptionId)(alertFrom("203.0.113.10"));

    const resourceId = networkId("publicIPAddresses", "pip");
    expect(asked).toMatchObject([{ about: "203.0.113.10", found: { own: true, owner, machine, resourceId } }]);
  });

  it("that is taken out of a block of ours is ours, and of the address itself where that is known", async () => {
    tenant.network.publicIPPrefixes.push({ id: networkId("publicIPPrefixes", "egress"), ipPrefix: "203.0.113.0/28" });
    tenant.network.publicIPAddresses.push({
      id: networkId("publicIPAddresses", "pip-nat"),
      ipAddress: "203.0.113.2",
      natGatewayId: networkId("natGateways", "nat"),
    });

    const { asked } = await lookUp(subscriptionId)(alertFrom("203.0.113.2", "203.0.113.3", "203.0.113.16"));

    expect(asked.map((one) => ("found" in one && one.found.own ? one.found.owner : "not ours"))).toEqual([
      "the NAT gateway nat",
      "the public IP prefix egress (203.0.113.0/28)",
      "not ours",
    ]);
  });

  it("is described by the address and not by the block, also when the block stands in the subscription that is asked first", async () => {
    const blocks = { network: "203.0.113.0/28", resourceId: networkId("publicIPPrefixes", "egress") };
    const address = {
      network: "203.0.113.2",
      resourceId: networkId("publicIPAddresses", "pip"),
      boundTo: networkId("natGateways", "nat"),
    };
    const client = {
      inSubscription: async (id: string) => (id === other ? [blocks] : [address]),
      ofApiManagement: async () => [],
    };
    const places = { services: [], subscriptions: [other, subscriptionId] };
    const find = createOwnAddressLookUp(client, places, budget());

    expect((await find(alertFrom("203.0.113.2"))).asked).toMatchObject([{ found: { owner: "the NAT gateway nat" } }]);
  });

  it("of version 6 is compared by what it means", async () => {
    tenant.network.publicIPAddresses.push({ id: networkId("publicIPAddresses", "six"), ipAddress: "2001:DB8:0:0::7" });

    expect((await lookUp(subscriptionId)(alertFrom("2001:db8::7"))).asked).toMatchObject([{ found: { own: true } }]);
  });

  it("that is bound to nothing is the public address's own", async () => {
    tenant.network.publicIPAddresses.push({ id: networkId("publicIPAddresses", "spare"), ipAddress: "203.0.113.9" });

    const { asked } = await lookUp(subscriptionId)(alertFrom("203.0.113.9"));

    expect(asked).toMatchObject([{ found: { owner: "the public IP address spare" } }]);
  });
});

describe("the addresses of an API Management service", () => {
  it("are ours", async () => {
    tenant.shop.publicIPAddresses = ["203.0.113.80"];

    const { asked } = await lookUpAt([shopId], [])(alertFrom("203.0.113.80"));

    expect(asked).toMatchObject([
      { found: { own: true, owner: "the API Management service contoso-shop", machine: false, resourceId: shopId } },
    ]);
  });
});

describe("an address that was not found", () => {
  it("is told with where it was looked for: the services, their subscriptions, and those that were given beside them", async () => {
    tenant.network.subscriptions = [subscriptionId, other];
    const { asked } = await lookUpAt([shopId], [other, other.toUpperCase()])(alertFrom("203.0.113.66"));
    tenant.network.subscriptions = [subscriptionId];

    expect(asked).toMatchObject([
      {
        found: {
          own: false,
          notAmong: `the public IP addresses of the subscriptions ${subscriptionId}, ${other} and of the API Management service contoso-shop`,
        },
      },
    ]);
  });

  it("is no stranger's where there was nowhere to look", async () => {
    expect(await lookUpAt([], [])(alertFrom("203.0.113.66"))).toEqual({
      asked: [],
      notAsked:
        "not asked: neither PORTCULLIS_API_MANAGEMENT nor PORTCULLIS_NETWORK_SUBSCRIPTIONS names a subscription of ours",
    });
  });

  it("is no stranger's where the service did not answer, and the others are still looked through", async () => {
    bound("203.0.113.10", networkId("natGateways", "nat"));
    tenant.azure.faults.add({ kind: "status", operation: "ApiManagementService_Get", status: 503 });

    const { asked } = await lookUpAt([shopId], [])(alertFrom("203.0.113.10", "203.0.113.66"));

    expect(asked).toMatchObject([{ found: { own: true } }, { miss: expect.stringMatching(/contoso-shop: 503/) }]);
  });
});

it("all addresses of an alert are looked for, however many they are", async () => {
  const addresses = Array.from({ length: 150 }, (_, index) => `203.0.113.${index + 1}`);
  bound("203.0.113.150", networkId("natGateways", "nat"));

  const { asked, notAsked } = await lookUp(subscriptionId)(alertFrom(...addresses));

  expect(asked).toHaveLength(150);
  expect(asked.at(-1)).toMatchObject({ about: "203.0.113.150", found: { own: true } });
  expect(notAsked).toBeUndefined();
  expect(tenant.takeCalls()).toHaveLength(2);
});

it("a list that is silent does not hide what another one has answered", async () => {
  const clock = createManualClock();
  const address = { network: "203.0.113.10", resourceId: networkId("publicIPAddresses", "pip") };
  const client = {
    inSubscription: (id: string) => (id === other ? new Promise<never>(() => {}) : Promise.resolve([address])),
    ofApiManagement: async () => [],
  };
  const places = { services: [], subscriptions: [other, subscriptionId] };

  const found = createOwnAddressLookUp(client, places, { clock, budgetMs: 2_000 })(
    alertFrom("203.0.113.10", "203.0.113.66"),
  );
  while (clock.waits().length < 1) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(2_000);

  expect((await found).asked).toMatchObject([
    { tookMs: 2_000, found: { own: true } },
    { tookMs: 2_000, miss: "no answer within 2000 ms" },
  ]);
});

describe("with a subscription that cannot be read", () => {
  it("an address of another one is still ours, but no address is surely a stranger's", async () => {
    bound("203.0.113.10", networkId("applicationGateways", "agw", "/frontendIPConfigurations/f"));

    const { asked } = await lookUp(other, subscriptionId)(alertFrom("203.0.113.10", "203.0.113.66"));

    expect(asked).toMatchObject([
      { found: { own: true } },
      { about: "203.0.113.66", miss: expect.stringMatching(/404 .*no such subscription/) },
    ]);
  });
});

describe("the list", () => {
  it("is read once for all addresses of an alert, and for the alerts of ten minutes", async () => {
    const find = lookUp(subscriptionId);
    await find(alertFrom("203.0.113.1", "203.0.113.2", "203.0.113.3"));
    await find(alertFrom("203.0.113.4"));
    expect(tenant.takeCalls()).toHaveLength(2);

    bound("203.0.113.4", networkId("loadBalancers", "lb"));
    await tenant.clock.advance(600_000);
    expect((await find(alertFrom("203.0.113.4"))).asked).toMatchObject([{ found: { own: true } }]);
  });

  it("is asked for again after it was throttled", async () => {
    tenant.azure.faults.add({ kind: "status", operation: "PublicIPAddresses_ListAll", status: 429, count: 1 });
    const find = lookUp(subscriptionId);

    expect((await find(alertFrom("203.0.113.1"))).asked).toMatchObject([{ miss: expect.stringContaining("429") }]);
    expect((await find(alertFrom("203.0.113.1"))).asked).toMatchObject([{ found: { own: false } }]);
  });

  it("is not asked for when nobody attacks from anywhere", async () => {
    expect(await lookUp(subscriptionId)(alertFrom())).toEqual({
      asked: [],
      notAsked: "not asked: the alert names no attacker address",
    });
    expect(tenant.takeCalls()).toEqual([]);
  });
});
