import { expect, it } from "vitest";
import { protectedMachine } from "../../../shared/guardrails/protected-machine.ts";
import { enforcementPoint } from "../../../shared/ledger/containment.ts";
import type { Target } from "../../../shared/ledger/target.ts";
import { aProtection } from "../../support/a-protection.ts";

const machineId = "0123456789abcdef0123456789abcdef01234567";
const other = "f".repeat(40);
const sha1 = "ab".repeat(20);
const dnsName = "dc-1.contoso.example";
const check = (target: Target, machines: readonly string[]) =>
  protectedMachine.check(
    { responder: "mde-isolate-machine", point: enforcementPoint("endpoint"), target },
    aProtection({ machines }),
  );

it.each<[string, Target, string]>([
  ["a machine by its id", { kind: "machine", machineId }, machineId],
  ["a machine by its id in capitals", { kind: "machine", machineId: machineId.toUpperCase() }, machineId],
  ["a machine by its DNS name", { kind: "machine", machineId, name: dnsName }, dnsName],
  ["a machine by its DNS name in capitals", { kind: "machine", machineId, name: "DC-1.Contoso.Example" }, dnsName],
  ["a file on a machine by its id", { kind: "file", machineId, sha1 }, machineId],
  ["a file on a machine by its DNS name", { kind: "file", machineId, machineName: dnsName, sha1 }, dnsName],
])("refuses to touch %s", (_, target, listed) => {
  for (const machines of [
    ["pay-7.contoso.example", listed],
    ["pay-7.contoso.example", listed.toUpperCase()],
  ]) {
    expect(check(target, machines)).toEqual({
      verdict: "refuse",
      reason: expect.stringMatching(new RegExp(`^${listed} is in PORTCULLIS_PROTECTED_MACHINES$`, "i")),
    });
  }
});

it.each<[string, Target, readonly string[]]>([
  ["another machine", { kind: "machine", machineId: other, name: "pay-7.contoso.example" }, [machineId, dnsName]],
  ["a machine whose name only begins alike", { kind: "machine", machineId: other, name: `${dnsName}.evil` }, [dnsName]],
  ["a machine without a name", { kind: "machine", machineId: other }, [dnsName, ""]],
  ["any machine where none is protected", { kind: "machine", machineId, name: dnsName }, []],
  ["a file that is called like a machine", { kind: "file", machineId: other, sha1, name: dnsName }, [dnsName]],
  ["a user of that name", { kind: "user", userId: dnsName, name: dnsName }, [dnsName]],
])("has nothing against %s", (_, target, machines) => {
  expect(check(target, machines)).toBeUndefined();
});
