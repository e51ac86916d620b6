import { describe, expect, it } from "vitest";
import { XmlNotWellFormed } from "../../../shared/reconcile/locate-elements.ts";
import { meaningOf, parsePolicy, printPolicy, rootOf, sameTree } from "../../../shared/reconcile/policy-tree.ts";

describe("the tree of a policy", () => {
  it("holds comments, CDATA, instructions and white space as they stand", () => {
    expect(parsePolicy("\uFEFF<?x y?><a b='1' a='2'> <!--c--><![CDATA[<d>]]>&lt;\r\n</a>")).toEqual([
      { kind: "instruction", text: "x y" },
      {
        kind: "element",
        name: "a",
        attributes: { a: "2", b: "1" },
        children: [
          { kind: "text", text: " " },
          { kind: "comment", text: "c" },
          { kind: "cdata", text: "<d>" },
          { kind: "text", text: "<\n" },
        ],
      },
    ]);
  });

  it("knows the line ends of XML 1.0 and takes no other character for one", () => {
    expect(sameTree(parsePolicy("<a>\r\n\r</a>"), parsePolicy("<a>\n\n</a>"))).toBe(true);
    expect(sameTree(parsePolicy("<a>\u0085\u2028</a>"), parsePolicy("<a>\n\n</a>"))).toBe(false);
  });

  it("takes an attribute called __proto__ for an attribute", () => {
    expect(sameTree(parsePolicy('<a __proto__="1"/>'), parsePolicy("<a/>"))).toBe(false);
  });

  it("is not made of what is no XML, and the error says where", () => {
    expect(() => parsePolicy("<a>\r\n  <b></c></a>")).toThrow(XmlNotWellFormed);
    expect(() => parsePolicy("<a>\r\n  <b></c></a>")).toThrow("Line 2, column 6: </c> closes <b>");
  });
});

describe("the meaning of a policy", () => {
  it("leaves out comments, instructions and the white space around, and no other space", () => {
    const root = rootOf(parsePolicy("<a>\n <!-- x --> <?x y?> <b> 1 <![CDATA[ 2 ]]></b> \u00a0 </a>"));

    expect(meaningOf(root).children).toEqual([
      { kind: "element", name: "b", attributes: {}, children: [{ kind: "text", text: "1  2" }] },
      { kind: "text", text: "\u00a0" },
    ]);
  });
});

describe("printing a policy", () => {
  it("means the same when read again, whatever stands in values", () => {
    const value = "\"'<>&\t\r\n]]> @(a && b) {{x}} \ud83d\udeaa";
    const root = {
      kind: "element",
      name: "soap:a",
      attributes: { v: value, "xmlns:soap": "urn:x" },
      children: [{ kind: "text", text: `x${value}x` }],
    } as const;

    const [read] = parsePolicy(printPolicy(root));

    expect(read).toEqual({ ...root, children: [{ kind: "text", text: `x${value.replace("\r\n", "\n")}x` }] });
  });

  it.each(["a\u0000", "\ud800"])("throws rather than write %j, which no XML can carry", (text) => {
    expect(() =>
      printPolicy({ kind: "element", name: "a", attributes: {}, children: [{ kind: "text", text }] }),
    ).toThrow();
  });
});
