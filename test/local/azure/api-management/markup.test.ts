import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expressionEnd } from "../../../../local/azure/api-management/markup/expression-end.ts";
import type { Encoding, MarkupElement, MarkupNode } from "../../../../local/azure/api-management/markup/markup.ts";
import { parseMarkup } from "../../../../local/azure/api-management/markup/parse-markup.ts";
import { MarkupError } from "../../../../local/azure/api-management/markup/scanner.ts";
import { writeMarkup } from "../../../../local/azure/api-management/markup/write-markup.ts";

describe("a policy expression", () => {
  it.each([
    ["@(1 + (2))", ""],
    ['@(")")', ""],
    ["@(')')", ""],
    ["@('\\'')", ""],
    ['@("a\\")")', ""],
    ['@(@"c:\\")', ""],
    ['@(@"say "")""")', ""],
    ['@($"{map["k"]} {{ )")', ""],
    ['@($@"{x}"")")', ""],
    ["@{ // )}\n return 1; }", ""],
    ["@{ /* } */ return 1; }", ""],
    ["@(a[0]) and more", " and more"],
  ])("%s ends where its brackets close", (text, rest) => {
    expect(text.slice(expressionEnd(text, 0))).toBe(rest);
  });

  it.each(["@(1", '@("1)', "@(1]", "@{ /* }"])("%s never ends", (text) => {
    expect(expressionEnd(text, 0)).toBeUndefined();
  });

  it("is refused, not followed, when strings nest in strings without end", () => {
    expect(expressionEnd(`@(${'$"{'.repeat(100_000)}`, 0)).toBeUndefined();
  });
});

describe("rawxml", () => {
  it("takes C# as typed and stores it in entities", () => {
    const raw = '<when condition="@(a < 1 && b == "x")"><value>@{ return "</value>"; }</value></when>';

    const stored = convert(raw, "rawxml", "xml");

    expect(stored).toBe(
      '<when condition="@(a &lt; 1 &amp;&amp; b == &quot;x&quot;)">\r\n  <value>@{ return "&lt;/value&gt;"; }</value>\r\n</when>',
    );
    expect(convert(stored, "xml", "rawxml")).toBe(
      '<when condition="@(a < 1 && b == "x")">\r\n  <value>@{ return "</value>"; }</value>\r\n</when>',
    );
  });

  it("keeps the lines of an expression in an attribute, which plain XML would fold", () => {
    const stored = convert('<when condition="@{ // why\n return true; }" />', "rawxml", "xml");

    expect(stored).toBe('<when condition="@{ // why&#xA; return true; }" />');
  });

  it("still wants well-formed XML outside of expressions", () => {
    expect(() => parseMarkup("<value>a & b</value>", "rawxml")).toThrow("parsing EntityName. Line 1, position 11.");
  });

  it.each([
    ["only looks like an expression", "<value>mail me @(home</value>"],
    ["holds a carriage return, which typed text cannot", '<value>@("a&#xD;b")</value>'],
  ])("hands out text that %s so that it is read back as it was", (_, stored) => {
    const raw = convert(stored, "xml", "rawxml");

    expect(convert(raw, "rawxml", "xml")).toBe(stored);
  });
});

describe("text that is not well-formed", () => {
  it.each<[string, string]>([
    ["", "Root element is missing. Line 1, position 1."],
    ["policies", "Data at the root level is invalid. Line 1, position 1."],
    ["<a>\n  &\n</a>", "An error occurred while parsing EntityName. Line 2, position 4."],
    ["<a>&nbsp;</a>", "Reference to undeclared entity 'nbsp'. Line 1, position 5."],
    ["<a b='1'c='2' />", "'c' is an unexpected token. Expecting white space. Line 1, position 9."],
    ["<a b='1' b='2' />", "'b' is a duplicate attribute name. Line 1, position 10."],
    ["<a b='<' />", "'<', hexadecimal value 0x3C, is an invalid attribute character. Line 1, position 7."],
    ["<a b=1 />", "'1' is an unexpected token. The expected token is '\"' or '''. Line 1, position 6."],
    ["<a><b></a>", "The 'b' start tag on line 1 position 5 does not match the end tag of 'a'. Line 1, position 9."],
    ["<a><b>", "Unexpected end of file has occurred. The following elements are not closed: b, a. Line 1, position 7."],
    ["<a /><b />", "There are multiple root elements. Line 1, position 11."],
    [
      "<a><!-- x -- y --></a>",
      "An XML comment cannot contain '--', and '-' cannot be the last character. Line 1, position 13.",
    ],
    ["<!DOCTYPE a><a />", "For security reasons DTD is prohibited in this XML document. Line 1, position 1."],
    ["<a>\u0001</a>", "'\u0001', hexadecimal value 0x01, is an invalid character. Line 1, position 4."],
    ["<1a />", "Name cannot begin with the '1' character, hexadecimal value 0x31. Line 1, position 2."],
  ])("%j is refused with the reader's own words", (text, message) => {
    expect(() => parseMarkup(text, "xml")).toThrow(new MarkupError(message));
  });

  it("is refused, not followed, when it nests without end", () => {
    expect(() => parseMarkup("<a>".repeat(100_000), "xml")).toThrow("nested deeper than");
  });
});

describe("normalisation", () => {
  it("leaves the spaces of a payload alone", () => {
    const policy = "<inbound> <set-body> <a> <b /> </a> </set-body> </inbound>";

    expect(convert(policy, "xml", "xml")).toBe("<inbound>\r\n  <set-body> <a> <b /> </a> </set-body>\r\n</inbound>");
  });

  it.each<Encoding>(["xml", "rawxml"])("keeps every meaning through %s", (encoding) => {
    fc.assert(
      fc.property(element(3), (root) => {
        const written = writeMarkup({ root, before: [], after: [] }, encoding);

        expect(meaning(parseMarkup(written, encoding).root)).toEqual(meaning(root));
      }),
      { numRuns: 500 },
    );
  });

  it("changes nothing the second time", () => {
    fc.assert(
      fc.property(element(3), (root) => {
        const once = writeMarkup({ root, before: [], after: [] }, "xml");

        expect(convert(once, "xml", "xml")).toBe(once);
        expect(convert(convert(once, "xml", "rawxml"), "rawxml", "xml")).toBe(once);
      }),
      { numRuns: 500 },
    );
  });
});

function convert(text: string, from: Encoding, to: Encoding): string {
  return writeMarkup(parseMarkup(text, from), to);
}

/** What a reader of the document gets to see, without the white space between elements. */
function meaning(node: MarkupNode): unknown {
  if (node.kind !== "element") return node;
  const children = joined(node.children);
  const mixed = children.some(
    (child) => child.kind === "cdata" || (child.kind === "text" && child.value.trim() !== ""),
  );
  const alone = children.every((child) => child.kind === "text");
  const kept = mixed || alone ? children : children.filter((child) => child.kind !== "text");
  return { name: node.name, attributes: [...node.attributes], children: kept.map(meaning) };
}

function joined(nodes: readonly MarkupNode[]): MarkupNode[] {
  return nodes.reduce<MarkupNode[]>((all, node) => {
    const last = all.at(-1);
    if (node.kind === "text" && node.value === "") return all;
    if (node.kind === "text" && last?.kind === "text") last.value += node.value;
    else all.push({ ...node });
    return all;
  }, []);
}

function element(depth: number): fc.Arbitrary<MarkupElement> {
  const characters = fc.string({ unit: fc.constantFrom(..."@(){}\"'<>&\\/*$a b\n\t\r;]") });
  const expression = fc.constantFrom('@("a" < "b")', "@{ // x )\n return 'y'; }", '@($"{m["k"]}")', '@(@"\\")');
  const value = fc.oneof(
    characters,
    expression,
    fc.tuple(characters, expression).map((parts) => parts.join("")),
  );
  const text: fc.Arbitrary<MarkupNode> = value.map((found) => ({ kind: "text", value: found }));
  const cdata: fc.Arbitrary<MarkupNode> = value
    .map((found) => found.replace(/\r/g, "").replaceAll("]]>", ""))
    .map((found) => ({ kind: "cdata", value: found.replaceAll("]", "") }));
  const comment: fc.Arbitrary<MarkupNode> = value.map((found) => ({
    kind: "comment",
    value: found.replace(/[-\r]/g, ""),
  }));
  const child: fc.Arbitrary<MarkupNode> = depth === 0 ? text : fc.oneof(text, cdata, comment, element(depth - 1));
  return fc
    .record({
      name: fc.constantFrom("value", "choose", "set-header"),
      attributes: fc.dictionary(fc.constantFrom("condition", "name"), value),
      // A reader never finds two texts side by side.
      children: fc.array(child, { maxLength: 4 }).map(joined),
    })
    .map(({ name, attributes, children }) => ({
      kind: "element",
      name,
      attributes: new Map(Object.entries(attributes)),
      children,
      selfClosing: children.length === 0,
      line: 1,
      column: 1,
    }));
}
