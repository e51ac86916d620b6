import * as fc from "fast-check";

/** Policies as customers write them and API Management returns them for format=xml: C#, named values, comments, CDATA, any spacing. */

export const inserted = '<include-fragment fragment-id="portcullis-containment" />';

const ws = fc.constantFrom("", " ", "\n", "\r\n    ", "\t", "\n\n  ");
const gap = fc.constantFrom(" ", "\n", "\r\n      ", "\t", "  ");

const meaning = fc.constantFrom(
  '@(context.Request.Headers.GetValueOrDefault("X-A","") == "1" && context.User?.Id != null)',
  '@{\r\n  var a = new List<string>();\n\tif (a.Count < 3 && a.Count > 1) { return "</inbound>"; }\n  return "";\n}',
  '@(((JObject)context.Variables["x"])["y"].ToString() + \'z\')',
  "{{backend-url}}",
  "https://{{host}}/a?b=1&c=2",
  "plain",
  "",
  " \t ",
  "<inbound />",
  "übergröße 🚪 ]]> \u00a0\u0085\u2028",
);

const escapeWith = fc.constantFrom<(char: string) => string>(
  (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" })[char] ?? char,
  (char) => `&#${char.codePointAt(0)};`,
  (char) => `&#x${char.codePointAt(0)?.toString(16)};`,
);

const text = fc
  .tuple(meaning, escapeWith)
  .map(([value, escaped]) => value.replace(/[&<]/g, escaped).replaceAll("]]>", `]]${escaped(">")}`));

const attributeValue = fc
  .tuple(meaning, escapeWith, fc.constantFrom('"', "'"))
  // A bare `>` is legal here, and the trap of every search for the end of a tag.
  .map(([value, escaped, quote]) => quote + value.replace(/[&<]/g, escaped).replaceAll(quote, escaped(quote)) + quote);

const attributes = fc
  .uniqueArray(fc.constantFrom("name", "value", "condition", "fragment-id", "id", "_x.y-z"), { maxLength: 3 })
  .chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.tuple(gap, ws, ws, attributeValue).map(([before, a, b, value]) => `${before}${name}${a}=${b}${value}`),
      ),
    ),
  )
  .map((parts) => parts.join(""));

const comment = fc.constantFrom(
  "<!---->",
  "<!-- <inbound> & > -->",
  '<!-- <include-fragment fragment-id="portcullis-containment" /> -->',
  "<!--\r\n IMPORTANT:\r\n - Remove the <base> element to …\r\n-->",
  '<!-- it\'s "quoted" -->',
);
const cdata = fc.constantFrom(
  "<![CDATA[]]>",
  "<![CDATA[<inbound><base/></inbound>]]>",
  '<![CDATA[<include-fragment fragment-id="portcullis-containment" />]]>',
  "<![CDATA[ if (a < b && c) { } ]] > ]]>",
);
const instruction = fc.constantFrom("<?keep this?>", "<?x <inbound> ?>");

const policyName = fc.constantFrom(
  "set-header",
  "value",
  "set-variable",
  "log-to-eventhub",
  "inbound",
  "policies",
  "x",
);

const nodes = fc.letrec<{ node: string; element: string; children: string }>((tie) => ({
  children: fc.array(tie("node"), { maxLength: 4 }).map((parts) => parts.join("")),
  element: fc.oneof(
    fc
      .tuple(policyName, attributes, ws, fc.boolean(), text)
      .map(([name, attrs, a, closed, leaf]) =>
        closed ? `<${name}${attrs}${a}/>` : `<${name}${attrs}${a}>${leaf}</${name}${a}>`,
      ),
    fc
      .tuple(attributes, tie("children"), tie("children"))
      .map(
        ([attrs, then, otherwise]) =>
          `<choose><when${attrs}><include-fragment fragment-id="portcullis-containment" />${then}</when><otherwise>${otherwise}</otherwise></choose>`,
      ),
    fc.constant("<base />"),
    fc.constant('<include-fragment fragment-id="customers-own"/>'),
  ),
  node: fc.oneof(
    { maxDepth: 4 },
    { arbitrary: ws, weight: 3 },
    { arbitrary: comment, weight: 1 },
    { arbitrary: cdata, weight: 1 },
    { arbitrary: instruction, weight: 1 },
    { arbitrary: tie("element"), weight: 3 },
  ),
}));

const between = fc.array(fc.oneof(ws, comment, instruction), { maxLength: 3 }).map((parts) => parts.join(""));

export interface ArbitraryPolicy {
  xml: string;
  /** How `<inbound>` is written. */
  form: "open" | "self-closing" | "absent";
  /** The same policy with `inserted` put in by hand. */
  expected: string;
}

export const policy: fc.Arbitrary<ArbitraryPolicy> = fc
  .record({
    start: fc.constantFrom("", "\uFEFF", '<?xml version="1.0" encoding="utf-8"?>', '\uFEFF<?xml version="1.0"?>\r\n'),
    prologue: between,
    form: fc.constantFrom(
      "open" as const,
      "open" as const,
      "open" as const,
      "self-closing" as const,
      "absent" as const,
    ),
    attrs: attributes,
    space: ws,
    inner: nodes.children,
    first: between,
    rest: nodes.children,
    epilogue: between,
  })
  .map(({ start, prologue, form, attrs, space, inner, first, rest, epilogue }) => {
    const [before, after] = {
      open: [
        `<inbound${attrs}${space}>${inner}</inbound${space}>`,
        `<inbound${attrs}${space}>${inserted}${inner}</inbound${space}>`,
      ],
      "self-closing": [`<inbound${attrs}${space}/>`, `<inbound${attrs}>${inserted}</inbound>`],
      absent: ["", ""],
    }[form];
    const [head, tail] = [`${start}${prologue}<policies${space}>`, `<backend>${rest}</backend></policies>${epilogue}`];
    const section = form === "absent" ? `<inbound>${inserted}</inbound>` : "";
    return { form, xml: `${head}${first}${before}${tail}`, expected: `${head}${section}${first}${after}${tail}` };
  });
