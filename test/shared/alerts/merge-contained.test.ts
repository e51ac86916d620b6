import { describe, expect, it } from "vitest";
import type { Entity } from "../../../shared/alerts/entity.ts";
import { mergeContained } from "../../../shared/alerts/merge-contained.ts";
import { read } from "../../support/an-alert.ts";

const objectId = "0c9d2a54-8a3b-4f7e-9d61-5b8e7c6f4a10";
const user = (details: object, role: Entity["role"] = "victim", foundAt = "a"): Entity => ({
  kind: "user",
  role,
  foundAt,
  ...details,
});

describe("what is named in several places", () => {
  it("is one entity where one place says all that the other says", () => {
    expect(
      mergeContained([
        user({ name: "Bob", domain: "CONTOSO" }, "victim", "a"),
        user({ name: "bob", domain: "contoso", sid: "S-1-5-21-1" }, "victim", "b"),
      ]),
    ).toEqual([user({ name: "bob", domain: "contoso", sid: "S-1-5-21-1" }, "victim", "b")]);
  });

  it("has the stronger of its roles, and that one's place", () => {
    const rich = user({ name: "bob", sid: "S-1-5-21-1" }, "context", "rich");

    expect(mergeContained([rich, user({ name: "bob" }, "victim", "poor")])).toEqual([
      { ...rich, role: "victim", foundAt: "poor" },
    ]);
    expect(mergeContained([{ ...rich, role: "victim" }, user({ name: "bob" }, "attacker", "poor")])).toEqual([
      { ...rich, role: "victim" },
    ]);
  });

  it("is told through one another", () => {
    const whole = user({ name: "bob", domain: "contoso", sid: "S-1-5-21-1" });

    expect(mergeContained([user({ name: "bob" }), user({ name: "bob", domain: "contoso" }), whole])).toEqual([whole]);
  });

  it("stays two where either says something that the other does not", () => {
    const both = [user({ name: "bob", domain: "contoso" }), user({ name: "bob", sid: "S-1-5-21-1" })];

    expect(mergeContained(both)).toEqual(both);
  });

  it("stays for itself where it may be either of two", () => {
    const three = [user({ name: "bob" }), user({ name: "bob", domain: "a" }), user({ name: "bob", domain: "b" })];

    expect(mergeContained(three)).toEqual(three);
  });

  it("is never of another kind", () => {
    const both: Entity[] = [
      { kind: "host", role: "victim", foundAt: "a", name: "bob" },
      user({ name: "bob", sid: "S-1-5-21-1" }),
    ];

    expect(mergeContained(both)).toEqual(both);
  });
});

describe("the same person, named twice", () => {
  it("is one in Cloud Apps", () => {
    const alert = read({
      _id: "65f0c0ffee65f0c0ffee65f0",
      timestamp: 1795425300000,
      entities: [
        { id: objectId, label: "Bob Miller", pa: "bob@contoso.com", type: "account" },
        { id: "bob@contoso.com", label: "Bob@contoso.com", type: "user" },
      ],
      title: "Impossible travel",
      idValue: 15859716,
      severityValue: 1,
    });

    expect(alert.entities).toEqual([
      { kind: "user", role: "victim", foundAt: "entities[0]", objectId, upn: "bob@contoso.com", name: "Bob Miller" },
    ]);
  });

  it("is one in Defender for Endpoint", () => {
    const alert = read({
      id: "da638180599322233844_1",
      severity: "Medium",
      status: "New",
      investigationState: "Running",
      category: "Execution",
      title: "A script ran",
      alertCreationTime: "2026-11-23T09:15:00Z",
      machineId: "0123456789abcdef0123456789abcdef01234567",
      relatedUser: { userName: "bob", domainName: "CONTOSO" },
      evidence: [{ entityType: "User", accountName: "Bob", domainName: "contoso", userSid: "S-1-5-21-1" }],
    });

    expect(alert.entities.filter(({ kind }) => kind === "user")).toMatchObject([{ name: "Bob", sid: "S-1-5-21-1" }]);
  });
});
