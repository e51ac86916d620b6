/** Where an element stands in the text it was read from, so that the text can be spliced without being rewritten. */
export interface SourceElement {
  name: string;
  start: number;
  /** Just after the start tag, or after the whole element when it closes itself. */
  startTagEnd: number;
  selfClosing: boolean;
  end: number;
  children: SourceElement[];
}

export class XmlNotWellFormed extends Error {
  override readonly name = "XmlNotWellFormed";
}

const markup =
  /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<(\/?)([^\s"'<>/!?=]+)(?=[\s/>])((?:"[^"<]*"|'[^'<]*'|[^"'<>])*)>/y;
const notAllowedInXml = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const bareAmpersand = /&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6});)/;
const maxDepth = 200;

/**
 * Finds the elements of an XML text and refuses what an XML parser must refuse but @xmldom/xmldom 0.9 lets pass: a bare `&`
 * (the mark of C# that was written as `rawxml`), `]]>` in text, control characters, a DOCTYPE. Attributes and names are the parser's.
 */
export function locateElements(xml: string): SourceElement {
  const illegal = notAllowedInXml.exec(xml);
  if (illegal) throw problem(xml, illegal.index, "a character that XML does not allow");
  const open: SourceElement[] = [];
  let root: SourceElement | undefined;
  let at = 0;

  while (at < xml.length) {
    const next = xml.indexOf("<", at);
    const textEnd = next === -1 ? xml.length : next;
    checkReferences(xml, at, textEnd);
    const cdataEnd = xml.slice(at, textEnd).indexOf("]]>");
    if (cdataEnd !== -1) throw problem(xml, at + cdataEnd, "`]]>` outside of CDATA");
    if (textEnd === xml.length) break;
    markup.lastIndex = textEnd;
    const [matched, slash, name, rest] = markup.exec(xml) ?? [];
    if (matched === undefined)
      throw problem(xml, textEnd, "markup that is not XML (or a DOCTYPE, which is not accepted)");
    const end = textEnd + matched.length;
    if (name !== undefined && slash === "/") closeElement(xml, open.pop(), name, textEnd, end);
    else if (name !== undefined) {
      checkReferences(xml, textEnd, end);
      const selfClosing = rest?.endsWith("/") ?? false;
      const element = { name, start: textEnd, startTagEnd: end, selfClosing, end, children: [] };
      const parent = open.at(-1);
      if (parent) parent.children.push(element);
      else if (root) throw problem(xml, textEnd, "a second root element");
      else root = element;
      if (!selfClosing && open.push(element) > maxDepth)
        throw problem(xml, textEnd, `more than ${maxDepth} levels of elements`);
    }
    at = end;
  }
  const unclosed = open.at(-1);
  if (unclosed) throw problem(xml, unclosed.start, `<${unclosed.name}> is never closed`);
  if (!root) throw new XmlNotWellFormed("The XML has no element");
  return root;
}

function closeElement(xml: string, element: SourceElement | undefined, name: string, at: number, end: number): void {
  if (element?.name !== name) throw problem(xml, at, `</${name}> closes ${element ? `<${element.name}>` : "nothing"}`);
  element.end = end;
}

function checkReferences(xml: string, start: number, end: number): void {
  const text = xml.slice(start, end);
  const bare = bareAmpersand.exec(text);
  if (bare) throw problem(xml, start + bare.index, "an `&` that begins no reference of XML");
  for (const [reference, digits = ""] of text.matchAll(/&#(x?[0-9A-Fa-f]+);/g)) {
    const code = Number(digits.startsWith("x") ? `0${digits}` : digits);
    if (code > 0x10ffff || notAllowedInXml.test(String.fromCodePoint(code)))
      throw problem(xml, start + text.indexOf(reference), `${reference}, which is no character of XML`);
  }
}

function problem(xml: string, index: number, what: string): XmlNotWellFormed {
  const before = xml.slice(0, index).split(/\r\n|\r|\n/);
  return new XmlNotWellFormed(`Line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${what}`);
}
