import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Sku } from "../../../../local/azure/api-management/store.ts";
import type { SimulatedAzure } from "../../../../local/azure/simulated-azure.ts";
import { ask, contoso, serviceId, startContoso } from "./contoso.ts";

const global = `${serviceId}/policies/policy`;
const api = `${serviceId}/apis/orders/policies/policy`;
const fragment = `${serviceId}/policyFragments/mine`;
const inbound = (statements: string) => `<policies><inbound>${statements}</inbound></policies>`;
const filter = (entries: string) => inbound(`<ip-filter action="forbid">${entries}</ip-filter>`);
const limit = '<rate-limit calls="1" renewal-period="60" />';
const byKey = '<rate-limit-by-key calls="1" renewal-period="60" counter-key="@(context.Request.IpAddress)" />';

let developer: SimulatedAzure;
let consumption: SimulatedAzure;

beforeAll(async () => {
  developer = (await startContoso({ service: contoso("Developer") })).azure;
  consumption = (await startContoso({ service: contoso("Consumption") })).azure;
});
afterAll(() => Promise.all([developer.close(), consumption.close()]));

describe("a policy that API Management refuses", () => {
  it("is answered in the published shape, with line and column", async () => {
    const value = '<policies>\n  <inbound>\n    <base />\n    <ip-filter action="forbid" />\n  </inbound>\n</policies>';

    const { status, body } = await put(developer, global, value);

    expect(status).toBe(400);
    expect(body).toEqual({
      error: {
        code: "ValidationError",
        message: "One or more fields contain incorrect values:",
        details: [
          {
            code: "ValidationError",
            target: "ip-filter",
            message:
              "Error in element 'ip-filter' on line 4, column 6: The element 'ip-filter' has incomplete content. List of possible elements expected: 'address', 'address-range'.",
          },
        ],
      },
    });
  });

  it.each<[string, string, string, string]>([
    ["an unknown element", api, inbound("<block-everyone />"), "not a known policy"],
    ["an element outside of a section", api, "<policies><base /></policies>", "'policies' cannot contain it"],
    ["a section that is there twice", api, "<policies><inbound /><inbound /></policies>", "more than once"],
    ["another root element", api, "<fragment><base /></fragment>", "must be 'policies'"],
    [
      "a policy in the wrong section",
      api,
      `<policies><outbound>${limit}</outbound></policies>`,
      "not allowed in the specified section",
    ],
    ["rate-limit at the global scope", global, inbound(limit), "not allowed in the specified scope"],
    [
      "a wrong section below choose",
      api,
      `<policies><outbound><choose><when condition="@(true)">${byKey}</when></choose></outbound></policies>`,
      "specified section",
    ],
    ["choose with something else in it", api, inbound("<choose><base /></choose>"), "'when', 'otherwise'"],
    [
      "an address behind a range",
      global,
      filter('<address-range from="192.0.2.1" to="192.0.2.9" /><address>192.0.2.20</address>'),
      "'address' cannot follow an 'address-range'",
    ],
    ["choose with nothing in it", api, inbound("<choose />"), "'choose' has incomplete content"],
    [
      "choose without a when",
      api,
      inbound("<choose><otherwise><base /></otherwise></choose>"),
      "'choose' has incomplete content",
    ],
    [
      "a range that ends before it starts",
      global,
      filter('<address-range from="192.0.2.10" to="192.0.2.9" />'),
      "'192.0.2.10' is greater than '192.0.2.9'",
    ],
    ["when without a condition", api, inbound("<choose><when /></choose>"), "required attribute 'condition'"],
    ["two rate limits", api, inbound(limit + limit), "only once in a policy definition"],
    ["a period above 300 seconds", api, inbound(byKey.replace("60", "301")), "greater than 300"],
    [
      "rate-limit-by-key without a key",
      api,
      inbound(byKey.replace(/ counter-key=".*"/, "")),
      "'counter-key' is missing",
    ],
    [
      "ip-filter without an action",
      global,
      inbound("<ip-filter><address>192.0.2.1</address></ip-filter>"),
      "'action' is missing",
    ],
    [
      "ip-filter with another action",
      global,
      inbound('<ip-filter action="deny"><address>192.0.2.1</address></ip-filter>'),
      "'deny'",
    ],
    [
      "a CIDR block as an address",
      global,
      filter("<address>192.0.2.0/24</address>"),
      "'192.0.2.0/24' is not a valid IP address",
    ],
    ["an IPv6 address", global, filter("<address>2001:db8::1</address>"), "'2001:db8::1' is not a valid IP address"],
    ["an address of nothing", global, filter("<address> </address>"), "not a valid IP address"],
    ["a range without an end", global, filter('<address-range from="192.0.2.1" />'), "'to' is missing"],
    ["something else in ip-filter", global, filter("<cidr>192.0.2.0/24</cidr>"), "'ip-filter' cannot contain it"],
    [
      "a fragment that is not there",
      global,
      inbound('<include-fragment fragment-id="nobody" />'),
      "Policy fragment with id 'nobody' could not be found.",
    ],
    [
      "a named value that is not there",
      api,
      inbound('<set-variable name="x" value="{{partner-key}}" />'),
      "Cannot find a property 'partner-key'",
    ],
    [
      "a named value in another letter case",
      api,
      inbound('<set-variable name="x" value="{{Partner-IP}}" />'),
      "Cannot find a property 'Partner-IP'",
    ],
  ])("for %s", async (_, path, value, reason) => {
    const { status, body } = await put(developer, path, value);

    expect(status).toBe(400);
    expect(messages(body)).toContain(reason);
  });

  it.each([
    [
      "xml",
      "<policies>\r\n  <inbound>a && b</inbound>\r\n</policies>",
      "An error occurred while parsing EntityName. Line 2, position 15.",
    ],
    ["xml", inbound('<set-variable name="x" value="@("y")" />'), "is an unexpected token. Expecting white space."],
    ["rawxml", inbound('<set-variable name="x" value="@("y" />'), "The policy expression is not closed"],
    ["json", inbound(""), "The format 'json' is not known."],
  ])("for text that is not %s", async (format, value, reason) => {
    const { status, body } = await put(developer, api, value, format);

    expect(status).toBe(400);
    expect(messages(body)).toContain(reason);
  });

  it.each([
    ["256 KiB", "Developer", 256],
    ["16 KiB on Consumption", "Consumption", 16],
  ] as const)("for more than %s", async (_, sku, kilobytes) => {
    const value = (bytes: number) => inbound(`<!--${"x".repeat(bytes - inbound("<!---->").length)}-->`);

    const fits = await put(on(sku), global, value(kilobytes * 1024));
    const tooLarge = await put(on(sku), global, value(kilobytes * 1024 + 1));

    expect(fits.status).toBe(200);
    expect(messages(tooLarge.body)).toContain(`larger than ${kilobytes} KiB`);
  });

  it("for a policy that the tier lacks, in the documented words", async () => {
    const { body } = await put(consumption, global, inbound(`\n        ${byKey}`));

    expect(messages(body)).toBe(
      "Error in element 'rate-limit-by-key' on line 2, column 10: Policy is not allowed in 'Consumption' sku",
    );
  });

  it("for a body without a value", async () => {
    const { status, body } = await ask(developer, "PUT", api, { body: { properties: { format: "xml" } } });

    expect(status).toBe(400);
    expect(messages(body)).toContain("properties.value");
  });

  it("leaves what was stored in force", async () => {
    const before = await ask(developer, "GET", global);
    await put(developer, global, inbound("<block-everyone />"));

    expect((await ask(developer, "GET", global)).body).toEqual(before.body);
  });
});

describe("a policy that API Management takes", () => {
  it.each<[string, string, string]>([
    ["expressions where values are expected", global, filter('<address>@(context.Variables["x"])</address>')],
    ["a named value by its display name", global, filter("<address>{{partner-ip}}</address>")],
    ["a range", global, filter('<address-range from="192.0.2.0" to="192.0.2.255" />')],
    [
      "an address before a range",
      global,
      filter('<address>192.0.2.20</address><address-range from="192.0.2.1" to="192.0.2.9" />'),
    ],
    ["a range of one address", global, filter('<address-range from="192.0.2.9" to="192.0.2.9" />')],
    ["a range across the hundreds", global, filter('<address-range from="9.255.255.255" to="10.0.0.0" />')],
    [
      "brackets in a string of an expression",
      api,
      inbound("<set-variable name='x' value='@(\"(\" + context.Api.Id) ' />"),
    ],
    ["an expression over several lines", global, filter('<address>\n  @{\n return "}"; // )\n }\n</address>')],
    ["Liquid's own braces", api, inbound('<set-body template="liquid">{"id":"{{body.id}}"}</set-body>')],
    ["rate-limit at an API", api, inbound(limit)],
    [
      "policies below retry",
      api,
      inbound('<retry condition="@(true)" count="1" interval="1"><set-status code="200" /></retry>'),
    ],
  ])("may hold %s", async (_, path, value) => {
    expect(await put(developer, path, value)).toMatchObject({
      status: expect.toSatisfy((status) => status === 200 || status === 201),
    });
  });
});

describe("a fragment that API Management refuses", () => {
  it.each([
    ["a section", "<fragment><inbound><base /></inbound></fragment>", "cannot contain section elements"],
    ["base", "<fragment><base /></fragment>", "cannot contain the element 'base'"],
    [
      "a fragment in it",
      '<fragment><include-fragment fragment-id="other" /></fragment>',
      "cannot contain the element 'include-fragment'",
    ],
    [
      "a fragment deep in it",
      '<fragment><choose><otherwise><include-fragment fragment-id="other" /></otherwise></choose></fragment>',
      "'include-fragment'",
    ],
    ["nothing in it", "<fragment />", "at least one policy"],
    ["only a comment in it", "<fragment><!-- soon --></fragment>", "at least one policy"],
    ["another root element", inbound("<base />"), "must be 'fragment'"],
    [
      "more than 512 KB",
      `<fragment><!--${"x".repeat(512 * 1024)}--><set-status code="200" /></fragment>`,
      "larger than 512 KiB",
    ],
  ])("has %s", async (_, value, reason) => {
    const { status, body } = await put(developer, fragment, value);

    expect(status).toBe(400);
    expect(messages(body)).toContain(reason);
  });

  it("is not XML, which is reported without details", async () => {
    const { status, body } = await put(developer, fragment, "<fragment>\n  a && b</fragment>");

    expect(status).toBe(400);
    expect(body).toEqual({
      error: {
        code: "ValidationError",
        message:
          "The policy fragment is not a valid XML: An error occurred while parsing EntityName. Line 2, position 6.",
        details: null,
      },
    });
  });

  it.each(["-first", "last-", "a.b", "a%20b", "x".repeat(81)])("has the id %s", async (id) => {
    const { status, body } = await put(
      developer,
      `${serviceId}/policyFragments/${id}`,
      "<fragment><set-status code='200' /></fragment>",
    );

    expect(status).toBe(400);
    expect(messages(body)).toContain("The fragment id");
  });

  it("uses a policy that the tier lacks", async () => {
    const { body } = await put(consumption, fragment, `<fragment>${byKey}</fragment>`);

    expect(messages(body)).toContain("Policy is not allowed in 'Consumption' sku");
  });
});

function put(azure: SimulatedAzure, path: string, value: string, format = "xml") {
  return ask(azure, "PUT", path, { body: { properties: { format, value } } });
}

function on(sku: Extract<Sku, "Developer" | "Consumption">): SimulatedAzure {
  return sku === "Developer" ? developer : consumption;
}

function messages(body: unknown): string {
  const { error } = body as { error: { message: string; details?: { message: string }[] | null } };
  return (error.details ?? [error]).map(({ message }) => message).join("\n");
}
