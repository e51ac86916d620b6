import { createHttpHeaders } from "@azure/core-rest-pipeline";
import { AuthenticationError } from "@azure/identity";
import { describe, expect, it } from "vitest";
import { AzureError } from "../../../shared/azure/azure-error.ts";
import { noAnswer, readFault } from "../../../shared/azure/fault.ts";

const refusal = (error: unknown) => JSON.stringify({ error });
const faultOf = (text: string, headers: Record<string, string> = {}, status = 400) =>
  readFault({ status, text, headers: createHttpHeaders(headers) });

const id = "43f4cb08-8fac-4b65-9db1-745c2ae65f3a";
const other = "9bd8e7a8-5f6d-4a6b-8d35-0f9a4d5d7a11";

describe("a refusal", () => {
  it("of Resource Manager is read to the last detail", () => {
    const text = refusal({
      code: "ValidationError",
      message: "One or more fields contain incorrect values:",
      details: [
        { code: "ValidationError", target: "representation", message: "Error in element 'ip-filter' on line 3" },
        { message: 7 },
        null,
      ],
    });

    expect(faultOf(text)).toMatchObject({
      status: 400,
      code: "ValidationError",
      message: "One or more fields contain incorrect values: Error in element 'ip-filter' on line 3",
    });
  });

  it.each([
    ['{"statusCode":404,"message":"Resource not found"}', "Resource not found"],
    ['{"detail":"You do not have permission"}', "You do not have permission"],
    ['{"code":"Busy","message":"Later."}', "Later."],
    [refusal({ code: "NoWords" }), ""],
    ["", ""],
  ])("in the form %s says %j", (text, message) => {
    expect(faultOf(text).message).toBe(message);
  });

  it.each([
    "null",
    "[]",
    '"text"',
    '{"error":"text"}',
    '{"error":{"code":1,"message":[]}}',
    "<html>",
    '{"password":"x"}',
  ])("in no known form is not repeated: %s", (text) => {
    expect(faultOf(text, {}, 500)).toMatchObject({ status: 500, code: "", message: "an answer in no known form" });
  });
});

describe("the id of a request, for Microsoft's support,", () => {
  it.each([
    ["the header of Resource Manager", refusal({}), { "x-ms-request-id": id }, id],
    ["the header of Graph", refusal({}), { "request-id": id }, id],
    ["Graph's body", refusal({ innerError: { "request-id": id } }), {}, id],
    [
      "the target of Defender for Endpoint, before its gateway's",
      refusal({ target: id }),
      { "x-ms-request-id": other },
      id,
    ],
    ["no target that is a field", refusal({ target: "representation" }), {}, undefined],
    ["nothing that is no id", refusal({ innerError: { "request-id": "a b" } }), { "request-id": "a b" }, undefined],
  ])("comes from %s", (_, text, headers, requestId) => {
    expect(faultOf(text, headers).requestId).toBe(requestId);
  });
});

describe("how long to wait", () => {
  const date = "Mon, 23 Nov 2026 09:30:00 GMT";
  it.each([
    [{ "retry-after": "17" }, 17_000],
    [{ "retry-after": "0" }, 0],
    [{ "retry-after": "-5" }, 0],
    [{ "retry-after": "Mon, 23 Nov 2026 09:30:40 GMT", date }, 40_000],
    [{ "retry-after": "Mon, 23 Nov 2026 09:29:00 GMT", date }, 0],
    [{ "retry-after": "Mon, 23 Nov 2026 09:30:40 GMT" }, undefined],
    [{ "retry-after": "soon", date }, undefined],
    [{ "retry-after": " " }, undefined],
    [{}, undefined],
  ])("is read from %j", (headers, expected) => {
    expect(faultOf("", headers, 429).retryAfterMs).toBe(expected);
  });
});

describe("a request without an answer", () => {
  it("that came to an end of its time may have been done", () => {
    const error = noAnswer(
      "isolate it",
      Object.assign(new Error("The operation was aborted."), { name: "AbortError" }),
    );

    expect(error).toMatchObject({ status: 0, code: "NoAnswerInTime", transient: true, ambiguous: true });
  });

  it("for want of a token was not sent", () => {
    const refused = new AuthenticationError(400, { error: "invalid_client", error_description: "no such identity" });
    const late = new AzureError("get a token", { status: 0, code: "NoTokenInTime", message: "none came" });

    expect(noAnswer("isolate it", refused)).toMatchObject({ code: "NoToken", ambiguous: false, cause: refused });
    expect(noAnswer("isolate it", late)).toMatchObject({ code: "NoTokenInTime", ambiguous: false, cause: late });
  });

  it("is an error whatever was thrown", () => {
    expect(noAnswer("isolate it", "text")).toMatchObject({
      status: 0,
      code: "",
      message: expect.stringContaining("failed"),
    });
  });
});
