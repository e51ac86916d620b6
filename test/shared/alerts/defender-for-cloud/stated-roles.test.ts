import { describe, expect, it } from "vitest";
import { aPayload, read } from "../../../support/an-alert.ts";

const group = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-web/providers";
const rolesIn = (entities: object[], asText: boolean) =>
  read(
    aPayload({
      AlertType: "X",
      Entities: asText ? JSON.stringify(entities) : entities,
      ExtendedProperties: {},
      ResourceIdentifiers: [],
    }),
  ).entities.map(({ kind, role }) => `${role} ${kind}`);

describe("the roles that XDR gives to the entities of a row", () => {
  it.each([false, true])("count as in Graph (as text: %s)", (asText) => {
    const entities = [
      { Address: "203.0.113.7", Roles: ["Attacker"], Type: "ip" },
      { Address: "203.0.113.8", Roles: ["Contextual"], Type: "ip" },
      { Address: "203.0.113.9", Roles: ["Destination"], Type: "ip" },
      { Name: "eve", Roles: ["Attacker"], Type: "account" },
      { HostName: "web-1", Roles: ["Contextual"], Type: "host" },
      { ResourceId: `${group}/Microsoft.Web/sites/shop`, Roles: ["Contextual"], Type: "azure-resource" },
      { Name: "a.exe", Roles: ["Compromised"], Type: "file" },
      { Url: "https://shop.contoso.com/x", Roles: ["Attacked"], Type: "url" },
    ];

    expect(rolesIn(entities, asText).toSorted()).toEqual([
      "attacker ip",
      "attacker user",
      "context azure-resource",
      "context host",
      "context ip",
      "victim file",
      "victim ip",
      "victim url",
    ]);
  });

  it("count less than that something is the asset", () => {
    expect(rolesIn([{ Address: "203.0.113.7", Roles: ["Attacker"], Asset: true, Type: "ip" }], false)).toEqual([
      "victim ip",
    ]);
  });

  it("say nothing where they are empty", () => {
    expect(rolesIn([{ Address: "203.0.113.7", Roles: [], Type: "ip" }], false)).toEqual(["attacker ip"]);
    expect(rolesIn([{ Address: "203.0.113.7", Roles: ["Suspicious"], Type: "ip" }], false)).toEqual(["attacker ip"]);
  });
});
