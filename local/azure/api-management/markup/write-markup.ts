import { expressionEnd, startsExpression } from "./expression-end.ts";
import type { Encoding, Markup, MarkupElement, MarkupNode } from "./markup.ts";

const newline = "\r\n";

/**
 * Writes a document the way API Management stores it: CRLF, two spaces a level, `<a />`, the fewest entities.
 * White space is only touched between elements; text, CDATA, comments and expressions keep their characters.
 */
export function writeMarkup({ before, root, after }: Markup, encoding: Encoding): string {
  return [...before, root, ...after].map((node) => writeNode(node, encoding, 0)).join(newline);
}

function writeNode(node: MarkupNode, encoding: Encoding, depth: number | undefined): string {
  switch (node.kind) {
    case "element":
      return writeElement(node, encoding, depth);
    case "text":
      return crlf(escaped(node.value, encoding, escapeText));
    case "cdata":
      return crlf(`<![CDATA[${node.value}]]>`);
    case "comment":
      return crlf(`<!--${node.value}-->`);
    case "instruction":
      return crlf(`<?${node.value}?>`);
  }
}

/** `depth` is undefined inside mixed content, where every space belongs to the text. */
function writeElement(element: MarkupElement, encoding: Encoding, depth: number | undefined): string {
  const { name, attributes, children, selfClosing } = element;
  const written = Array.from(attributes, ([key, value]) => ` ${key}="${writeAttribute(value, encoding)}"`);
  const start = `<${name}${written.join("")}`;
  if (selfClosing) return `${start} />`;
  if (depth === undefined || isMixed(element)) {
    return `${start}>${children.map((child) => writeNode(child, encoding, undefined)).join("")}</${name}>`;
  }
  const inner = children.filter((child) => child.kind !== "text");
  if (inner.length === 0) return `${start}></${name}>`;
  const indent = newline + "  ".repeat(depth + 1);
  const body = inner.map((child) => indent + writeNode(child, encoding, depth + 1)).join("");
  return `${start}>${body}${newline}${"  ".repeat(depth)}</${name}>`;
}

/** Text other than the white space between elements; a payload in set-body is text whatever it looks like. */
function isMixed({ name, children }: MarkupElement): boolean {
  const onlyText = children.length > 0 && children.every((child) => child.kind === "text");
  return (
    name === "set-body" ||
    onlyText ||
    children.some((child) => child.kind === "cdata" || (child.kind === "text" && /[^ \n\t]/.test(child.value)))
  );
}

function writeAttribute(value: string, encoding: Encoding): string {
  // A line end inside an expression is one: CRLF is read back as the same line feed.
  return crlf(escaped(value, encoding, escapeAttribute));
}

/** In `rawxml` expressions go out as typed. */
function escaped(value: string, encoding: Encoding, toEntities: (text: string) => string): string {
  if (encoding === "xml") return toEntities(value);
  // What only looks like the start of an expression must not be read back as one.
  const literal = (text: string) => toEntities(text).replace(/@(?=[({])/g, "&#x40;");
  const parts: string[] = [];
  let written = 0;
  for (let at = value.indexOf("@"); at !== -1; at = value.indexOf("@", at + 1)) {
    if (!startsExpression(value, at)) continue;
    const end = expressionEnd(value, at);
    if (end === undefined) break;
    const expression = value.slice(at, end);
    // A carriage return as typed would be read back as a line feed, so that expression stays in entities.
    if (!expression.includes("\r")) {
      parts.push(literal(value.slice(written, at)), expression);
      written = end;
    }
    at = end - 1;
  }
  return parts.join("") + literal(value.slice(written));
}

function escapeText(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\r/g, "&#xD;");
}

function escapeAttribute(text: string): string {
  return escapeText(text).replace(/"/g, "&quot;").replace(/\n/g, "&#xA;").replace(/\t/g, "&#x9;");
}

function crlf(text: string): string {
  return text.replace(/\n/g, newline);
}
