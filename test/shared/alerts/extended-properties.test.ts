import { describe, expect, it } from "vitest";
import { createEntities } from "../../../shared/alerts/entities.ts";
import type { Role } from "../../../shared/alerts/entity.ts";
import { readExtendedProperties } from "../../../shared/alerts/extended-properties.ts";

function readProperties(value: Record<string, unknown>, userRole: Role = "victim") {
  const entities = createEntities();
  readExtendedProperties(value, "ExtendedProperties", userRole, entities);
  return { entities: entities.all(), notes: entities.notes };
}

const addresses = (value: Record<string, unknown>, role: Role) =>
  readProperties(value).entities.flatMap((entity) =>
    entity.kind === "ip" && entity.role === role ? [entity.address] : [],
  );

describe("an address under a name", () => {
  it.each([
    "Actor (Client IP)",
    "actor (Client IP)",
    "Attacker IP",
    "attacker IP Address",
    "Attacker IPs",
    "Client IP",
    "client IP address",
    "Caller IP Address",
    "CallerIpAddress",
    "Source IP",
    "Source IPs",
    "Source IP Address",
    "Source-IP_Addresses",
    "sample Source IP Addresses",
    "IP Address",
    "ip address",
    "ipAddresses",
    "Suspicious IP",
    "Suspicious IP Address",
  ])("is the attacker's: %s", (name) => {
    expect(addresses({ [name]: "203.0.113.7" }, "attacker")).toEqual(["203.0.113.7"]);
  });

  it.each([
    "Victim IP",
    "victim IP Address",
    "Destination IP",
    "Destination IP Address",
    "Host IP",
    "Machine IP",
    "server ip",
  ])("is the victim's: %s", (name) => {
    expect(addresses({ [name]: "203.0.113.7" }, "victim")).toEqual(["203.0.113.7"]);
  });

  it.each([
    "Local IP",
    "Server Address",
    "Management URL",
    "User Agent",
    "Description",
    "Attacker Port",
    "Attаcker IP", // with a Cyrillic а
    "constructor",
    "__proto__",
    `Attacker${" ".repeat(100)}IP`,
  ])("is not read: %s", (name) => {
    const properties: Record<string, unknown> = JSON.parse(`{${JSON.stringify(name)}: "203.0.113.7"}`);

    expect(readProperties(properties)).toEqual({ entities: [], notes: [] });
  });

  it("is the victim's though another name calls it the attacker's", () => {
    const properties = { "Attacker IP": "203.0.113.7, 203.0.113.8", "Victim IP": "203.0.113.8" };

    expect(addresses(properties, "attacker")).toEqual(["203.0.113.7"]);
    expect(addresses(properties, "victim")).toEqual(["203.0.113.8"]);
  });
});

describe("an attacker's value", () => {
  it.each([
    ["203.0.113.7", ["203.0.113.7"]],
    [" 203.0.113.7:443 ", ["203.0.113.7"]],
    ["203.0.113.7, 203.0.113.8;203.0.113.9", ["203.0.113.7", "203.0.113.8", "203.0.113.9"]],
    ['["203.0.113.7", "2001:db8::7"]', ["203.0.113.7", "2001:db8::7"]],
    ["[203.0.113.7,203.0.113.8]", ["203.0.113.7", "203.0.113.8"]],
    ["[2001:db8::7]:443", ["2001:db8::7"]],
    ['["[2001:db8::7]:443"]', ["2001:db8::7"]],
    ["fe80::1%eth0, fe80::2%12", ["fe80::1", "fe80::2"]],
  ])("%j holds %j", (value, expected) => {
    expect(addresses({ "Attacker IP": value }, "attacker")).toEqual(expected);
    expect(readProperties({ "Attacker IP": value }).notes).toEqual([]);
  });

  it.each(["", "-", "null", "Unknown", null, undefined, "N/A", "N/A (the client was not logged: 203.0.113.7)"])(
    "%j says nothing",
    (value) => {
      expect(readProperties({ "Attacker IP": value })).toEqual({ entities: [], notes: [] });
    },
  );

  it.each([7, true, {}, ["203.0.113.7"], { address: "203.0.113.7" }])("%j is no text, and noted", (value) => {
    expect(readProperties({ "Attacker IP": value })).toEqual({
      entities: [],
      notes: ['ExtendedProperties["Attacker IP"]: not text, ignored'],
    });
  });

  it("is read around what is no address, which is noted once", () => {
    const { entities, notes } = readProperties({ "Attacker IP": "host (unknown) 203.0.113.7 1.2.3" });

    expect(entities).toMatchObject([{ address: "203.0.113.7" }]);
    expect(notes).toEqual([expect.stringMatching(/Attacker IP.*: 3 parts/)]);
  });

  it("of a megabyte is read up to the last whole part of its beginning", () => {
    const filler = "x".repeat(8192 - "203.0.113.7".length - 1);
    const { entities, notes } = readProperties({ "Attacker IP": `${filler} 203.0.113.77,${"y".repeat(1_000_000)}` });

    expect(entities).toEqual([]);
    expect(notes.join()).toContain("only the first 8192 of");
  });

  it("under a name with quotes and line breaks is told on one line", () => {
    const { entities } = readProperties({ 'Attacker "\nIP"': "203.0.113.7" });

    expect(entities).toMatchObject([{ foundAt: 'ExtendedProperties["Attacker \\"\\nIP\\""]' }]);
  });
});

describe("the free text of Source", () => {
  it.each([
    ["FreeRDP (203.0.113.7)", ["203.0.113.7"]],
    ["203.0.113.7", ["203.0.113.7"]],
    ["203.0.113.7, 203.0.113.8", ["203.0.113.7", "203.0.113.8"]],
    ["client 203.0.113.7, again 203.0.113.7:3389", ["203.0.113.7"]],
    ["over IPv6 (2001:db8::7)", ["2001:db8::7"]],
  ])("%j names %j", (value, expected) => {
    expect(addresses({ source: value }, "attacker")).toEqual(expected);
  });

  it("does not say whose they are when words hold several", () => {
    const { entities, notes } = readProperties({ Source: "FreeRDP 2.11.5.0 from 203.0.113.7 to 198.51.100.9" });

    expect(entities).toEqual([]);
    expect(notes).toEqual([expect.stringContaining("does not say whose")]);
  });

  it.each(["Security event log", 7, null, "1.2.3", ""])("%j names nobody", (value) => {
    expect(readProperties({ Source: value })).toEqual({ entities: [], notes: [] });
  });

  it("is free text there alone", () => {
    expect(addresses({ "Attacker IP": "FreeRDP (203.0.113.7)" }, "attacker")).toEqual([]);
  });
});

describe("other names", () => {
  const objectId = "0c9d2a54-8a3b-4f7e-9d61-5b8e7c6f4a10";

  it("give the acting principal, of whom nobody knows yet what it is", () => {
    expect(readProperties({ "attacker Object ID": objectId.toUpperCase() }).entities).toEqual([
      { kind: "principal", role: "attacker", objectId, foundAt: 'ExtendedProperties["attacker Object ID"]' },
    ]);
  });

  it("give the application, which is not called an attacker", () => {
    expect(readProperties({ "application ID": objectId }).entities).toEqual([
      { kind: "application", role: "context", appId: objectId, foundAt: 'ExtendedProperties["application ID"]' },
    ]);
  });

  it.each(["attacker Object ID", "application ID"])("%s of zeros is absent, and anything else is noted", (name) => {
    expect(readProperties({ [name]: "00000000-0000-0000-0000-000000000000" })).toEqual({ entities: [], notes: [] });
    expect(readProperties({ [name]: "11161" })).toEqual({
      entities: [],
      notes: [expect.stringContaining("not a GUID")],
    });
  });

  it("give the endpoint that was called", () => {
    expect(readProperties({ "api Endpoint": "get https://Contoso.azure-api.net/orders/7" }).entities).toMatchObject([
      { kind: "api-endpoint", role: "victim", method: "GET", host: "contoso.azure-api.net", path: "/orders/7" },
    ]);
  });

  it.each(["Client Principal Name", "azure AD user"])("%s gives the user, in the role of the alert's users", (name) => {
    expect(readProperties({ [name]: "ana@contoso.com" }, "attacker").entities).toEqual([
      { kind: "user", role: "attacker", upn: "ana@contoso.com", foundAt: `ExtendedProperties["${name}"]` },
    ]);
  });

  it.each([
    "sa",
    "CONTOSO\\ana",
    "N/A (Azure AD user authentication was not used)",
    "ana@localhost",
    7,
    "a b@contoso.com",
  ])("give no user out of %j", (value) => {
    expect(readProperties({ "Azure AD user": value }).entities).toEqual([]);
  });
});

it("forgets names it has worked out before they fill the memory, and reads on", () => {
  const properties = Object.fromEntries(Array.from({ length: 5000 }, (_, at) => [`name ${at}`, "203.0.113.7"]));

  expect(addresses({ ...properties, "Attacker IP": "203.0.113.8" }, "attacker")).toEqual(["203.0.113.8"]);
});
