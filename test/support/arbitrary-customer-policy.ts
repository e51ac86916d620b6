import * as fc from "fast-check";

/** Policies that API Management takes: known elements in the right places, with whatever customers put into them. */

export interface CustomerPolicy {
  format: "xml" | "rawxml";
  value: string;
  /** How `<inbound>` is written. */
  inbound: "open" | "self-closing" | "absent";
}

/** Named values that the policies refer to; the service needs them. */
export const namedValues = ["internal-tier", "backend-url"];
/** The customer's own fragment that the policies include; the service needs it. */
export const ownFragment = "customers-own";

type Format = CustomerPolicy["format"];
type Write = (format: Format) => string;

/** C# that is no XML: quotes within quotes, generics, `&&`, the end of our element in a string. */
const expression = fc.constantFrom(
  '@(context.Request.Headers.GetValueOrDefault("X-A","") == "1" && context.User?.Id != null)',
  '@{\n  var a = new List<string>();\n  if (a.Count < 3 && a.Count > 1) { return "</inbound>"; }\n  return "";\n}',
  '@(((JObject)context.Variables["x"])["y"].ToString() + \'z\')',
  '@("{{internal-tier}}" == context.Request.Headers.GetValueOrDefault("X-Tier", "<none>"))',
  '@(context.Request.IpAddress.StartsWith("10.") || 1 < 2)',
);
const literal = fc.constantFrom(
  "plain",
  "",
  "{{backend-url}}/a?b=1&c=2",
  'said "so" & <left>',
  "übergröße 🚪 ]]> \u00a0\u2028",
  '<include-fragment fragment-id="portcullis-containment" />',
  "me@example.com",
);

const escapeLiteral = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const quoted = (text: string) => escapeLiteral(text).replaceAll('"', "&quot;").replaceAll("\n", "&#10;");

const value = fc.oneof(
  expression.map((text) => ({ text, raw: true })),
  literal.map((text) => ({ text, raw: false })),
);
const attribute: fc.Arbitrary<Write> = value.map(
  ({ text, raw }) =>
    (format) =>
      `"${raw && format === "rawxml" ? text : quoted(text)}"`,
);
const content: fc.Arbitrary<Write> = value.map(
  ({ text, raw }) =>
    (format) =>
      raw && format === "rawxml" ? text : escapeLiteral(text),
);

const comment = fc.constantFrom<Write>(
  () => "<!-- <inbound> & > -->",
  () => '<!-- <include-fragment fragment-id="portcullis-containment" /> -->',
  () => '<!--\r\n IMPORTANT: it\'s "quoted"\r\n-->',
);
const cdata = fc.constantFrom<Write>(
  () => "<set-body><![CDATA[<inbound><base/></inbound>]]></set-body>",
  () => "<set-body><![CDATA[ if (a < b && c) { } ]] > ]]></set-body>",
);
const space = fc.constantFrom("", " ", "\n", "\r\n    ", "\t");

/** `set-body` is refused in on-error, and limits make a probe's answer depend on how often it was asked. */
const { statements } = fc.letrec<{ statement: Write; statements: Write }>((tie) => ({
  statements: fc
    .array(fc.tuple(space, tie("statement")), { minLength: 1, maxLength: 4 })
    .map((items) => (format) => items.map(([gap, write]) => gap + write(format)).join("")),
  statement: fc.oneof(
    { maxDepth: 3 },
    fc.tuple(fc.nat(9), attribute).map(
      ([number, write]): Write =>
        (format) =>
          `<set-variable name="v${number}" value=${write(format)} />`,
    ),
    content.map(
      (write): Write =>
        (format) =>
          `<set-header name="X-Own" exists-action="override"><value>${write(format)}</value></set-header>`,
    ),
    comment,
    cdata,
    fc.constant<Write>(() => `<include-fragment fragment-id="${ownFragment}" />`),
    fc.tuple(expression, tie("statements"), tie("statements")).map(([condition, then, otherwise]): Write => {
      return (format) => {
        const when = format === "rawxml" ? condition : quoted(condition);
        return `<choose><when condition="${when}">${then(format)}</when><otherwise>${otherwise(format)}</otherwise></choose>`;
      };
    }),
  ),
}));

const form = fc.constantFrom(
  "open" as const,
  "open" as const,
  "open" as const,
  "self-closing" as const,
  "absent" as const,
);

/** Whatever a global policy may hold. */
export const globalPolicy: fc.Arbitrary<CustomerPolicy> = fc
  .record({ format: fc.constantFrom("xml" as const, "rawxml" as const), form, head: comment, statements, space })
  .map(({ format, form: inbound, head, statements: write, space: gap }) => {
    const section = {
      open: `<inbound>${gap}${write(format)}${gap}</inbound>`,
      "self-closing": "<inbound />",
      absent: "",
    }[inbound];
    const rest = "<backend><forward-request /></backend><outbound /><on-error />";
    return { format, inbound, value: `${head(format)}${gap}<policies>${gap}${section}${rest}</policies>` };
  });

/** Of an API or an operation that does not skip the policies above it. */
export const narrowerPolicy: fc.Arbitrary<CustomerPolicy> = fc
  .record({ format: fc.constantFrom("xml" as const, "rawxml" as const), before: statements, after: statements })
  .map(({ format, before, after }) => ({
    format,
    inbound: "open",
    value: `<policies><inbound>${before(format)}<base />${after(format)}</inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`,
  }));
