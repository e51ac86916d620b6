import { describe, expect, it } from "vitest";
import { AzureError } from "../../../shared/azure/azure-error.ts";

const errorOf = (status: number, code = "Code", message = "Said so.") =>
  new AzureError("write the fragment of contoso", { status, code, message });

describe("trying again can help", () => {
  it.each([
    [0, ""],
    [408, ""],
    [429, "429"],
    [429, "TooManyRequests"],
    [500, "InternalServerError"],
    [502, ""],
    [503, ""],
    [400, "ActiveRequestAlreadyExists"],
    [409, "PessimisticConcurrencyConflict"],
    [409, "AnotherOperationInProgress"],
    [400, "AnotherOperationInProgress"],
    [409, "RetryableError"],
    [422, "RetryableErrorDueToAnotherOperation"],
    [409, "FirewallPolicyUpdateNotAllowedWhenUpdatingOrDeleting"],
    [400, "FirewallPolicyRuleCollectionGroupUpdateNotAllowedWhenUpdatingOrDeleting"],
    [400, "FirewallPolicyDeleteNotAllowedWhenUpdatingOrDeleting"],
  ])("after %i %s", (status, code) => {
    expect(errorOf(status, code).transient).toBe(true);
  });

  it.each([
    [200, "UnexpectedAnswer"],
    [400, "ValidationError"],
    [400, "FirewallPolicyUpdateFailed"],
    [400, "NotAFirewallPolicyUpdateNotAllowedWhenUpdatingOrDeleting"],
    [401, "ExpiredAuthenticationToken"],
    [403, "Authorization_RequestDenied"],
    [409, "Conflict"],
    [412, "PreconditionFailed"],
    [422, "ManagementApiRequestFailed"],
  ])("not after %i %s", (status, code) => {
    expect(errorOf(status, code).transient).toBe(false);
  });
});

describe("what was asked for may have been done", () => {
  it.each([
    [0, "ECONNRESET"],
    [0, "NoAnswerInTime"],
    [408, ""],
    [500, ""],
    [504, "GatewayTimeout"],
    [200, "UnexpectedAnswer"],
    [201, "ForeignOperation"],
  ])("after %i %s", (status, code) => {
    expect(errorOf(status, code).ambiguous).toBe(true);
  });

  it.each([
    [0, "ECONNREFUSED"],
    [0, "ENOTFOUND"],
    [0, "NoToken"],
    [0, "NoTokenInTime"],
    [0, "NoConnection"],
    [302, ""],
    [400, "BadRequest"],
    [409, "AnotherOperationInProgress"],
    [412, "PreconditionFailed"],
    [429, "TooManyRequests"],
  ])("not after %i %s", (status, code) => {
    expect(errorOf(status, code).ambiguous).toBe(false);
  });
});

it.each([
  [403, "Authorization_RequestDenied", true],
  [403, "Forbidden", false],
  [403, "AuthorizationFailed", false],
  [400, "Authorization_RequestDenied", false],
])("%i %s is for a person to do: %s", (status, code, needsHuman) => {
  expect(errorOf(status, code).needsHuman).toBe(needsHuman);
});

describe("an error of Azure", () => {
  it("says what was attempted and what the service said", () => {
    const error = errorOf(400, "ValidationError", "Error in element 'ip-filter' on line 3");

    expect(error.message).toBe(
      "could not write the fragment of contoso: 400 ValidationError Error in element 'ip-filter' on line 3",
    );
    expect(error).toMatchObject({
      name: "AzureError",
      attempted: "write the fragment of contoso",
      status: 400,
      code: "ValidationError",
    });
  });

  it("says that no answer came", () => {
    expect(errorOf(0, "ECONNRESET", "socket hang up").message).toBe(
      "could not write the fragment of contoso: no answer ECONNRESET socket hang up",
    );
  });

  it("is one line, whatever the service or an attacker wrote", () => {
    const error = new AzureError("read the user\neve", {
      status: 400,
      code: "X",
      message: "no\r\nsuch\u2028thing\u001b",
    });

    expect(error.message).toBe("could not read the user eve: 400 X no such thing");
  });

  it("does not carry a page of markup along", () => {
    expect(errorOf(502, "", "<p>".repeat(10_000)).message.length).toBeLessThan(600);
  });
});
