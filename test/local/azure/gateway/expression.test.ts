import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileExpression, ExpressionFailed } from "../../../../local/azure/gateway/expression.ts";

const context = {
  apiId: "orders-api",
  operationId: "get",
  ipAddress: "203.0.113.7",
  method: "GET",
  subscriptionId: null,
  headers: new Map([["x-forwarded-for", "198.51.100.9"]]),
};

function read(source: string) {
  return compileExpression(source)?.read(context);
}

describe("the C# that the gateway reads", () => {
  it.each([
    ['"a"', "a"],
    ['"\\u0041\\x42\\t\\"\\\\\\U0001F600"', 'AB\t"\\😀'],
    ['"\\u003c&\\u0022"', '<&"'],
    ["context.Api.Id", "orders-api"],
    ["context.Operation.Id", "get"],
    ["context.Request.IpAddress", "203.0.113.7"],
    ["context.Request.Method", "GET"],
    ['context.Request.Headers.GetValueOrDefault("X-Forwarded-For", "")', "198.51.100.9"],
    ['context.Request.Headers.GetValueOrDefault("X-Absent","none")', "none"],
    ['"portcullis:" + context.Request.IpAddress', "portcullis:203.0.113.7"],
    ['context.Api.Id == "orders-api" && context.Operation.Id == "get"', true],
    ['context.Api.Id == "ORDERS-API"', false],
    ['context.Api.Id != "orders-api" || !(context.Request.Method == "POST")', true],
    ['context.Request.IpAddress.StartsWith("203.")', true],
    ["context.Request.IpAddress.Split('.')[2]", "113"],
    ["\"a, b ,c\".Split(',').First() + \"a, b ,c\".Split(',').Last()", "ac"],
    ['" a ".Trim()', "a"],
    ['"|1|2|".Contains("|" + "2" + "|")', true],
    ['(true ? "a" : "b") + "c"', "ac"],
    ['context.Request.Headers.GetValueOrDefault("X-Absent", context.Request.IpAddress)', "203.0.113.7"],
    ['context.Subscription?.Id == "partner"', false],
    ['"key:" + context.Subscription?.Id', "key:"],
    ["true || false && false", true],
    ["(true || false) && false", false],
    ["!true == false", true],
    ['"a" + "b" == "ab"', true],
    ['\n  context.Api.Id ==\n "orders-api"  ', true],
  ])("reads %s", (source, value) => {
    const result = read(source);

    expect(result).toBe(value);
  });

  it.each([
    "",
    "1 + 1",
    '@"verbatim"',
    '$"{context.Api.Id}"',
    '"unfinished',
    '"\\q"',
    '"\\U00110000"',
    "context.Api.Name",
    "context.api.id",
    "context.Request.Headers",
    'context.Request.Headers.GetValueOrDefault("X")',
    "context.Request.Headers.GetValueOrDefault(context.Api.Id, context.Api.Id)",
    "context.Request.IpAddress.Split(',')",
    'context.Request.IpAddress.Split(",")',
    "context.Request.IpAddress.Length",
    'context.Subscription.Id == "partner"',
    "true ? 1 : 2",
    '"a"[0]',
    "'a'",
    '"a" && true',
    '!"a"',
    '"a" == true',
    '"a" + true',
    "true true",
    "(true",
    "true &&",
    "true & false",
    "true // why",
    "constructor",
    "__proto__",
    `${"(".repeat(50_000)}true${")".repeat(50_000)}`,
    "!".repeat(50_001),
  ])("does not guess at %.60s", (source) => {
    const result = compileExpression(source);

    expect(result).toBeUndefined();
  });

  it("reads a condition over thousands of operations", () => {
    const chain = Array.from({ length: 20_000 }, (_, index) => `context.Operation.Id == "op${index}"`).join(" || ");

    expect(read(chain)).toBe(false);
    expect(read(`${chain} || context.Operation.Id == "get"`)).toBe(true);
  });

  it("reads back any text written with \\u escapes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const escaped = Array.from(
          { length: text.length },
          (_, index) => `\\u${text.charCodeAt(index).toString(16).padStart(4, "0")}`,
        ).join("");

        expect(read(`"${escaped}"`)).toBe(text);
      }),
    );
  });

  it("never throws, whatever it is given", () => {
    const piece = fc.constantFrom(
      '"a"',
      "(",
      ")",
      "!",
      "==",
      "&&",
      "||",
      "+",
      "true",
      "context.Api.Id",
      " ",
      "\\",
      '"',
      ",",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((pieces) => pieces.join("")),
        ),
        (source) => {
          expect(["undefined", "string", "boolean"]).toContain(typeof read(source));
        },
      ),
    );
  });
});

it("fails at run time where C# would: at an item that is not there", () => {
  expect(() => read("context.Request.IpAddress.Split('.')[7]")).toThrow(ExpressionFailed);
});
