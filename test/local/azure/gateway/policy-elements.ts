import fc from "fast-check";

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom("x", "X-Name", "200", "204", "304", "403", "101", "999", "forbid", "allow", "127.0.0.1", "1", "300"),
  fc.constantFrom(
    '@("x")',
    "@(true)",
    "@(",
    '@{ return "x"; }',
    "{{x}}",
    "{{",
    "Content-Length",
    "a b",
    "line\nbreak",
    "ü",
  ),
);

const attributeNames = [
  "action",
  "calls",
  "renewal-period",
  "counter-key",
  "condition",
  "code",
  "name",
  "value",
  "fragment-id",
];
const policies = [
  "ip-filter",
  "rate-limit-by-key",
  "choose",
  "return-response",
  "set-header",
  "set-variable",
  "include-fragment",
  "base",
  "unknown",
];
const childNames: Readonly<Record<string, readonly string[]>> = {
  "ip-filter": ["address", "address-range", "unknown"],
  choose: ["when", "otherwise", "unknown"],
  when: policies,
  otherwise: policies,
  "return-response": ["set-status", "set-header", "set-body", "unknown"],
  "set-header": ["value", "unknown"],
};

/** Policies with everything in its place and nothing in its right form; well-formed XML all the same. */
export function policyElements(depth = 4): fc.Arbitrary<string> {
  return elementsOf(policies, depth);
}

function elementsOf(names: readonly string[], depth: number): fc.Arbitrary<string> {
  const element = fc.constantFrom(...names).chain((name) => anElement(name, depth));
  return fc.array(element, { maxLength: 3 }).map((elements) => elements.join(""));
}

function anElement(name: string, depth: number): fc.Arbitrary<string> {
  const children = childNames[name];
  const inner = children && depth > 0 ? elementsOf(children, depth - 1) : text.map(toXml);
  const attributes = fc.record(Object.fromEntries(attributeNames.map((key) => [key, text])), {
    requiredKeys: ["name"],
  });
  return fc.tuple(attributes, inner).map(([values, content]) => {
    const written = Object.entries(values).map(([key, value]) => ` ${key}="${toXml(value ?? "")}"`);
    return `<${name}${written.join("")}>${content}</${name}>`;
  });
}

function toXml(raw: string): string {
  return raw.replace(/[<>&"\n]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
