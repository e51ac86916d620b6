import { expect, it } from "vitest";
import type { ApiManagement, ListedApi, ListedOperation } from "../../../shared/azure/api-management.ts";
import { AzureError } from "../../../shared/azure/azure-error.ts";
import { createFresh } from "../../../shared/azure/fresh.ts";
import { lookUpFacts } from "../../../shared/response/look-up-facts.ts";
import { aPayload, read } from "../../support/an-alert.ts";
import { createManualClock } from "../../support/manual-clock.ts";

const service = (name: string) =>
  `/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.ApiManagement/service/${name}`;
const [dead, ours, another] = [service("dead"), service("ours"), service("another")];
const host = "contoso-shop.azure-api.net";

/** The alert names an endpoint and no service. */
const alert = { ...read(aPayload()) };
alert.entities = alert.entities.filter(({ kind }) => kind !== "azure-resource");

const fault = (status: number) => new AzureError("read dead", { status, code: "Code", message: "because" });
const endless = () => new Promise<never>(() => {});

function find(known: readonly string[], hosts: Readonly<Record<string, () => Promise<string[]>>>) {
  const clock = createManualClock();
  const unasked = async () => [];
  const apiManagement: ApiManagement = {
    gatewayHosts: async (id) => (await hosts[id]?.()) ?? [],
    tier: async () => "Developer",
    apis: unasked,
    operations: unasked,
    policy: async () => undefined,
    putPolicy: async () => {},
    fragment: async () => undefined,
    putFragment: async () => undefined,
    writeFault: async () => undefined,
  };
  return lookUpFacts(alert, known, {
    apiManagement,
    hosts: createFresh<string[]>(60_000, clock),
    apis: createFresh<ListedApi[]>(60_000, clock),
    operations: createFresh<ListedOperation[]>(60_000, clock),
  });
}

it.each<[string, () => Promise<string[]>]>([
  ["is down", () => Promise.reject(fault(503))],
  ["is throttled", () => Promise.reject(fault(429))],
  ["is gone", () => Promise.reject(fault(404))],
  ["breaks its reader", () => Promise.reject(new TypeError("broken"))],
  ["never answers", endless],
])("a service that %s does not stand in the way of an alert about another", async (_, answer) => {
  const { service: found } = await find([dead, ours], { [dead]: answer, [ours]: async () => [host] });

  expect(found).toEqual({ id: ours });
});

it("all services are asked at the same time", async () => {
  const asked: string[] = [];
  const answers = [dead, another, ours].map((id) => [
    id,
    async () => {
      asked.push(id);
      return id === ours ? [host] : endless();
    },
  ]);

  await find([dead, another, ours], Object.fromEntries(answers));

  expect(asked).toEqual([dead, another, ours]);
});

it.each([429, 503, 0])(
  "where nobody claims the host, a service that may answer later (%s) is asked again: the step fails",
  async (status) => {
    const hosts = { [dead]: () => Promise.reject(fault(status)), [ours]: async () => ["else.azure-api.net"] };

    await expect(find([ours, dead], hosts)).rejects.toMatchObject({ status, transient: true });
  },
);

it("where nobody claims the host, a service that cannot be read is told with the miss", async () => {
  const hosts = { [dead]: () => Promise.reject(fault(403)), [ours]: async () => ["else.azure-api.net"] };

  const { service: found, endpoint } = await find([dead, ours], hosts);

  const miss = `no API Management service of PORTCULLIS_API_MANAGEMENT answers for ${host}; could not read dead: 403 Code because`;
  expect(found).toEqual({ miss });
  expect(endpoint).toEqual({ miss });
});
