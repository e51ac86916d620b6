import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SimulatedAzure } from "../../../../local/azure/simulated-azure.ts";
import { ask, serviceId, startContoso } from "./contoso.ts";

const api = `${serviceId}/apis/orders/policies/policy`;
const fragment = `${serviceId}/policyFragments/mine`;
const inbound = (statements: string) => `<policies><inbound>${statements}</inbound></policies>`;
const filter = (entries: string) => inbound(`<ip-filter action="forbid">${entries}</ip-filter>`);
const byKey = '<rate-limit-by-key calls="1" renewal-period="60" counter-key="@(context.Request.IpAddress)" />';

let azure: SimulatedAzure;
beforeAll(async () => {
  azure = (await startContoso()).azure;
});
afterAll(() => azure.close());

describe("a policy expression is refused", () => {
  it.each([
    ["brackets", 'condition="@(("', "when"],
    ["a bracket", 'condition="@(true"', "when"],
    ["a brace", 'condition="@{ return true;"', "when"],
    ["a quote", 'condition="@(&quot;x)"', "when"],
    ["the right bracket", 'condition="@(true}"', "when"],
    ["an end of its own", 'condition="@(true) && @(false)"'.replaceAll("&", "&amp;"), "when"],
  ])("in an attribute that lacks %s", async (_, condition, target) => {
    const value = inbound(`<choose><when ${condition}><base /></when></choose>`);

    const { status, body } = await put(api, value);

    expect(status).toBe(400);
    expect(body).toEqual({
      error: {
        code: "ValidationError",
        message: "One or more fields contain incorrect values:",
        details: [
          {
            code: "ValidationError",
            target,
            message: expect.stringMatching(
              /^Error in element 'when' on line 1, column 29: The 'condition' attribute is invalid - The policy expression is not closed/,
            ),
          },
        ],
      },
    });
  });

  it.each<[string, string, string]>([
    ["a counter key", inbound(byKey.replace("@(context.Request.IpAddress)", "@(foo")), "The 'counter-key' attribute"],
    ["an address", filter("<address>@(</address>"), "in element 'address'"],
    ["a text on lines of its own", filter("<address>\n  @{ return (1; }\n</address>"), "in element 'address'"],
    ["CDATA", filter("<address><![CDATA[@(]]></address>"), "in element 'address'"],
  ])("that is not closed in %s", async (_, value, place) => {
    for (const [path, text] of [
      [api, value],
      [fragment, value.replace(/^<policies><inbound>(.*)<\/inbound><\/policies>$/s, "<fragment>$1</fragment>")],
    ] as const) {
      const { status, body } = await put(path, text);

      expect(status).toBe(400);
      expect(messages(body)).toContain(place);
      expect(messages(body)).toContain("The policy expression is not closed");
    }
  });
});

function put(path: string, value: string) {
  return ask(azure, "PUT", path, { body: { properties: { format: "xml", value } } });
}

function messages(body: unknown): string {
  const { error } = body as { error: { details: { message: string }[] } };
  return error.details.map(({ message }) => message).join("\n");
}
