import { ManagedIdentityCredential } from "@azure/identity";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createEndpointHost } from "../../../local/azure/endpoint/endpoint-host.ts";
import { type EndpointState, endpointState, simulatedMachine } from "../../../local/azure/endpoint/endpoint-state.ts";
import { type SimulatedAzure, startSimulatedAzure } from "../../../local/azure/simulated-azure.ts";
import { createEndpoint, type Endpoint, type Machine } from "../../../shared/azure/endpoint.ts";
import { createRewritingHttpClient } from "../../../shared/azure/rewriting-http-client.ts";
import { aServiceCredential } from "../../support/a-service-credential.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";

const web = "a".repeat(40);
const old = "b".repeat(40);
const vm =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/shop/providers/Microsoft.Compute/virtualMachines/web";

let clock: ManualClock;
let state: EndpointState;
let azure: SimulatedAzure;
let endpoint: Endpoint;

beforeAll(async () => {
  clock = createManualClock("2026-11-23T09:30:00.000Z");
  state = endpointState();
  azure = await startSimulatedAzure({
    port: 0,
    gatewayPort: 0,
    clock,
    services: [],
    hosts: [createEndpointHost(state)],
  });
  Object.assign(process.env, azure.identity);
});
beforeEach(async () => {
  // What was called before is no longer held against the caller.
  await clock.advance(3_600_000);
  azure.faults.clear();
  azure.calls.length = 0;
  Object.assign(
    state,
    endpointState({
      machines: [
        simulatedMachine({
          id: web,
          computerDnsName: "web.contoso.com",
          aadDeviceId: "00000000-0000-0000-0000-000000000000",
          machineTags: ["shop"],
          rbacGroupName: "Servers",
          vmMetadata: { vmId: "1", cloudProvider: "Azure", resourceId: vm, subscriptionId: "1" },
        }),
        simulatedMachine({ id: old, computerDnsName: "web.contoso.com", healthStatus: "Inactive", deviceValue: null }),
        simulatedMachine({ id: "c".repeat(40), computerDnsName: "o'brien's pc" }),
        simulatedMachine({ id: "d".repeat(40), computerDnsName: null, onboardingStatus: "CanBeOnboarded" }),
      ],
      alerts: [{ id: "da638000000000000000_-880718168", machineId: web, evidence: [{ entityType: "Ip" }] }],
    }),
  );
  endpoint = createEndpoint(async () => ({
    credential: aServiceCredential(clock),
    httpClient: createRewritingHttpClient(azure.url),
  }));
});
afterAll(() => azure.close());

describe("a machine", () => {
  it("is read with what the guardrails need to know", async () => {
    expect(await endpoint.machine(web)).toEqual({
      id: web,
      dnsName: "web.contoso.com",
      healthStatus: "Active",
      onboardingStatus: "Onboarded",
      lastSeen: "2026-11-23T09:00:00.1234567Z",
      vmResourceId: vm,
      deviceValue: "Normal",
      tags: ["shop"],
      group: "Servers",
    });
  });

  it("that is not there is undefined", async () => {
    expect(await endpoint.machine("e".repeat(40))).toBeUndefined();
  });

  it.each([
    ["a GUID, which is an Entra device", "80fe8ff8-2624-418e-9591-41f0491218f9"],
    ["a name, for which the service would find a machine", "web.contoso.com"],
    ["a path", `../alerts/${web}`],
    ["nothing", ""],
  ])("is not asked for by %s", async (_, id) => {
    await expect(endpoint.machine(id)).rejects.toThrow("no machine id");
    expect(azure.calls).toEqual([]);
  });

  it("is found by a name, with every record of that name", async () => {
    const found = await endpoint.machinesByDnsName("web.contoso.com");

    expect(found.map(({ id, healthStatus }) => [id, healthStatus])).toEqual([
      [web, "Active"],
      [old, "Inactive"],
    ]);
  });

  it.each([
    ["that minds letter case", true],
    ["that does not", false],
  ])("is found in a service %s, however the alert spells its name", async (_, mindsLetterCase) => {
    state.mindsLetterCase = mindsLetterCase;
    state.machines.push(simulatedMachine({ id: "e".repeat(40), computerDnsName: "DB.contoso.com" }));
    const idsOf = (machines: Machine[]) => machines.map(({ id }) => id);

    expect(idsOf(await endpoint.machinesByDnsName("WEB.Contoso.com"))).toEqual([web, old]);
    expect(idsOf(await endpoint.machinesByNamePrefix("WEB."))).toEqual([web, old]);
    expect(idsOf(await endpoint.machinesByDnsName("DB.contoso.com"))).toEqual(["e".repeat(40)]);
    expect(idsOf(await endpoint.machinesByNamePrefix("DB."))).toEqual(["e".repeat(40)]);
  });

  it("is found by a name with quotes in capitals", async () => {
    expect(await endpoint.machinesByDnsName("O'Brien's PC")).toHaveLength(1);
    expect(await endpoint.machinesByDnsName("X' or computerDnsName ne '")).toEqual([]);
  });

  it("is found by the beginning of a name", async () => {
    expect((await endpoint.machinesByNamePrefix("web.")).map(({ id }) => id)).toEqual([web, old]);
    expect(await endpoint.machinesByNamePrefix("db.")).toEqual([]);
  });

  it.each(["o'brien's pc", "o'brien's"])("is found by %s, quotes and blanks and all", async (name) => {
    const [machine, ...others] = await endpoint.machinesByNamePrefix(name);

    expect([machine?.dnsName, others]).toEqual(["o'brien's pc", []]);
    expect(await endpoint.machinesByDnsName(name)).toHaveLength(name.endsWith("pc") ? 1 : 0);
  });

  it.each(["x' or computerDnsName ne '", "x'&$top=1#", "%27 or 1 eq 1", "x') or startswith(id,'"])(
    "is not found by the name %s, which tries to be a query",
    async (name) => {
      expect(await endpoint.machinesByDnsName(name)).toEqual([]);
      expect(await endpoint.machinesByNamePrefix(name)).toEqual([]);
    },
  );

  it("is not looked for by an empty name, which every machine begins with", async () => {
    await expect(endpoint.machinesByNamePrefix("")).rejects.toThrow("empty");
    await expect(endpoint.machinesByDnsName("")).rejects.toThrow("empty");
  });

  it("is not there in a tenant that has none, which answers 404", async () => {
    state.machines = [];

    expect(await endpoint.machinesByDnsName("web.contoso.com")).toEqual([]);
    expect(azure.calls.map(({ status }) => status)).toEqual([404]);
  });

  it("is found on the last of several pages", async () => {
    state.pageSize = 1;

    expect((await endpoint.machinesByDnsName("web.contoso.com")).map(({ id }) => id)).toEqual([web, old]);
    expect(azure.calls).toHaveLength(2);
  });

  it("is one too many when they fill page after page", async () => {
    state.pageSize = 1;
    state.machines = Array.from({ length: 6 }, (_, n) => simulatedMachine({ id: `${n}`.repeat(40) }));

    await expect(endpoint.machinesByNamePrefix("pc")).rejects.toMatchObject({ code: "UnexpectedAnswer" });
  });
});

describe("an alert", () => {
  it("is read with its evidence", async () => {
    expect(await endpoint.alert("da638000000000000000_-880718168")).toMatchObject({
      machineId: web,
      evidence: [{ entityType: "Ip" }],
    });
  });

  it("is read without its evidence where the service does not take that question for one alert", async () => {
    state.expandsOneAlert = false;

    expect(await endpoint.alert("da638000000000000000_-880718168")).toMatchObject({ machineId: web, evidence: [] });
    expect(azure.calls.map(({ status }) => status)).toEqual([400, 200]);
    expect(await endpoint.alert("da1_1")).toBeUndefined();
  });

  it("is asked for once only when it is refused for another reason", async () => {
    azure.faults.add({ kind: "status", operation: "Endpoint_GetAlert", status: 503 });

    await expect(endpoint.alert("da1_1")).rejects.toMatchObject({ status: 503 });
    expect(azure.calls).toHaveLength(1);
  });

  it("that is not there is undefined", async () => {
    expect(await endpoint.alert("da1_1")).toBeUndefined();
  });

  it("is not asked for by what is no id of one", async () => {
    await expect(endpoint.alert("../machines")).rejects.toThrow("no id");
  });
});

describe("a refusal", () => {
  it("of a caller without the right is an error, not an absence", async () => {
    state.permissions.delete("Machine.Read.All");

    await expect(endpoint.machine(web)).rejects.toMatchObject({ status: 403, code: "Forbidden", transient: false });
    await expect(endpoint.machinesByDnsName("web")).rejects.toMatchObject({ status: 403 });
  });

  it("of the 101st call in a minute says how long to wait, and is not tried again by itself", async () => {
    for (let call = 0; call < 100; call++) await endpoint.machine(web);
    await clock.advance(20_000);
    azure.calls.length = 0;

    await expect(endpoint.machine(web)).rejects.toMatchObject({ status: 429, code: "429", retryAfterMs: 40_000 });
    expect(azure.calls.map(({ status }) => status)).toEqual([429]);
    expect(await endpoint.alert("da1_1")).toBeUndefined();
    await clock.advance(40_000);
    expect(await endpoint.machine(web)).toBeDefined();
  });

  it("names the request for Microsoft's support", async () => {
    azure.faults.add({ kind: "status", operation: "Endpoint_GetMachine", status: 503 });

    await expect(endpoint.machine(web)).rejects.toMatchObject({
      message: expect.stringMatching(/^could not read the machine a{40}: 503 /),
      requestId: expect.stringMatching(/^[\da-f-]{36}$/),
    });
  });
});

it("is reached as the function's managed identity, for the service's older name", async () => {
  const now = createManualClock(new Date().toISOString());
  const fresh = await startSimulatedAzure({
    port: 0,
    gatewayPort: 0,
    clock: now,
    services: [],
    hosts: [createEndpointHost(state)],
  });
  Object.assign(process.env, fresh.identity);
  const httpClient = createRewritingHttpClient(fresh.url);

  const asked = createEndpoint(async () => ({ credential: new ManagedIdentityCredential(), httpClient })).machine(web);

  expect(await asked).toMatchObject({ id: web });
  expect(fresh.calls.map(({ path }) => path.replace(/^\/token.*resource=([^&]*).*/, "$1"))).toEqual([
    expect.stringContaining("api.securitycenter.microsoft.com"),
    `/api/machines/${web}`,
  ]);
  await fresh.close();
});
