import { isIPv4 } from "node:net";
import type { ArmErrorDetail } from "../resource-manager/arm-error.ts";
import { startsExpression } from "./markup/expression-end.ts";
import { elementsOf, type MarkupElement, textOf } from "./markup/markup.ts";
import { problemIn } from "./policy-problem.ts";

/** What a policy element demands of itself, for the policies that containment writes; others are taken as they come. */
export function checkElement(element: MarkupElement): ArmErrorDetail[] {
  switch (element.name) {
    case "ip-filter":
      return checkIpFilter(element);
    case "rate-limit":
    case "rate-limit-by-key":
      return checkRateLimit(element);
    case "include-fragment":
      return checkRequired(element, ["fragment-id"]);
    case "choose":
      return checkChoose(element);
    default:
      return [];
  }
}

function checkChoose(element: MarkupElement): ArmErrorDetail[] {
  const conditional = elementsOf(element).filter(({ name }) => name === "when");
  if (conditional.length > 0) return conditional.flatMap((branch) => checkRequired(branch, ["condition"]));
  const reason = "The element 'choose' has incomplete content. List of possible elements expected: 'when'.";
  return [problemIn(element, reason)];
}

/** At least one address or range, each a single IPv4 address: no CIDR, which Azure's own emulator cannot parse either. */
function checkIpFilter(element: MarkupElement): ArmErrorDetail[] {
  const problems = checkRequired(element, ["action"]);
  const action = element.attributes.get("action") ?? "allow";
  if (!isComputed(action) && action !== "allow" && action !== "forbid") {
    problems.push(
      problemIn(element, `The 'action' attribute is invalid - The value '${action}' is not 'allow' or 'forbid'.`),
    );
  }
  const entries = elementsOf(element);
  if (entries.length === 0) {
    problems.push(
      problemIn(
        element,
        "The element 'ip-filter' has incomplete content. List of possible elements expected: 'address', 'address-range'.",
      ),
    );
  }
  // The documentation of the policy: its elements must be in the order in which they are documented.
  const firstRange = entries.findIndex(({ name }) => name === "address-range");
  for (const [index, entry] of entries.entries()) {
    if (entry.name === "address") {
      problems.push(...checkAddress(entry, textOf(entry)));
      if (firstRange >= 0 && index > firstRange) {
        problems.push(problemIn(entry, "An 'address' cannot follow an 'address-range' in 'ip-filter'."));
      }
    } else if (entry.name === "address-range") {
      const missing = checkRequired(entry, ["from", "to"]);
      const ends = ["from", "to"].flatMap((name) => checkAddress(entry, entry.attributes.get(name) ?? "0.0.0.0"));
      problems.push(...missing, ...ends, ...checkDirection(entry));
    } else {
      problems.push(
        problemIn(
          entry,
          "The element 'ip-filter' cannot contain it. List of possible elements expected: 'address', 'address-range'.",
        ),
      );
    }
  }
  return problems;
}

function checkAddress(element: MarkupElement, text: string): ArmErrorDetail[] {
  const address = text.trim();
  return isComputed(address) || isIPv4(address) ? [] : [problemIn(element, `'${address}' is not a valid IP address.`)];
}

/** A range that ends before it starts; what is not an address, or computed, is not compared. */
function checkDirection(range: MarkupElement): ArmErrorDetail[] {
  const [from = "", to = ""] = ["from", "to"].map((name) => range.attributes.get(name)?.trim());
  if (!isIPv4(from) || !isIPv4(to) || numberOf(from) <= numberOf(to)) return [];
  return [problemIn(range, `The range is invalid - '${from}' is greater than '${to}'.`)];
}

function numberOf(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Published bounds: a renewal period is at most 300 seconds. */
function checkRateLimit(element: MarkupElement): ArmErrorDetail[] {
  const required =
    element.name === "rate-limit" ? ["calls", "renewal-period"] : ["calls", "renewal-period", "counter-key"];
  const numbers = ["calls", "renewal-period"].flatMap((name) => {
    const value = element.attributes.get(name);
    if (value === undefined || isComputed(value)) return [];
    if (!/^\d+$/.test(value) || Number(value) < 1) {
      return [
        problemIn(element, `The '${name}' attribute is invalid - The value '${value}' is not a positive number.`),
      ];
    }
    return name === "renewal-period" && Number(value) > 300
      ? [problemIn(element, `The 'renewal-period' attribute is invalid - The value '${value}' is greater than 300.`)]
      : [];
  });
  return [...checkRequired(element, required), ...numbers];
}

function checkRequired(element: MarkupElement, names: readonly string[]): ArmErrorDetail[] {
  return names
    .filter((name) => !element.attributes.has(name))
    .map((name) => problemIn(element, `The required attribute '${name}' is missing.`));
}

/** Known only when a call comes in: an expression or a named value. */
function isComputed(value: string): boolean {
  return startsExpression(value.trim(), 0) || /\{\{[^{}]+\}\}/.test(value);
}
