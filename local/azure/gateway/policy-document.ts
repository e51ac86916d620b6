import { DOMParser, type Element, type Node, onErrorStopParsing } from "@xmldom/xmldom";
import { memoByText } from "./memo-by-text.ts";

export interface PolicyElement {
  name: string;
  attributes: ReadonlyMap<string, string>;
  children: readonly PolicyElement[];
  /** Text and CDATA directly inside the element. */
  text: string;
}

/** The tree of a stored policy or fragment; undefined when the text is not well-formed XML. */
export const parsePolicyDocument = memoByText(32, (xml: string): PolicyElement | undefined => {
  try {
    const root = new DOMParser({ onError: onErrorStopParsing }).parseFromString(xml, "text/xml").documentElement;
    return root ? toPolicyElement(root) : undefined;
  } catch {
    return undefined;
  }
});

function toPolicyElement(element: Element): PolicyElement {
  const nodes = [...element.childNodes];
  return {
    name: element.nodeName,
    attributes: new Map([...element.attributes].map((attribute) => [attribute.name, attribute.value])),
    children: nodes.filter(isElement).map(toPolicyElement),
    text: nodes
      .filter((node) => node.nodeType === node.TEXT_NODE || node.nodeType === node.CDATA_SECTION_NODE)
      .map((node) => node.nodeValue ?? "")
      .join(""),
  };
}

function isElement(node: Node): node is Element {
  return node.nodeType === node.ELEMENT_NODE;
}
