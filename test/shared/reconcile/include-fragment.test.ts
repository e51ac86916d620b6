import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import {
  callsBase,
  hasInclude,
  insertInclude,
  proveInclude,
  removeInclude,
} from "../../../shared/reconcile/include-fragment.ts";
import { referenceAbsent, referencePath } from "../../support/reference-material.ts";

const id = "portcullis-containment";
const include = `<include-fragment fragment-id="${id}" />`;

describe("the include", () => {
  it("stands first in <inbound>", () => {
    expect(insertInclude("<policies>\r\n\t<inbound>\r\n\t\t<base />\r\n\t</inbound>\r\n</policies>", id)).toEqual({
      status: "inserted",
      xml: `<policies>\r\n\t<inbound>${include}\r\n\t\t<base />\r\n\t</inbound>\r\n</policies>`,
    });
  });

  it.each([
    ["<policies><inbound></inbound></policies>", `<policies><inbound>${include}</inbound></policies>`],
    ["<policies><inbound/></policies>", `<policies><inbound>${include}</inbound></policies>`],
    ['<policies><inbound id="a>b" /></policies>', `<policies><inbound id="a>b">${include}</inbound></policies>`],
    ["<policies><outbound /></policies>", `<policies><inbound>${include}</inbound><outbound /></policies>`],
    ["<policies />", `<policies><inbound>${include}</inbound></policies>`],
    [
      "<!-- <inbound> --><policies><inbound ></inbound ></policies>",
      `<!-- <inbound> --><policies><inbound >${include}</inbound ></policies>`,
    ],
    [
      "<policies><backend><set-body><inbound /></set-body></backend><inbound /></policies>",
      `<policies><backend><set-body><inbound /></set-body></backend><inbound>${include}</inbound></policies>`,
    ],
  ])("finds its place in %s", (before, after) => {
    expect(insertInclude(before, id)).toEqual({ status: "inserted", xml: after });
  });

  it.each([
    [`<policies><inbound><base />${include}</inbound></policies>`],
    [`<policies><inbound><include-fragment\n fragment-id='${id}'></include-fragment></inbound></policies>`],
    [`<policies><inbound><include-fragment fragment-id="portcullis&#45;containment"/></inbound></policies>`],
  ])("is there already in %s", (xml) => {
    expect(hasInclude(xml, id)).toBe(true);
    expect(insertInclude(xml, id)).toEqual({ status: "present" });
  });

  it.each([
    ["a comment", `<policies><inbound><!-- ${include} --></inbound></policies>`],
    ["CDATA", `<policies><inbound><set-body><![CDATA[${include}]]></set-body></inbound></policies>`],
    [
      "a choose",
      `<policies><inbound><choose><when condition="@(true)">${include}</when></choose></inbound></policies>`,
    ],
    ["outbound", `<policies><inbound /><outbound>${include}</outbound></policies>`],
    [
      "another fragment's name",
      '<policies><inbound><include-fragment fragment-id="portcullis" /></inbound></policies>',
    ],
    [
      "another letter case",
      '<policies><inbound><include-fragment fragment-id="Portcullis-Containment" /></inbound></policies>',
    ],
    ["another element's attribute", `<policies><inbound><set-variable fragment-id="${id}" /></inbound></policies>`],
  ])("is not yet there when it stands in %s only", (_, xml) => {
    expect(hasInclude(xml, id)).toBe(false);
    expect(insertInclude(xml, id).status).toBe("inserted");
    expect(removeInclude(xml, id)).toEqual({ status: "absent" });
  });

  it("goes wherever it stands in <inbound>, however often and however written", () => {
    const xml = `<policies><inbound>${include}<base /> a ${include} b <include-fragment fragment-id="${id}">\n</include-fragment></inbound></policies>`;

    expect(removeInclude(xml, id)).toEqual({
      status: "removed",
      xml: "<policies><inbound><base /> a  b </inbound></policies>",
    });
  });

  it("goes into every policy that the specification's examples show as stored", (test) => {
    const folder = referencePath("arm-examples", "apimanagement");
    if (!folder) return test.skip(referenceAbsent);
    const response = z.object({ body: z.object({ properties: z.object({ value: z.string() }) }) });
    const example = z.object({ responses: z.record(z.string(), z.unknown()) });
    const stored = readdirSync(folder)
      .filter((name) => /Policy\.json$|PolicyNonXmlEncoded\.json$|PolicyFormat\.json$/.test(name))
      .flatMap((name) => Object.values(example.parse(JSON.parse(readFileSync(join(folder, name), "utf8"))).responses))
      .flatMap((answer) => response.safeParse(answer).data?.body.properties.value ?? []);

    expect(stored.length).toBeGreaterThan(8);
    for (const xml of stored) {
      const result = insertInclude(xml, id);
      expect(result).toEqual({ status: "inserted", xml: expect.stringContaining(include) });
    }
  });
});

describe("a policy that is not safe to edit", () => {
  const cases: [string, string, string][] = [
    ["an empty read", "", "empty"],
    ["white space", " \r\n\t", "empty"],
    ["a lone byte order mark", "\uFEFF", "empty"],
    ["text", "policies", "not-format-xml"],
    ["JSON", '{"value":"<policies/>"}', "not-format-xml"],
    ["an end cut off", "<policies><inbound><base />", "not-format-xml"],
    ["crossed tags", "<policies><inbound></policies></inbound>", "not-format-xml"],
    ["an attribute without quotes", "<policies><inbound a=b /></policies>", "not-format-xml"],
    ["an attribute twice", '<policies><inbound a="1" a="2" /></policies>', "not-format-xml"],
    ["an unknown entity", "<policies><inbound>&nbsp;</inbound></policies>", "not-format-xml"],
    ["a DOCTYPE", '<!DOCTYPE p [<!ENTITY a "b">]><policies><inbound>&a;</inbound></policies>', "not-format-xml"],
    ["two roots", "<policies><inbound /></policies><policies />", "not-format-xml"],
    ["text after the end", "<policies><inbound /></policies>;", "not-format-xml"],
    ["a control character", "<policies><inbound>\u0001</inbound></policies>", "not-format-xml"],
    ["a reference to one", "<policies><inbound>&#0;</inbound></policies>", "not-format-xml"],
    ["half a surrogate pair", "<policies><inbound>\ud800</inbound></policies>", "not-format-xml"],
    ["]]> in text", "<policies><inbound>]]></inbound></policies>", "not-format-xml"],
    ["a depth no person wrote", `${"<policies>".repeat(50_000)}${"</policies>".repeat(50_000)}`, "not-format-xml"],
    ["C# quotes in quotes", raw('@(context.Variables["a"] == "b")'), "not-format-xml"],
    ["C# &&", raw("@(true && false)"), "not-format-xml"],
    ["C# & before a name", raw("@(a &b)"), "not-format-xml"],
    ["C# <", raw("@(1 < 2)"), "not-format-xml"],
    [
      "C# that closes what its type argument opens",
      "<policies><inbound><value>@{ var a = new List<string>(); // </string>\n}</value></inbound></policies>",
      "not-format-xml",
    ],
    ["a fragment", "<fragment><base /></fragment>", "not-a-policy"],
    ["another root", "<Policies><inbound /></Policies>", "not-a-policy"],
    ["two inbound sections", "<policies><inbound /><inbound /></policies>", "several-inbound"],
  ];

  it.each(cases)("is %s", (_, xml, reason) => {
    const refusal = expect.objectContaining({ name: "PolicyNotSafeToEdit", reason });

    expect(() => insertInclude(xml, id)).toThrow(refusal);
    expect(() => removeInclude(xml, id)).toThrow(refusal);
    expect(() => hasInclude(xml, id)).toThrow(refusal);
    expect(() => callsBase(xml)).toThrow(refusal);
  });

  it.each(["", 'a"/><x y="', "a b", "-a", "a-", "a\n", "ä", "a".repeat(81)])(
    "is any, for a fragment that could not be called %j",
    (name) => {
      const refusal = expect.objectContaining({ reason: "fragment-id" });

      expect(() => insertInclude("<policies><inbound /></policies>", name)).toThrow(refusal);
      expect(() => removeInclude("<policies><inbound /></policies>", name)).toThrow(refusal);
    },
  );

  it("says where and what, so that a person can mend it", () => {
    expect(() => insertInclude("<policies>\n  <inbound>\n    a && b</inbound></policies>", id)).toThrow(
      "Will not edit this policy: it is not well-formed, as format=xml is. Line 3, column 7: an `&` that begins no reference of XML",
    );
  });

  function raw(expression: string): string {
    return `<policies><inbound><choose><when condition="${expression}"><base /></when></choose></inbound></policies>`;
  }
});

describe("the proof", () => {
  const before = "<policies><inbound><base /> <!-- c --></inbound><outbound /></policies>";
  const after = `<policies><inbound>${include}<base /> <!-- c --></inbound><outbound /></policies>`;

  it("holds for the include alone", () => {
    expect(() => proveInclude(before, after, id)).not.toThrow();
  });

  it.each([
    ["nothing was added", before],
    ["it was added twice", after.replace("<base", `${include}<base`)],
    ["it stands elsewhere", before.replace("<outbound />", `<outbound>${include}</outbound>`)],
    ["it is not the first", before.replace("<!--", `${include}<!--`)],
    ["it carries more than its name", after.replace(" />", ' x="1" />')],
    ["it includes another", after.replace(id, "other")],
    ["a comment went", after.replace("<!-- c -->", "")],
    ["white space went", after.replace("/> <", "/><")],
    ["an element went", after.replace("<outbound />", "")],
    ["the text broke", after.slice(0, -1)],
  ])("fails when %s", (_, edited) => {
    expect(() => proveInclude(before, edited, id)).toThrow(expect.objectContaining({ reason: "not-proven" }));
  });
});

describe("the global policy", () => {
  it.each([
    ["<policies><inbound><base /></inbound></policies>", true],
    ["<policies><inbound><set-header /><base></base></inbound></policies>", true],
    ["<policies><inbound><!-- <base /> --></inbound><outbound><base /></outbound></policies>", false],
    ["<policies><inbound><choose><when condition='@(true)'><base /></when></choose></inbound></policies>", false],
    ["<policies><inbound /></policies>", false],
    ["<policies><backend><base /></backend></policies>", false],
  ])("is called by %s: %s", (xml, calls) => {
    expect(callsBase(xml)).toBe(calls);
  });
});
