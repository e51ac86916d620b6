import { describe, expect, it } from "vitest";
import { AzureError, readFault } from "../../../shared/azure/azure-error.ts";

const body = (code: string, message = "Said so.", details?: unknown) =>
  JSON.stringify({ error: { code, message, details } });
const errorOf = (status: number, text: string | undefined = body("Code"), retryAfter?: string) =>
  new AzureError("write the fragment of contoso", readFault(status, text, retryAfter));

describe("trying again can help", () => {
  it.each([
    [0, undefined],
    [408, undefined],
    [429, undefined],
    [500, undefined],
    [502, "<html>Bad gateway</html>"],
    [503, ""],
    [409, body("PessimisticConcurrencyConflict")],
    [409, body("AnotherOperationInProgress")],
    [409, body("RetryableError")],
    [422, body("RetryableErrorDueToAnotherOperation")],
  ])("after %i %s", (status, text) => {
    expect(errorOf(status, text).transient).toBe(true);
  });

  it.each([
    [400, body("ValidationError")],
    [401, body("ExpiredAuthenticationToken")],
    [403, body("AuthorizationFailed")],
    [409, body("Conflict")],
    [412, body("PreconditionFailed")],
  ])("not after %i %s", (status, text) => {
    expect(errorOf(status, text).transient).toBe(false);
  });
});

describe("an error of Azure", () => {
  it("says what was attempted, and what the service said to the last detail", () => {
    const text = body("ValidationError", "One or more fields contain incorrect values:", [
      { code: "ValidationError", target: "representation", message: "Error in element 'ip-filter' on line 3" },
      { message: 7 },
      null,
    ]);

    const error = errorOf(400, text);

    expect(error.message).toBe(
      "could not write the fragment of contoso: 400 ValidationError One or more fields contain incorrect values: Error in element 'ip-filter' on line 3",
    );
    expect(error).toMatchObject({ name: "AzureError", status: 400, code: "ValidationError" });
  });

  it("says that no answer came", () => {
    const fault = { status: 0, code: "ECONNREFUSED", message: "connect refused" };

    expect(new AzureError("read contoso", fault).message).toBe(
      "could not read contoso: no answer ECONNREFUSED connect refused",
    );
  });

  it.each([
    ["17", 17_000],
    ["0", 0],
    ["Wed, 21 Oct 2026 07:28:00 GMT", undefined],
    [undefined, undefined],
  ])("with Retry-After %s waits %s ms", (retryAfter, expected) => {
    expect(errorOf(429, body("TooManyRequests"), retryAfter).retryAfterMs).toBe(expected);
  });

  it.each([undefined, "", "null", "[]", '"text"', '{"error":"text"}', '{"error":{"code":1,"message":[]}}', "<html>"])(
    "survives the body %s",
    (text) => {
      expect(readFault(500, text, undefined)).toMatchObject({ status: 500, code: "" });
    },
  );

  it("does not carry a page of markup along", () => {
    expect(errorOf(502, "<p>".repeat(10_000)).message.length).toBeLessThan(400);
    expect(errorOf(400, body("X", "y".repeat(10_000))).message.length).toBeLessThan(1_200);
  });
});
