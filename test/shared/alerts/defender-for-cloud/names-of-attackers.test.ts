import { describe, expect, it } from "vitest";
import { combined, entity, memberWith } from "../../../support/a-sentinel-incident.ts";
import { aPayload, aPayloadWith, read } from "../../../support/an-alert.ts";

const group = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-web/providers";
const machine = `${group}/Microsoft.Compute/virtualMachines/dc01`;
const database = { ResourceId: `${group}/Microsoft.Sql/servers/shop/databases/orders`, Type: "azure-resource" };

const hostsOf = (payload: unknown) =>
  read(payload).entities.flatMap((one) =>
    one.kind === "host" ? [`${one.role} ${one.fqdn ?? one.name ?? one.resourceId}`] : [],
  );
const alertWith = (entities: unknown[], properties = {}) => aPayloadWith(properties, entities);
const dc01 = (more = {}) => ({ HostName: "dc01.contoso.com", Type: "host", ...more });

describe("a host beside the attacked asset", () => {
  it.each([false, "False"])("that is said not to be the asset is context (%s)", (asset) => {
    expect(hostsOf(alertWith([{ ...database, Asset: true }, dc01({ Asset: asset })]))).toEqual([
      "context dc01.contoso.com",
    ]);
  });

  it("may be told before the asset, and by a reference", () => {
    const login = { Name: "report", Host: dc01({ $id: "7", Asset: false }), Asset: true, Type: "account" };

    expect(hostsOf(alertWith([{ $ref: "7" }, login]))).toEqual(["context dc01.contoso.com"]);
  });

  it("is a victim where it does not say what it is", () => {
    expect(hostsOf(alertWith([{ ...database, Asset: true }, dc01()]))).toEqual(["victim dc01.contoso.com"]);
  });

  it("is a victim where nothing else is the asset", () => {
    expect(hostsOf(alertWith([{ ...database, Asset: false }, dc01({ Asset: false })]))).toEqual([
      "victim dc01.contoso.com",
    ]);
  });

  it("is not given the id of the agent that the alert is about", () => {
    const agentId = "1c9d2a54-8a3b-4f7e-9d61-5b8e7c6f4a10";
    const row = aPayload({
      Entities: JSON.stringify([{ ...database, Asset: true }, dc01({ Asset: false })]),
      ExtendedProperties: "{}",
      SourceComputerId: agentId,
    });
    const hosts = read(row).entities.filter(({ kind }) => kind === "host");

    expect(hosts).toMatchObject([
      { role: "context", name: "dc01" },
      { role: "victim", agentId },
    ]);
    expect(hosts[0]).not.toHaveProperty("agentId");
  });
});

describe("a name that the attacker's machine gives itself", () => {
  it.each([
    ["client hostname", "DC01"],
    ["Client HostName", "dc01.contoso.com"],
    ["Attacker source computer name", "Dc01"],
  ])("makes no victim of a machine of ours: %s %s", (name, value) => {
    expect(hostsOf(alertWith([dc01()], { [name]: value }))).toEqual(["context dc01.contoso.com"]);
  });

  it("says nothing about a machine that the alert knows by its id", () => {
    expect(hostsOf(alertWith([dc01({ AzureID: machine })], { "client hostname": "dc01" }))).toEqual([
      "victim dc01.contoso.com",
    ]);
  });

  it("says nothing about other machines", () => {
    expect(hostsOf(alertWith([dc01()], { "client hostname": "dc02" }))).toEqual(["victim dc01.contoso.com"]);
    expect(hostsOf(alertWith([dc01()], { "client hostname": "N/A" }))).toEqual(["victim dc01.contoso.com"]);
  });

  it("makes none in an incident of Sentinel either", () => {
    const member = memberWith({ additionalData: { "Client hostname": "dc01" } });
    const hosts = [entity("Host", { hostName: "dc01" }), entity("Host", { hostName: "sql-1" })];

    expect(combined([member], hosts).entities).toMatchObject([
      { kind: "host", role: "context", name: "dc01" },
      { kind: "host", role: "victim", name: "sql-1" },
    ]);
  });
});
