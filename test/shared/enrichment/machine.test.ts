import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type SimulatedMachine, simulatedMachine } from "../../../local/azure/endpoint/endpoint-state.ts";
import type { Entity } from "../../../shared/alerts/entity.ts";
import { createEndpoint, type Machine } from "../../../shared/azure/endpoint.ts";
import { createMachineLookUp } from "../../../shared/enrichment/machine.ts";
import { openTenant, type Tenant } from "../../support/a-tenant.ts";
import { aPayload, read } from "../../support/an-alert.ts";

type Host = Extract<Entity, { kind: "host" }>;

let tenant: Tenant;

beforeAll(async () => {
  tenant = await openTenant();
});
beforeEach(async () => {
  await tenant.clock.advance(600_000);
  tenant.azure.faults.clear();
  tenant.endpoint.machines = [];
  tenant.endpoint.permissions = new Set(["Machine.Read.All"]);
  tenant.takeCalls();
});
afterAll(() => tenant.close());

const [one, two, three] = ["1", "2", "3"].map((digit) => digit.repeat(40)) as [string, string, string];
const vm = (name: string) =>
  `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.Compute/virtualMachines/${name}`;
const onVm = (name: string) => ({
  vmMetadata: { vmId: "1", cloudProvider: "Azure", resourceId: vm(name), subscriptionId: "1" },
});

function there(...machines: (Pick<SimulatedMachine, "id"> & Partial<SimulatedMachine>)[]): void {
  tenant.endpoint.machines = machines.map(simulatedMachine);
}

function newLookUp() {
  return createMachineLookUp(createEndpoint(tenant.connection), { clock: tenant.clock, budgetMs: 2_000 });
}

function alertAbout(...hosts: Partial<Host>[]) {
  const entities = hosts.map((host): Host => ({ kind: "host", role: "victim", foundAt: "entities[0]", ...host }));
  return { ...read(aPayload()), entities };
}

async function find(host: Partial<Host>): Promise<string> {
  const { asked } = await newLookUp()(alertAbout(host));
  const [only] = asked;
  if (!only) throw new Error("nothing was asked");
  return "found" in only ? `${only.found.id[0]} by ${only.found.matchedBy}` : only.miss;
}

describe("a host is found", () => {
  it("by Defender's own id, with what guardrails want to know", async () => {
    there({
      id: one,
      computerDnsName: "web.contoso.com",
      deviceValue: "High",
      machineTags: ["shop"],
      rbacGroupName: "Servers",
    });

    const { asked } = await newLookUp()(alertAbout({ mdeDeviceId: one }));

    expect(asked).toEqual([
      {
        about: one,
        tookMs: expect.any(Number),
        found: {
          id: one,
          matchedBy: "mdeDeviceId",
          dnsName: "web.contoso.com",
          vmResourceId: undefined,
          lastSeen: "2026-11-23T09:00:00.1234567Z",
          deviceValue: "High",
          group: "Servers",
          tags: ["shop"],
        },
      },
    ]);
  });

  it("by the ARM id of its virtual machine, in any letter case, among others of such a name", async () => {
    there(
      { id: one, computerDnsName: "web", ...onVm("web") },
      { id: two, computerDnsName: "web-2", ...onVm("web-2") },
      { id: three, computerDnsName: "web" },
    );

    expect(await find({ resourceId: vm("WEB").toUpperCase() })).toBe("1 by vmResourceId");
  });

  it("by the ARM id although Windows has cut the name", async () => {
    there({ id: one, computerDnsName: "contoso-shop-we", ...onVm("contoso-shop-web-01") });

    expect(await find({ resourceId: vm("contoso-shop-web-01") })).toBe("1 by vmResourceId");
  });

  it("by its exact DNS name", async () => {
    there(
      { id: one, computerDnsName: "web.contoso.com" },
      { id: two, computerDnsName: "web.contoso.com.fabrikam.com" },
    );

    expect(await find({ fqdn: "web.contoso.com" })).toBe("1 by dnsName");
  });

  it("by its DNS name where Defender does not know the virtual machine", async () => {
    there({ id: one, computerDnsName: "web.contoso.com" });

    expect(await find({ resourceId: vm("web"), fqdn: "web.contoso.com" })).toBe("1 by dnsName");
  });

  it("as the active one of several records, when it was also seen last", async () => {
    there(
      { id: one, computerDnsName: "web.contoso.com", healthStatus: "Inactive", lastSeen: "2026-10-01T00:00:00Z" },
      { id: two, computerDnsName: "web.contoso.com", lastSeen: "2026-11-23T09:00:00Z" },
      {
        id: three,
        computerDnsName: "web.contoso.com",
        onboardingStatus: "CanBeOnboarded",
        lastSeen: "2026-11-23T09:10:00Z",
      },
    );

    expect(await find({ fqdn: "web.contoso.com" })).toBe("2 by dnsName");
  });
});

describe("a host is missed", () => {
  it.each<[string, Partial<Host>, (Pick<SimulatedMachine, "id"> & Partial<SimulatedMachine>)[], RegExp]>([
    ["has only a short name", { name: "web" }, [{ id: one, computerDnsName: "web" }], /short name/],
    ["has a DNS name without a dot", { fqdn: "web" }, [{ id: one, computerDnsName: "web" }], /short name/],
    ["has only an agent id", { agentId: "x" }, [{ id: one }], /no other id/],
    ["is unknown", { fqdn: "db.contoso.com" }, [{ id: one }], /no machine .* called db/],
    ["is known by no such id", { mdeDeviceId: two }, [{ id: one }], /no machine .* has the id 2/],
    [
      "is two active machines",
      { fqdn: "web.contoso.com" },
      [
        { id: one, computerDnsName: "web.contoso.com" },
        { id: two, computerDnsName: "web.contoso.com" },
      ],
      /^2 active machines/,
    ],
    [
      "was set up again after the active record was seen",
      { fqdn: "web.contoso.com" },
      [
        { id: one, computerDnsName: "web.contoso.com", lastSeen: "2026-11-20T00:00:00Z" },
        { id: two, computerDnsName: "web.contoso.com", healthStatus: "NoSensorData", lastSeen: "2026-11-23T00:00:00Z" },
      ],
      /seen before another/,
    ],
    [
      "is inactive",
      { mdeDeviceId: one },
      [{ id: one, healthStatus: "Inactive" }],
      /none of the 1 .* \(Inactive, Onboarded\)/,
    ],
    ["is not onboarded", { mdeDeviceId: one }, [{ id: one, onboardingStatus: "InsufficientInfo" }], /none of the 1/],
    [
      "belongs to another virtual machine than its name",
      { resourceId: vm("web"), fqdn: "web.contoso.com" },
      [{ id: one, computerDnsName: "web.contoso.com", ...onVm("other") }],
      /another virtual machine/,
    ],
    [
      "is another Entra device",
      { mdeDeviceId: one, azureAdDeviceId: "6ea9d5a1-0000-4000-8000-000000000001" },
      [{ id: one, aadDeviceId: "6ea9d5a1-0000-4000-8000-000000000002" }],
      /another Entra device/,
    ],
    [
      "is called like one whose name merely begins so",
      { resourceId: vm("web") },
      [{ id: one, computerDnsName: "web-2", ...onVm("web-2") }],
      /no machine .* belongs to/,
    ],
  ])("when it %s", async (_, host, machines, reason) => {
    there(...machines);

    expect(await find(host)).toMatch(reason);
  });

  it.each([`${vm("x")}'`, vm("web') or startswith(computerDnsName,'"), vm("..")])(
    "when its ARM id ends in %j, which is not searched for",
    async (resourceId) => {
      there({ id: one, computerDnsName: "web", ...onVm("web") });

      expect(await find({ resourceId })).toMatch(/not end in a machine's name|short name/);
      expect(tenant.takeCalls()).toEqual([]);
    },
  );

  it("when its DNS name is none, which is not searched for", async () => {
    expect(await find({ fqdn: "a' or 'b' eq 'b.contoso.com" })).toMatch(/short name/);
    expect(tenant.takeCalls()).toEqual([]);
  });
});

describe("what Defender said", () => {
  const machine = (id: string, more: Partial<Machine> = {}): Machine => ({
    id,
    healthStatus: "Active",
    onboardingStatus: "Onboarded",
    tags: [],
    ...more,
  });
  const reads = (found: Machine[]) => ({
    machine: vi.fn(async () => found[0]),
    machinesByDnsName: vi.fn(async () => found),
    machinesByNamePrefix: vi.fn(async () => found),
  });
  const budget = () => ({ clock: tenant.clock, budgetMs: 2_000 });

  it("is kept for one virtual machine, and not for all whose names begin alike", async () => {
    const client = reads([
      machine(one, { vmResourceId: vm("contoso-shop-web-1") }),
      machine(two, { vmResourceId: vm("contoso-shop-web-2") }),
    ]);
    const lookUp = createMachineLookUp(client, budget());

    const { asked } = await lookUp(
      alertAbout(
        ...["contoso-shop-web-1", "CONTOSO-shop-web-1", "contoso-shop-web-2"].map((name) => ({ resourceId: vm(name) })),
      ),
    );

    expect(asked).toMatchObject([one, one, two].map((id) => ({ found: { id } })));
    expect(client.machinesByNamePrefix).toHaveBeenCalledTimes(2);
  });

  it.each<[string, Partial<Host>, Partial<Host>, keyof ReturnType<typeof reads>]>([
    ["id", { mdeDeviceId: "ab".repeat(20) }, { mdeDeviceId: "AB".repeat(20) }, "machine"],
    ["DNS name", { fqdn: "web.contoso.com" }, { fqdn: "WEB.contoso.com" }, "machinesByDnsName"],
  ])("is found again by its %s in another letter case", async (_, first, again, method) => {
    const client = reads([machine("ab".repeat(20), { dnsName: "Web.Contoso.com" })]);
    const lookUp = createMachineLookUp(client, budget());

    const answers = [await lookUp(alertAbout(first)), await lookUp(alertAbout(again))];

    expect(answers.map(({ asked }) => asked.map((answer) => "found" in answer))).toEqual([[true], [true]]);
    expect(client[method]).toHaveBeenCalledTimes(1);
  });

  it("is one machine where the same record was found twice, and two where their names differ in letter case only", async () => {
    const twice = [
      machine("ab".repeat(20), { dnsName: "web.contoso.com" }),
      machine("AB".repeat(20), { dnsName: "WEB.contoso.com" }),
    ];
    const [same] = (await createMachineLookUp(reads(twice), budget())(alertAbout({ fqdn: "web.contoso.com" }))).asked;
    const differing = [machine(one, { dnsName: "web.contoso.com" }), machine(two, { dnsName: "WEB.contoso.com" })];
    const [other] = (await createMachineLookUp(reads(differing), budget())(alertAbout({ fqdn: "web.contoso.com" })))
      .asked;

    expect(same).toHaveProperty("found");
    expect(other).toMatchObject({ miss: expect.stringMatching(/^2 active machines/) });
  });
});

describe("machines", () => {
  it("are asked for once in ten minutes, also when the permission is missing", async () => {
    there({ id: one });
    const lookUp = newLookUp();
    await lookUp(alertAbout({ mdeDeviceId: one }));
    await lookUp(alertAbout({ mdeDeviceId: one }));
    expect(tenant.takeCalls()).toHaveLength(1);

    tenant.endpoint.permissions = new Set();
    const [first, again] = [
      await lookUp(alertAbout({ mdeDeviceId: two })),
      await lookUp(alertAbout({ mdeDeviceId: two })),
    ];
    expect(first.asked).toMatchObject([{ miss: expect.stringContaining("403") }]);
    expect(again.asked).toMatchObject([{ miss: expect.stringContaining("403") }]);
    expect(tenant.takeCalls()).toHaveLength(1);
  });

  it("of more than five hosts are found for the attackers' first", async () => {
    const hosts = ["1", "2", "3", "4", "5", "6"].map((digit) => ({ mdeDeviceId: digit.repeat(40) }));
    there(...hosts.map(({ mdeDeviceId: id }) => ({ id })));
    const alert = alertAbout(...hosts);
    alert.entities[5] = { kind: "host", role: "attacker", foundAt: "entities[5]", mdeDeviceId: "6".repeat(40) };

    const { asked, notAsked } = await newLookUp()(alert);

    expect(asked.map(({ about }) => about[0])).toEqual(["6", "1", "2", "3", "4"]);
    expect(notAsked).toBe("not asked: 1 more than the first 5");
  });
});
