import { DOMParser, type Node, onErrorStopParsing } from "@xmldom/xmldom";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseMarkup } from "../../../../local/azure/api-management/markup/parse-markup.ts";
import { writeMarkup } from "../../../../local/azure/api-management/markup/write-markup.ts";
import { policy } from "../../../support/arbitrary-policy.ts";

it("stores a customer's policy so that another XML reader finds the same in it", () => {
  fc.assert(
    fc.property(policy, ({ xml }) => {
      const stored = writeMarkup(parseMarkup(xml, "xml"), "xml");

      expect(read(stored)).toEqual(read(xml));
    }),
    { numRuns: 500 },
  );
});

it("hands out rawxml that means the same when it is sent back", () => {
  fc.assert(
    fc.property(policy, ({ xml }) => {
      const stored = writeMarkup(parseMarkup(xml, "xml"), "xml");
      const raw = writeMarkup(parseMarkup(stored, "xml"), "rawxml");

      expect(writeMarkup(parseMarkup(raw, "rawxml"), "xml")).toBe(stored);
    }),
    { numRuns: 500 },
  );
});

/** Everything but the white space between elements. */
function read(xml: string): unknown {
  const document = new DOMParser({ onError: onErrorStopParsing }).parseFromString(
    xml.replace(/^\uFEFF/, ""),
    "text/xml",
  );
  return children(document);
}

function children(parent: Node): unknown[] {
  const nodes = Array.from(parent.childNodes);
  const isText = ({ nodeType }: Node) => nodeType === 3;
  const mixed = nodes.some((node) => node.nodeType === 4 || (isText(node) && /[^ \t\r\n]/.test(node.nodeValue ?? "")));
  const kept = mixed || nodes.every(isText) ? nodes : nodes.filter((node) => !isText(node));
  return kept.filter(({ nodeName }) => nodeName !== "xml").map(describe);
}

function describe(node: Node): unknown {
  if (!("attributes" in node) || node.nodeType !== 1) return [node.nodeName, lineFeeds(node.nodeValue ?? "")];
  const attributes = Array.from(elementAttributes(node), ({ name, value }) => [name, lineFeeds(value)]);
  return [node.nodeName, attributes, children(node)];
}

function elementAttributes(node: Node): Iterable<{ name: string; value: string }> {
  return "attributes" in node ? (node.attributes as Iterable<{ name: string; value: string }>) : [];
}

function lineFeeds(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}
