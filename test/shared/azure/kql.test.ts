import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseQuery } from "../../../local/azure/log-analytics/parse-query.ts";
import { instantKql, quoteKql, UnquotableText } from "../../../shared/azure/kql.ts";

describe("a text in a query", () => {
  it.each([
    ["orders", '"orders"'],
    ["", '""'],
    ['" or 1==1 //', '"\\" or 1==1 //"'],
    ["it's", `"it's"`],
    ["a\\", '"a\\\\"'],
    ['\\" | take 5', '"\\\\\\" | take 5"'],
  ])("%j is written %s", (text, literal) => {
    expect(quoteKql(text)).toBe(literal);
  });

  it.each(["a\nb", "a\rb", "a\tb", "a\u0000b", "a\u2028b", "a\u0085b", "a\u202eb", "\ud800", "x".repeat(1025)])(
    "%j is refused",
    (text) => {
      expect(() => quoteKql(text)).toThrow(UnquotableText);
    },
  );

  it("means itself again, whatever it is, and never more than one text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', "\\", "'", "|", "/", " ", "a", "=", "(", ")") }), (text) => {
        const query = parseQuery(`ApiManagementGatewayLogs\n| where ApiId == ${quoteKql(text)}`);
        expect(query.conditions).toEqual([{ column: "ApiId", operator: "==", text }]);
      }),
    );
  });
});

it("writes an instant with nothing but digits and their marks", () => {
  expect(instantKql(new Date("2026-11-23T09:30:00Z"))).toBe("datetime(2026-11-23T09:30:00.000Z)");
});
