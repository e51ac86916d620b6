import { expect, it } from "vitest";
import { protectedIdentity } from "../../../shared/guardrails/protected-identity.ts";
import { enforcementPoint } from "../../../shared/ledger/containment.ts";
import type { Target } from "../../../shared/ledger/target.ts";
import { aProtection } from "../../support/a-protection.ts";

const breakGlass = "0d9c1b2a-3e4f-4a5b-8c6d-7e8f9a0b1c2f";
const other = "7b8c9d0e-1f2a-4b3c-9d4e-5f6a7b8c9d0e";
const check = (target: Target, identities: readonly string[]) =>
  protectedIdentity.check(
    { responder: "entra-disable-user", point: enforcementPoint("identity"), target },
    aProtection({ identities }),
  );

it.each<[string, Target]>([
  ["a user", { kind: "user", userId: breakGlass }],
  ["a user in capitals", { kind: "user", userId: breakGlass.toUpperCase() }],
  ["a user under any name", { kind: "user", userId: breakGlass, name: "robin@contoso.example" }],
  ["an application", { kind: "service-principal", servicePrincipalId: breakGlass }],
])("refuses to touch %s that the settings protect", (_, target) => {
  for (const listed of [breakGlass, breakGlass.toUpperCase()]) {
    expect(check(target, [other, listed])).toEqual({
      verdict: "refuse",
      reason: expect.stringMatching(new RegExp(`^${breakGlass} is in PORTCULLIS_PROTECTED_IDENTITIES$`, "i")),
    });
  }
});

it.each<[string, Target, readonly string[]]>([
  ["another user", { kind: "user", userId: other }, [breakGlass]],
  ["another application", { kind: "service-principal", servicePrincipalId: other }, [breakGlass]],
  ["anybody where nobody is protected", { kind: "user", userId: breakGlass }, []],
  ["a user who only calls himself so", { kind: "user", userId: other, name: breakGlass }, [breakGlass]],
  ["a machine", { kind: "machine", machineId: breakGlass }, [breakGlass]],
  // An id of API Management's own, which anybody who makes users there can choose.
  ["a user of API Management", { kind: "api-user", userId: breakGlass }, [breakGlass]],
])("has nothing against %s", (_, target, identities) => {
  expect(check(target, identities)).toBeUndefined();
});
