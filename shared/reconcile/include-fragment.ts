import { locateElements, type SourceElement, XmlNotWellFormed } from "./locate-elements.ts";
import { childElements, type PolicyElement, type PolicyNode, parsePolicy, rootOf, sameTree } from "./policy-tree.ts";

/** A customer's policy that must be left alone: nothing was and nothing may be written. */
export class PolicyNotSafeToEdit extends Error {
  override readonly name = "PolicyNotSafeToEdit";
  readonly reason: "empty" | "not-format-xml" | "not-a-policy" | "several-inbound" | "fragment-id" | "not-proven";

  constructor(reason: PolicyNotSafeToEdit["reason"], explanation: string, options?: ErrorOptions) {
    super(`Will not edit this policy: ${explanation}`, options);
    this.reason = reason;
  }
}

/**
 * Adds `<include-fragment>` as the first element of `<inbound>` and leaves every other character as it was; then parses
 * what came out, and throws PolicyNotSafeToEdit unless it is the old tree and that one element. The text is format=xml.
 */
export function insertInclude(
  policyXml: string,
  fragmentId: string,
): { status: "present" } | { status: "inserted"; xml: string } {
  const { inbound, root } = readPolicy(policyXml);
  if (inbound?.tree.some((element) => includes(element, fragmentId))) return { status: "present" };
  const include = includeText(fragmentId);
  const xml = inbound
    ? spliceFirst(policyXml, inbound.source, include)
    : spliceFirst(policyXml, root, `<inbound>${include}</inbound>`);
  proveInclude(policyXml, xml, fragmentId);
  return { status: "inserted", xml };
}

/**
 * The undoing of insertInclude, to the byte but for two cases: an `<inbound />` has become `<inbound></inbound>`, and an
 * `<inbound>` that was not there stays as an empty one. Both mean what was there before.
 */
export function removeInclude(
  policyXml: string,
  fragmentId: string,
): { status: "absent" } | { status: "removed"; xml: string } {
  includeText(fragmentId);
  const { inbound } = readPolicy(policyXml);
  const ours = inbound?.source.children.filter((_, index) => includes(inbound.tree[index], fragmentId)) ?? [];
  if (ours.length === 0) return { status: "absent" };
  const xml = ours.reduceRight((text, { start, end }) => text.slice(0, start) + text.slice(end), policyXml);
  const expected = editInbound(parsePolicy(policyXml), (children) =>
    joinText(children.filter((node) => !includes(node, fragmentId))),
  );
  prove(xml, expected);
  return { status: "removed", xml };
}

/** Whether the fragment really runs: an element directly in `<inbound>`, not one in a comment, in CDATA or under a condition. */
export function hasInclude(policyXml: string, fragmentId: string): boolean {
  return readPolicy(policyXml).inbound?.tree.some((element) => includes(element, fragmentId)) ?? false;
}

/** Without `<base />` in its `<inbound>`, an API's or operation's policy keeps the global one, and so the fragment, from running. */
export function callsBase(policyXml: string): boolean {
  return readPolicy(policyXml).inbound?.tree.some(({ name }) => name === "base") ?? false;
}

/** Throws unless `after` is `before` with the include as the first node of `<inbound>` and nothing else changed, not even white space. */
export function proveInclude(before: string, after: string, fragmentId: string): void {
  const include: PolicyElement = {
    kind: "element",
    name: "include-fragment",
    attributes: { "fragment-id": fragmentId },
    children: [],
  };
  const expected = editInbound(parsePolicy(before), (children) => [include, ...children]);
  prove(after, expected);
}

function prove(edited: string, expected: readonly PolicyNode[]): void {
  try {
    if (sameTree(parsePolicy(edited), expected)) return;
  } catch (error) {
    if (!(error instanceof XmlNotWellFormed)) throw error;
  }
  throw new PolicyNotSafeToEdit("not-proven", "the edited text would not say the same but for the include");
}

/** What the edit should lead to, made on the tree: the check on what was made on the text. */
function editInbound(
  document: readonly PolicyNode[],
  edit: (children: readonly PolicyNode[]) => PolicyNode[],
): PolicyNode[] {
  return document.map((root) => {
    if (root.kind !== "element") return root;
    const isInbound = (node: PolicyNode) => node.kind === "element" && node.name === "inbound";
    const empty: PolicyElement = { kind: "element", name: "inbound", attributes: {}, children: [] };
    const sections = root.children.some(isInbound) ? root.children : [empty, ...root.children];
    return {
      ...root,
      children: sections.map((node) =>
        node.kind === "element" && isInbound(node) ? { ...node, children: edit(node.children) } : node,
      ),
    };
  });
}

/** The texts before and after a removed element have become one. */
function joinText(nodes: readonly PolicyNode[]): PolicyNode[] {
  const joined: PolicyNode[] = [];
  for (const node of nodes) {
    const last = joined.at(-1);
    if (node.kind === "text" && last?.kind === "text") joined.splice(-1, 1, { ...node, text: last.text + node.text });
    else joined.push(node);
  }
  return joined;
}

function includes(node: PolicyNode | undefined, fragmentId: string): boolean {
  return node?.kind === "element" && node.name === "include-fragment" && node.attributes["fragment-id"] === fragmentId;
}

function includeText(fragmentId: string): string {
  // The pattern and length of a fragment's name in the specification of Microsoft.ApiManagement.
  if (fragmentId.length > 80 || !/^\w(?:[\w-]*\w)?$/.test(fragmentId))
    throw new PolicyNotSafeToEdit("fragment-id", `${JSON.stringify(fragmentId)} cannot be the name of a fragment`);
  return `<include-fragment fragment-id="${fragmentId}" />`;
}

function spliceFirst(text: string, parent: SourceElement, child: string): string {
  if (!parent.selfClosing) return text.slice(0, parent.startTagEnd) + child + text.slice(parent.startTagEnd);
  const startTag = text.slice(parent.start, parent.startTagEnd).replace(/\s*\/>$/, ">");
  return `${text.slice(0, parent.start)}${startTag}${child}</${parent.name}>${text.slice(parent.startTagEnd)}`;
}

/** Where the root and `<inbound>` stand in the text, and the elements in `<inbound>` as the parser reads them. */
function readPolicy(policyXml: string): {
  root: SourceElement;
  inbound?: { source: SourceElement; tree: readonly PolicyElement[] };
} {
  // arm-apimanagement 10 reads every API's policy as empty (azure-sdk-for-js#31566): writing that back would wipe it.
  if (policyXml.trim() === "") throw new PolicyNotSafeToEdit("empty", "there is no text, which is no policy's text");
  const { root, tree } = parseWithPlaces(policyXml);
  if (tree.name !== "policies")
    throw new PolicyNotSafeToEdit("not-a-policy", `its root is <${tree.name}> where <policies> should be`);
  refuseRawExpressions(tree);
  const [source, second] = root.children.filter(({ name }) => name === "inbound");
  if (second) throw new PolicyNotSafeToEdit("several-inbound", "it has more than one <inbound>");
  const inbound = childElements(tree).find(({ name }) => name === "inbound");
  return source && inbound ? { root, inbound: { source, tree: childElements(inbound) } } : { root };
}

function parseWithPlaces(policyXml: string): { root: SourceElement; tree: PolicyElement } {
  try {
    return { root: locateElements(policyXml), tree: rootOf(parsePolicy(policyXml)) };
  } catch (error) {
    if (!(error instanceof XmlNotWellFormed)) throw error;
    throw new PolicyNotSafeToEdit("not-format-xml", `it is not well-formed, as format=xml is. ${error.message}`, {
      cause: error,
    });
  }
}

/** C# such as `@{ var l = new List<string>(); … </string> }` can pass as XML by chance; escaped, an expression has no elements in it. */
function refuseRawExpressions(element: PolicyElement): void {
  const children = childElements(element);
  const text = element.children.find((node) => node.kind === "text" && node.text.trim() !== "");
  if (children.length > 0 && text?.kind === "text" && /^\s*@[({]/.test(text.text))
    throw new PolicyNotSafeToEdit("not-format-xml", `the expression in <${element.name}> is not escaped, as in rawxml`);
  children.forEach(refuseRawExpressions);
}
