import { describe, expect, it } from "vitest";
import { addressesOf, aPayloadWith, read } from "../../../support/an-alert.ts";

const storage = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stcontoso";
const cluster = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/aks-1";

/** The alert with these entities, and nothing else that names what was attacked. */
function victimsOf(entities: unknown[]): Record<string, unknown>[] {
  const payload = { ...aPayloadWith({}, entities), ResourceIdentifiers: [] };
  return read(payload).entities.map(({ role, foundAt, ...entity }) => ({ role, foundAt, ...entity }));
}

describe("an entity that stands only within another", () => {
  it("is the storage account of a container, at whatever depth", () => {
    const container = { Type: "blob-container", StorageResource: { Type: "azure-resource", ResourceId: storage } };
    const expected = { kind: "azure-resource", role: "victim", resourceId: storage };

    expect(victimsOf([container])).toEqual([{ ...expected, foundAt: "Entities[0].StorageResource.ResourceId" }]);
    expect(victimsOf([{ Type: "blob", Name: "a.txt", BlobContainer: container }])).toEqual([
      { ...expected, foundAt: "Entities[0].BlobContainer.StorageResource.ResourceId" },
    ]);
  });

  it("is the cluster that a container runs in, over its pod and its namespace", () => {
    const namespace = {
      Type: "K8s-namespace",
      Cluster: { Type: "K8s-cluster", CloudResource: { Type: "azure-resource", ResourceId: cluster } },
    };

    expect(victimsOf([{ Type: "container", Pod: { Type: "K8s-pod", Namespace: namespace } }])).toEqual([
      {
        kind: "azure-resource",
        role: "victim",
        resourceId: cluster,
        foundAt: "Entities[0].Pod.Namespace.Cluster.CloudResource.ResourceId",
      },
    ]);
  });

  it("is the account and the machine of a logon session", () => {
    const session = {
      Type: "host-logon-session",
      Account: { Type: "account", Name: "svc-web", NTDomain: "CONTOSO" },
      Host: { Type: "host", HostName: "web-1" },
    };

    expect(victimsOf([session])).toEqual([
      { kind: "user", role: "victim", name: "svc-web", domain: "CONTOSO", foundAt: "Entities[0].Account" },
      { kind: "host", role: "victim", name: "web-1", foundAt: "Entities[0].Host" },
    ]);
  });

  it("has the role that its holder states, unless it states one itself", () => {
    const session = (account: object) => ({
      Type: "host-logon-session",
      Roles: ["Contextual"],
      Account: { Type: "account", Name: "svc-web", ...account },
    });

    expect(victimsOf([session({})])).toMatchObject([{ role: "context" }]);
    expect(victimsOf([session({ Roles: ["Compromised"] })])).toMatchObject([{ role: "victim" }]);
  });

  it("is read once, where it is listed, if it is listed as well", () => {
    const host = { $id: "4", Type: "host", HostName: "web-1" };
    const within = { $id: "5", Type: "host-logon-session", Host: host };
    const pointing = { $id: "5", Type: "host-logon-session", Host: { $ref: "4" } };

    expect(victimsOf([pointing, host])).toMatchObject([{ kind: "host", foundAt: "Entities[1]" }]);
    expect(victimsOf([within, { $ref: "4" }])).toMatchObject([{ kind: "host", foundAt: "Entities[0].Host" }]);
  });

  it("is nobody's where it is of a kind that does not belong there", () => {
    const holder = { Type: "K8s-cluster", CloudResource: { Type: "ip", Address: "203.0.113.7" } };
    const alert = read(aPayloadWith({}, [holder]));

    expect(alert.entities.filter(({ kind }) => kind === "ip")).toEqual([]);
    expect(addressesOf(alert, "attacker")).toEqual([]);
  });

  it("may hold itself, or others without end", () => {
    const circle = { $id: "1", Type: "K8s-namespace", Cluster: { $ref: "1" } };
    let deep: object = { Type: "azure-resource", ResourceId: cluster };
    for (let depth = 0; depth < 5000; depth++) deep = { Type: "blob", BlobContainer: deep };

    expect(victimsOf([circle])).toEqual([]);
    expect(victimsOf([deep])).toEqual([]);
  });
});
