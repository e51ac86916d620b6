import { describe, expect, it } from "vitest";
import { combined, entity, memberWith } from "../../../support/a-sentinel-incident.ts";
import { aPayload, read } from "../../../support/an-alert.ts";

const one = "0c9d2a54-8a3b-4f7e-9d61-5b8e7c6f4a10";
const other = "7d1f3c52-1111-4222-8333-abcdefabcdef";

const alertOf = (AlertType: string, properties: object, entities: object[] = []) =>
  read(aPayload({ AlertType, ExtendedProperties: properties, Entities: entities, ResourceIdentifiers: [] }));
const identitiesOf = (alert: ReturnType<typeof alertOf>) =>
  alert.entities.flatMap((found) => {
    if (found.kind === "application") return [`${found.role} application ${found.appId}`];
    if (found.kind === "principal") return [`${found.role} principal ${found.objectId}`];
    return found.kind === "user" ? [`${found.role} user ${found.upn ?? found.objectId ?? found.name}`] : [];
  });

describe("an identity in extended properties", () => {
  it.each([
    "principalOid",
    "principal object ID",
    "aad user ID",
    "role definition creator principal ID",
    "assigner principal ID",
  ])("that acts is the attacker's: %s", (name) => {
    expect(identitiesOf(alertOf("ARM_X", { [name]: one }))).toEqual([`attacker principal ${one}`]);
    expect(identitiesOf(alertOf("ARM_X", { [name]: "Sample user" }))).toEqual([]);
  });

  it("that was given a role is nobody's", () => {
    expect(identitiesOf(alertOf("ARM_X", { "assignee principal ID": one }))).toEqual([]);
  });

  it("of an application is an application", () => {
    expect(identitiesOf(alertOf("Storage.Blob_X", { "azure AD application ID": one }))).toEqual([
      `context application ${one}`,
    ]);
  });

  it.each(["principal name", "role definition creator principal name", "user Name", "username"])(
    "is a user where it is a user principal name: %s",
    (name) => {
      const properties = { [name]: "eve@contoso.com" };

      expect(identitiesOf(alertOf("ARM_X", properties))).toEqual(["attacker user eve@contoso.com"]);
      expect(identitiesOf(alertOf("VM_X", properties))).toEqual(["victim user eve@contoso.com"]);
      expect(identitiesOf(alertOf("VM_X", { [name]: "WORKGROUP\\eve" }))).toEqual([]);
    },
  );
});

describe("an alert about a role that was assigned", () => {
  const account = (Name: string, AadUserId?: string) => ({
    Name,
    UPNSuffix: "contoso.com",
    AadUserId,
    Type: "account",
  });
  const both = [account("eve", one), account("mallory", other)];

  it.each(["ARM_AnomalousRBACRoleAssignment", "SIMULATED_ARM_AnomalousClassicRoleAssignment"])(
    "accuses only who assigned it: %s",
    (type) => {
      const alert = alertOf(type, { "assigner principal ID": other.toUpperCase(), "assignee principal ID": one }, both);

      expect(identitiesOf(alert)).toEqual([
        `attacker principal ${other}`,
        "context user eve@contoso.com",
        "attacker user mallory@contoso.com",
      ]);
      expect(alert.notes).toEqual([expect.stringMatching(/^Entities\[0\]: .*assigned/)]);
    },
  );

  it("accuses none of several accounts where it does not say who that was", () => {
    const alert = alertOf("ARM_AnomalousRBACRoleAssignment", { "assigner principal ID": "Sample user" }, both);

    expect(identitiesOf(alert)).toEqual(["context user eve@contoso.com", "context user mallory@contoso.com"]);
  });

  it("accuses its only account, but not if somebody else is named", () => {
    const alone = [account("eve", one)];

    expect(identitiesOf(alertOf("ARM_AnomalousRBACRoleAssignment", {}, alone))).toEqual([
      "attacker user eve@contoso.com",
    ]);
    expect(identitiesOf(alertOf("ARM_AnomalousRBACRoleAssignment", { "assigner principal ID": other }, alone))).toEqual(
      [`attacker principal ${other}`, "context user eve@contoso.com"],
    );
  });

  it("is read so in an incident of Sentinel", () => {
    const member = memberWith({
      alertType: "ARM_AnomalousRBACRoleAssignment",
      additionalData: { "assigner principal ID": one },
    });
    const accounts = [
      entity("Account", { aadUserId: one }),
      entity("Account", { aadUserId: other, accountName: "bob" }),
    ];

    expect(identitiesOf(combined([member], accounts))).toEqual([`attacker principal ${one}`, `context user ${other}`]);
  });

  it("is told by its type: of another alert all accounts acted", () => {
    expect(identitiesOf(alertOf("ARM_OperationFromSuspiciousIP", { "assigner principal ID": one }, both))).toEqual([
      `attacker principal ${one}`,
      "attacker user eve@contoso.com",
      "attacker user mallory@contoso.com",
    ]);
  });
});

describe("an account with nothing but an objectGuid", () => {
  it("is noted", () => {
    const alert = alertOf("ARM_X", {}, [{ ObjectGuid: one, Type: "account" }]);

    expect(alert.entities).toEqual([]);
    expect(alert.notes).toEqual([expect.stringMatching(/^Entities\[0\]: .*objectGuid/)]);
  });

  it("is noted in an incident of Sentinel", () => {
    const incident = combined([memberWith()], [entity("Account", { objectGuid: one })]);

    expect(incident.notes).toEqual([expect.stringMatching(/^entities\[0\]\.properties: .*objectGuid/)]);
  });
});
