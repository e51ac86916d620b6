import type { Encoding, Markup, MarkupElement, MarkupNode } from "./markup.ts";
import { createScanner, type Scanner } from "./scanner.ts";

/** Deeper than any policy; keeps a hostile document from exhausting the stack of whoever walks the tree. */
const maximumDepth = 200;

/** Reads a policy or fragment; throws MarkupError where it is not well-formed. */
export function parseMarkup(source: string, encoding: Encoding): Markup {
  const scanner = createScanner(source, encoding);
  const before: MarkupNode[] = [];
  const after: MarkupNode[] = [];
  let root: MarkupElement | undefined;

  if (/^<\?xml[ \n\t]/.test(scanner.text)) scanner.upTo("?>", "the XML declaration");
  while (scanner.skipSpace() || !scanner.ended()) {
    if (scanner.ended()) break;
    const node = scanner.looksAt("<") ? readNode(scanner) : scanner.fail("Data at the root level is invalid.");
    if (node.kind === "cdata") scanner.fail("Data at the root level is invalid.");
    if (node.kind !== "element") (root === undefined ? before : after).push(node);
    else if (root === undefined) root = node;
    else scanner.fail("There are multiple root elements.");
  }
  return { root: root ?? scanner.fail("Root element is missing."), before, after };
}

/** What starts with the `<` that comes next. Elements are read without recursion. */
function readNode(scanner: Scanner): MarkupNode {
  const leaf = readLeaf(scanner);
  if (leaf !== undefined) return leaf;
  const root = readStartTag(scanner);
  const open = root.selfClosing ? [] : [root];
  for (let parent = open.at(-1); parent !== undefined; parent = open.at(-1)) {
    if (scanner.ended()) {
      const names = open.map((element) => element.name).reverse();
      scanner.fail(`Unexpected end of file has occurred. The following elements are not closed: ${names.join(", ")}.`);
    }
    if (!scanner.looksAt("<")) {
      parent.children.push({ kind: "text", value: scanner.characters() });
    } else if (scanner.take("</")) {
      readEndTag(scanner, parent);
      open.pop();
    } else {
      const child = readLeaf(scanner) ?? readStartTag(scanner);
      parent.children.push(child);
      if (child.kind === "element" && !child.selfClosing) open.push(child);
      if (open.length > maximumDepth) scanner.fail(`Elements are nested deeper than ${maximumDepth} levels.`);
    }
  }
  return root;
}

function readLeaf(scanner: Scanner): MarkupNode | undefined {
  if (scanner.take("<!--")) {
    const value = scanner.upTo("--", "Comment");
    if (!scanner.take(">")) scanner.fail("An XML comment cannot contain '--', and '-' cannot be the last character.");
    return { kind: "comment", value };
  }
  if (scanner.take("<![CDATA[")) return { kind: "cdata", value: scanner.upTo("]]>", "CDATA") };
  if (scanner.take("<?")) return { kind: "instruction", value: scanner.upTo("?>", "PI") };
  if (scanner.looksAt("<!DOCTYPE")) {
    scanner.fail("For security reasons DTD is prohibited in this XML document.");
  }
  return undefined;
}

function readStartTag(scanner: Scanner): MarkupElement {
  scanner.at += 1;
  const { line, column } = scanner.place();
  const name = scanner.name();
  const attributes = new Map<string, string>();
  for (;;) {
    const spaced = scanner.skipSpace();
    if (scanner.take("/>")) return { kind: "element", name, attributes, children: [], selfClosing: true, line, column };
    if (scanner.take(">")) return { kind: "element", name, attributes, children: [], selfClosing: false, line, column };
    const from = scanner.at;
    const attribute = scanner.name();
    if (!spaced) scanner.fail(`'${attribute}' is an unexpected token. Expecting white space.`, from);
    if (attributes.has(attribute)) scanner.fail(`'${attribute}' is a duplicate attribute name.`, from);
    scanner.skipSpace();
    if (!scanner.take("=")) {
      scanner.fail(`'${scanner.text[scanner.at] ?? ""}' is an unexpected token. The expected token is '='.`);
    }
    scanner.skipSpace();
    attributes.set(attribute, scanner.attributeValue());
  }
}

function readEndTag(scanner: Scanner, open: MarkupElement): void {
  const from = scanner.at;
  const name = scanner.name();
  if (name !== open.name) {
    scanner.fail(
      `The '${open.name}' start tag on line ${open.line} position ${open.column} does not match the end tag of '${name}'.`,
      from,
    );
  }
  scanner.skipSpace();
  if (!scanner.take(">")) {
    scanner.fail(`'${scanner.text[scanner.at] ?? ""}' is an unexpected token. The expected token is '>'.`);
  }
}
