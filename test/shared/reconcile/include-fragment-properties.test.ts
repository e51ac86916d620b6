import { DOMParser, type Document, onWarningStopParsing, XMLSerializer } from "@xmldom/xmldom";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { fragmentId } from "../../../shared/reconcile/fragment-document.ts";
import { hasInclude, insertInclude, proveInclude, removeInclude } from "../../../shared/reconcile/include-fragment.ts";
import { parsePolicy } from "../../../shared/reconcile/policy-tree.ts";
import { inserted, policy } from "../../support/arbitrary-policy.ts";

/** Two thousand policies for each claim. */
const runs = { numRuns: 2_000 };

function insert(xml: string): string {
  const result = insertInclude(xml, fragmentId);
  if (result.status !== "inserted") throw new Error("the include was there already");
  return result.xml;
}

function remove(xml: string): string {
  const result = removeInclude(xml, fragmentId);
  if (result.status !== "removed") throw new Error("there was no include");
  return result.xml;
}

it("puts one element first in <inbound> and keeps every other byte of the customer's text", () =>
  fc.assert(
    fc.property(policy, ({ xml, expected }) => {
      expect(insert(xml)).toBe(expected);
    }),
    runs,
  ));

it("keeps the meaning: without that element, a parser of its own sees the customer's document", () =>
  fc.assert(
    fc.property(policy, ({ xml, form }) => {
      const after = parse(insert(xml));
      const inbound = [...(after.documentElement?.childNodes ?? [])].find(({ nodeName }) => nodeName === "inbound");
      const first = inbound?.firstChild;
      expect(first?.toString()).toBe('<include-fragment fragment-id="portcullis-containment"/>');
      if (first) inbound?.removeChild(first);
      if (inbound && form === "absent") after.documentElement?.removeChild(inbound);

      expect(new XMLSerializer().serializeToString(after)).toBe(new XMLSerializer().serializeToString(parse(xml)));
    }),
    runs,
  ));

it("happens once: the second time the include is found", () =>
  fc.assert(
    fc.property(policy, ({ xml }) => {
      expect(hasInclude(xml, fragmentId)).toBe(false);

      const after = insert(xml);

      expect(hasInclude(after, fragmentId)).toBe(true);
      expect(insertInclude(after, fragmentId)).toEqual({ status: "present" });
      expect(hasInclude(after, "another-fragment")).toBe(false);
    }),
    runs,
  ));

it("is undone to the byte, or to an empty <inbound> where there was none or one that closed itself", () =>
  fc.assert(
    fc.property(policy, ({ xml, expected, form }) => {
      const after = remove(insert(xml));

      if (form === "open") expect(after).toBe(xml);
      else expect(after).toBe(expected.replace(`${inserted}</inbound>`, "</inbound>"));
      if (form === "self-closing") expect(parsePolicy(after)).toEqual(parsePolicy(xml));
      expect(removeInclude(after, fragmentId)).toEqual({ status: "absent" });
    }),
    runs,
  ));

it("notices any other letter or digit that changed in the customer's text", () =>
  fc.assert(
    fc.property(policy, fc.nat(), fc.constantFrom(..."7fQ"), ({ xml }, position, letter) => {
      const after = insert(xml);
      const places = [...after.matchAll(/[A-Za-z0-9]/g)].map(({ index }) => index);
      const at = places[position % places.length] ?? 0;
      fc.pre(after[at]?.toLowerCase() !== letter.toLowerCase());

      expect(() => proveInclude(xml, after.slice(0, at) + letter + after.slice(at + 1), fragmentId)).toThrow(
        expect.objectContaining({ reason: "not-proven" }),
      );
    }),
    runs,
  ));

function parse(xml: string): Document {
  return new DOMParser({
    onError: onWarningStopParsing,
    normalizeLineEndings: (source) => source.replace(/\r\n?/g, "\n"),
  }).parseFromString(xml.replace(/^\uFEFF/, ""), "text/xml");
}
