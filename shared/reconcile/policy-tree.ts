import {
  DOMImplementation,
  DOMParser,
  type Document,
  type Element,
  Node,
  onWarningStopParsing,
  ParseError,
  XMLSerializer,
} from "@xmldom/xmldom";
import { locateElements, XmlNotWellFormed } from "./locate-elements.ts";

/** A policy document as data: what the text says, without how it was written. */
export interface PolicyElement {
  kind: "element";
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: readonly PolicyNode[];
}
export type PolicyNode = PolicyElement | { kind: "text" | "cdata" | "comment" | "instruction"; text: string };

/** Everything in the document, comments and white space too; throws XmlNotWellFormed. */
export function parsePolicy(xml: string): readonly PolicyNode[] {
  locateElements(xml);
  try {
    const parser = new DOMParser({
      onError: onWarningStopParsing,
      locator: false,
      // XML 1.0, which API Management reads, knows these line ends only; the library's default is that of XML 1.1.
      normalizeLineEndings: (source) => source.replace(/\r\n?/g, "\n"),
    });
    return readChildren(parser.parseFromString(xml.replace(/^\uFEFF/, ""), "text/xml"));
  } catch (error) {
    if (error instanceof ParseError) throw new XmlNotWellFormed(error.message, { cause: error });
    throw error;
  }
}

export function rootOf(document: readonly PolicyNode[]): PolicyElement {
  const root = document.find((node) => node.kind === "element");
  if (!root) throw new XmlNotWellFormed("The XML has no element");
  return root;
}

export function childElements(element: PolicyElement): PolicyElement[] {
  return element.children.filter((node) => node.kind === "element");
}

function readChildren(parent: Node): PolicyNode[] {
  const nodes: PolicyNode[] = [];
  for (let node = parent.firstChild; node; node = node.nextSibling) {
    if (isElement(node)) nodes.push(readElement(node));
    else if (node.nodeType === Node.PROCESSING_INSTRUCTION_NODE)
      nodes.push({ kind: "instruction", text: `${node.nodeName} ${node.nodeValue}` });
    else nodes.push({ kind: kinds[node.nodeType] ?? "text", text: node.nodeValue ?? "" });
  }
  return nodes;
}

const kinds: Record<number, "cdata" | "comment"> = {
  [Node.CDATA_SECTION_NODE]: "cdata",
  [Node.COMMENT_NODE]: "comment",
};

function isElement(node: Node): node is Element {
  return node.nodeType === Node.ELEMENT_NODE;
}

function readElement(element: Element): PolicyElement {
  const attributes = [...element.attributes].map(({ name, value }) => [name, value] as const);
  attributes.sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    kind: "element",
    name: element.tagName,
    attributes: Object.fromEntries(attributes),
    children: readChildren(element),
  };
}

/** The white space of XML only: a no-break space is text. */
const betweenWhiteSpace = /[^ \t\r\n](?:[\s\S]*[^ \t\r\n])?/;

/**
 * Only what a gateway acts on. API Management stores policies in its own hand (indentation, line ends, entities; see the
 * responses of CreateApiPolicy in azure-rest-api-specs), so texts are compared by this and never as strings.
 */
export function meaningOf(element: PolicyElement): PolicyElement {
  const children: PolicyNode[] = [];
  let text = "";
  const endText = () => {
    const [trimmed] = betweenWhiteSpace.exec(text) ?? [];
    if (trimmed !== undefined) children.push({ kind: "text", text: trimmed });
    text = "";
  };
  for (const node of element.children) {
    if (node.kind === "text" || node.kind === "cdata") text += node.text;
    if (node.kind !== "element") continue;
    endText();
    children.push(meaningOf(node));
  }
  endText();
  return { ...element, children };
}

/** Attributes come sorted from parsePolicy, so equal trees have equal text. */
export function sameTree(a: readonly PolicyNode[], b: readonly PolicyNode[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Prints the meaning, one element a line; all escaping is the serialiser's, which throws on what XML cannot carry. */
export function printPolicy(root: PolicyElement): string {
  const document = new DOMImplementation().createDocument(null, "");
  document.appendChild(buildElement(document, meaningOf(root), "\n"));
  return `${new XMLSerializer().serializeToString(document, { requireWellFormed: true })}\n`;
}

function buildElement(document: Document, { name, attributes, children }: PolicyElement, lineStart: string): Element {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  const indent = children.some((child) => child.kind === "element");
  for (const child of children) {
    if (indent) element.appendChild(document.createTextNode(`${lineStart} `));
    element.appendChild(
      child.kind === "element" ? buildElement(document, child, `${lineStart} `) : document.createTextNode(child.text),
    );
  }
  if (indent) element.appendChild(document.createTextNode(lineStart));
  return element;
}
