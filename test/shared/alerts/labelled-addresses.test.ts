import { describe, expect, it } from "vitest";
import { addressesOf, aPayloadWith, read } from "../../support/an-alert.ts";

describe("an address in an extended property", () => {
  it.each([
    ["Attacker source IP", "203.0.113.7"],
    ["Attacker source IP", "IP Address: 203.0.113.7"],
    ["attackers", '["IP Address: 203.0.113.7"]'],
    ["Source IP(s) [#attempts]", "203.0.113.7 [12]"],
    ["Source IP(s) [#attempts]", "203.0.113.7[12]"],
    ["role definition creator IP address", "203.0.113.7 (3)"],
  ])("is the attacker's, whatever label or count stands by it: %s %s", (name, value) => {
    const alert = read(aPayloadWith({ [name]: value }));

    expect(addressesOf(alert, "attacker")).toEqual(["203.0.113.7"]);
    expect(alert.notes).toEqual([]);
  });

  it("is one of several, each with its own count", () => {
    const alert = read(aPayloadWith({ "Source IP(s) [#attempts]": "203.0.113.7 [12], IP Address: 2001:db8::1 [3]" }));

    expect(addressesOf(alert, "attacker")).toEqual(["203.0.113.7", "2001:db8::1"]);
    expect(alert.notes).toEqual([]);
  });

  it("of somebody who was perhaps attacked is a victim's", () => {
    const alert = read(aPayloadWith({ "Possible Victims": "203.0.113.7", "Attacker IP": "203.0.113.7" }));

    expect(addressesOf(alert, "victim")).toEqual(["203.0.113.7"]);
    expect(addressesOf(alert, "attacker")).toEqual([]);
  });

  it("that a name was resolved to is not read", () => {
    const { entities } = read(aPayloadWith({ answers: "203.0.113.7" }));

    expect(entities.filter(({ kind }) => kind === "ip")).toEqual([]);
  });
});
