/** A policy document as a tree. Values are decoded: what an XML reader would hand out. */
export type MarkupNode =
  | MarkupElement
  | { kind: "text"; value: string }
  | { kind: "cdata"; value: string }
  | { kind: "comment"; value: string }
  | { kind: "instruction"; value: string };

export interface MarkupElement {
  kind: "element";
  name: string;
  attributes: Map<string, string>;
  children: MarkupNode[];
  /** `<a />` rather than `<a></a>`; API Management keeps the difference. */
  selfClosing: boolean;
  /** Where the name starts, counted from 1 as .NET does. */
  line: number;
  column: number;
}

export interface Markup {
  root: MarkupElement;
  /** Comments and processing instructions around the root. */
  before: MarkupNode[];
  after: MarkupNode[];
}

/** `xml`: well-formed throughout. `rawxml`: expressions are written as typed, quotes, `<` and `&` included. */
export type Encoding = "xml" | "rawxml";

export function elementsOf(parent: MarkupElement): MarkupElement[] {
  return parent.children.filter((child) => child.kind === "element");
}

/** Every element below `parent` and itself, in document order. */
export function* descendants(parent: MarkupElement): Generator<MarkupElement> {
  yield parent;
  for (const child of elementsOf(parent)) yield* descendants(child);
}

export function textOf(element: MarkupElement): string {
  return element.children.map((child) => (child.kind === "text" || child.kind === "cdata" ? child.value : "")).join("");
}
