import { counterKey, readCounted } from "./counter-key.ts";
import {
  checkEntry,
  type FragmentEntry,
  InvalidFragmentEntry,
  type LimitedBy,
  type LimitRate,
  type Scope,
} from "./fragment-entry.ts";
import { readClientCondition, readScopeCondition, readSubscriptionCondition } from "./fragment-expressions.ts";
import { XmlNotWellFormed } from "./locate-elements.ts";
import { orderEntries } from "./order-entries.ts";
import { meaningOf, type PolicyElement, type PolicyNode, parsePolicy, rootOf } from "./policy-tree.ts";

/**
 * The inverse of renderFragment: the entries in its order, or what in the document does not come from it. The count in the
 * first element may be wrong: then somebody changed the list by hand.
 */
export function readFragment(xml: string): { entries: FragmentEntry[] } | { foreign: string } {
  const fragment = tryParseFragment(xml);
  if (fragment instanceof XmlNotWellFormed) return { foreign: `it is not well-formed XML: ${fragment.message}` };
  try {
    const [marker, ...policies] = fragment.children;
    const { value = "", ...others } = expectElement(marker, "set-variable", ["name", "value"]).attributes;
    if (others.name !== "portcullis-containments" || !/^\d+$/.test(value)) throw foreign(marker);
    return { entries: orderEntries(policies.flatMap((policy) => readPolicy(policy, { kind: "service" }))) };
  } catch (error) {
    if (error instanceof ForeignPolicy || error instanceof InvalidFragmentEntry) return { foreign: error.message };
    throw error;
  }
}

/**
 * The answer to a PUT shows a fragment's content without `<fragment>` around it (CreatePolicyFragment in azure-rest-api-specs),
 * a GET shows it with: both are the same document.
 */
export function tryParseFragment(xml: string): PolicyElement | XmlNotWellFormed {
  const whole = tryParse(xml);
  const fragment =
    whole instanceof XmlNotWellFormed || whole.name !== "fragment" ? tryParse(`<fragment>${xml}</fragment>`) : whole;
  if (fragment instanceof XmlNotWellFormed) return whole instanceof XmlNotWellFormed ? whole : fragment;
  return withoutVersion(meaningOf(fragment));
}

function tryParse(xml: string): PolicyElement | XmlNotWellFormed {
  try {
    return rootOf(parsePolicy(xml));
  } catch (error) {
    if (error instanceof XmlNotWellFormed) return error;
    throw error;
  }
}

/** The service adds `version` to the rate limits that it stores (CreateProductPolicy in azure-rest-api-specs). */
function withoutVersion(node: PolicyElement): PolicyElement {
  const { version: _, ...attributes } = node.attributes;
  return {
    ...node,
    attributes: node.name === "rate-limit-by-key" ? attributes : node.attributes,
    children: node.children.map((child) => (child.kind === "element" ? withoutVersion(child) : child)),
  };
}

class ForeignPolicy extends Error {}

function readPolicy(policy: PolicyNode, scope: Scope): FragmentEntry[] {
  if (policy.kind !== "element") throw foreign(policy);
  switch (policy.name) {
    case "ip-filter": {
      const { action } = expectElement(policy, "ip-filter", ["action"]).attributes;
      if (action !== "forbid" || policy.children.length === 0) throw foreign(policy);
      return policy.children.map((address) => readAddress(address, scope));
    }
    case "rate-limit-by-key":
      return [readLimit(policy, scope, readCounted(policy.attributes["counter-key"] ?? ""))];
    case "choose":
      return readChoose(expectElement(policy, "choose", []), scope);
    default:
      throw foreign(policy);
  }
}

function readChoose(choose: PolicyElement, scope: Scope): FragmentEntry[] {
  const [when, ...others] = choose.children;
  const { children, attributes } = expectElement(when, "when", ["condition"]);
  const [first] = children;
  if (first?.kind === "element" && first.name === "return-response")
    return choose.children.map((block) => readBlockBehindProxy(block, scope));
  if (others.length > 0 || children.length === 0) throw foreign(choose);
  const { condition = "" } = attributes;
  const client = readClientCondition(condition);
  if (client) {
    const { range: clientIp, ...seen } = client;
    return children.map((limit) => readLimit(limit, scope, { by: "client-ip", clientIp, ...seen }));
  }
  const subscriptionId = readSubscriptionCondition(condition);
  if (subscriptionId !== undefined)
    return children.map((limit) => readLimit(limit, scope, { by: "subscription", subscriptionId }));
  const inner = readScopeCondition(condition);
  if (!inner || scope.kind !== "service") throw foreign(when);
  return children.flatMap((child) => readPolicy(child, inner));
}

function readBlockBehindProxy(node: PolicyNode, scope: Scope): FragmentEntry {
  const { children, attributes } = expectElement(node, "when", ["condition"]);
  const client = readClientCondition(attributes.condition ?? "");
  const [answer, ...more] = children;
  const [status, ...others] = expectElement(answer, "return-response", []).children;
  const { code, reason } = expectElement(status, "set-status", ["code", "reason"]).attributes;
  const refused = code === "403" && reason === "Forbidden";
  if (!client?.seenAs || !refused || more.length > 0 || others.length > 0) throw foreign(node);
  if (status?.kind === "element" && status.children.length > 0) throw foreign(status);
  return { kind: "forbid-ip", scope, ...client.range, seenAs: client.seenAs };
}

function readAddress(node: PolicyNode, scope: Scope): FragmentEntry {
  if (node.kind === "element" && node.name === "address-range") {
    const { from = "", to = "" } = expectElement(node, "address-range", ["from", "to"]).attributes;
    if (node.children.length > 0) throw foreign(node);
    return { kind: "forbid-ip", scope, from, to };
  }
  const [text, ...others] = expectElement(node, "address", []).children;
  if (text?.kind !== "text" || others.length > 0) throw foreign(node);
  return { kind: "forbid-ip", scope, from: text.text, to: text.text };
}

function readLimit(node: PolicyNode, scope: Scope, whose: LimitedBy): LimitRate {
  const { attributes, children } = expectElement(node, "rate-limit-by-key", ["calls", "counter-key", "renewal-period"]);
  const entry: LimitRate = {
    kind: "limit-rate",
    scope,
    ...whose,
    calls: wholeNumber(attributes.calls),
    periodSeconds: wholeNumber(attributes["renewal-period"]),
  };
  checkEntry(entry);
  if (children.length > 0 || attributes["counter-key"] !== counterKey(entry)) throw foreign(node);
  return entry;
}

function wholeNumber(text = ""): number {
  return /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Number.NaN;
}

function expectElement(node: PolicyNode | undefined, name: string, attributes: readonly string[]): PolicyElement {
  if (node?.kind !== "element" || node.name !== name) throw foreign(node);
  if (Object.keys(node.attributes).join() !== attributes.join()) throw foreign(node);
  return node;
}

function foreign(node: PolicyNode | undefined): ForeignPolicy {
  if (!node) return new ForeignPolicy("something that Portcullis always writes is missing");
  if (node.kind !== "element") return new ForeignPolicy(`it holds the text ${JSON.stringify(node.text.slice(0, 80))}`);
  const attributes = Object.entries(node.attributes).map(
    ([name, value]) => ` ${name}=${JSON.stringify(value.slice(0, 80))}`,
  );
  return new ForeignPolicy(`Portcullis does not write <${node.name}${attributes.join("")}> there`);
}
