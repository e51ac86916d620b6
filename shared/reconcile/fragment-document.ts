import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { counterKey } from "./counter-key.ts";
import type { ForbidIp, FragmentEntry, LimitRate, Scope } from "./fragment-entry.ts";
import { clientCondition, scopeCondition, subscriptionCondition } from "./fragment-expressions.ts";
import { maxFragmentBytes } from "./fragment-limits.ts";
import { XmlNotWellFormed } from "./locate-elements.ts";
import { orderEntries, scopeKey } from "./order-entries.ts";
import { type PolicyElement, printPolicy, sameTree } from "./policy-tree.ts";
import { readFragment, tryParseFragment } from "./read-fragment.ts";

export type { FragmentEntry, Scope } from "./fragment-entry.ts";
export { readFragment } from "./read-fragment.ts";

/** The name under which customers' global policies include our document. */
export const fragmentId = "portcullis-containment";

export class FragmentTooLarge extends Error {
  override readonly name = "FragmentTooLarge";
  readonly size: number;
  readonly limit: number;

  constructor(size: number, limit: number, entries: number) {
    super(
      `The fragment ${fragmentId} with ${entries} containments has ${size} bytes, API Management takes ${limit}: ` +
        "release some of them, or forbid ranges in place of single addresses",
    );
    this.size = size;
    this.limit = limit;
  }
}

/** The whole document, as format=xml; the same for the same set of entries. Throws InvalidFragmentEntry or FragmentTooLarge. */
export function renderFragment(entries: readonly FragmentEntry[], limit = maxFragmentBytes): string {
  const ordered = orderEntries(entries);
  const scopes = Map.groupBy(ordered, ({ scope }) => scopeKey(scope));
  const xml = printPolicy(
    element("fragment", {}, [
      // A fragment must contain a policy, also when nothing is contained.
      element("set-variable", { name: "portcullis-containments", value: `${ordered.length}` }),
      ...[...scopes.values()].flatMap(renderScope),
    ]),
  );
  const size = fragmentSize(xml);
  if (size > limit) throw new FragmentTooLarge(size, limit, ordered.length);
  return xml;
}

/** In bytes of UTF-8, which is what travels. */
export function fragmentSize(xml: string): number {
  return Buffer.byteLength(xml, "utf8");
}

/** `choose` runs the first `when` that holds, so each scope has its own: a call can be in an API's scope and in its operation's. */
function renderScope(entries: readonly FragmentEntry[]): PolicyElement[] {
  const scope: Scope = entries[0]?.scope ?? { kind: "service" };
  const blocks = entries.filter((entry) => entry.kind === "forbid-ip");
  const behindProxy = Map.groupBy(
    blocks.filter(({ seenAs }) => seenAs),
    ({ seenAs }) => seenAs?.header,
  );
  const policies = [
    ...renderIpFilter(blocks.filter(({ seenAs }) => !seenAs)),
    ...[...behindProxy.values()].map(renderBlocksBehindProxy),
    ...entries.filter((entry) => entry.kind === "limit-rate").map(renderLimit),
  ];
  return scope.kind === "service" ? policies : [choose(scopeCondition(scope), policies)];
}

/** The service refuses an ip-filter without an address. */
function renderIpFilter(entries: readonly ForbidIp[]): PolicyElement[] {
  if (entries.length === 0) return [];
  const addresses = entries.map(({ from, to }) =>
    from === to ? element("address", {}, [{ kind: "text", text: from }]) : element("address-range", { from, to }),
  );
  return [element("ip-filter", { action: "forbid" }, addresses)];
}

/** ip-filter sees the direct peer only: behind a proxy it would stop nobody, or everybody. */
function renderBlocksBehindProxy(entries: readonly ForbidIp[]): PolicyElement {
  return element(
    "choose",
    {},
    entries.map(({ from, to, seenAs }) =>
      element("when", { condition: clientCondition({ range: { from, to }, ...(seenAs ? { seenAs } : {}) }) }, [
        element("return-response", {}, [element("set-status", { code: "403", reason: "Forbidden" })]),
      ]),
    ),
  );
}

function renderLimit(entry: LimitRate): PolicyElement {
  const limit = element("rate-limit-by-key", {
    calls: `${entry.calls}`,
    "renewal-period": `${entry.periodSeconds}`,
    "counter-key": counterKey(entry),
  });
  switch (entry.by) {
    case "client-ip": {
      const { clientIp: range, seenAs } = entry;
      return choose(clientCondition({ range, ...(seenAs ? { seenAs } : {}) }), [limit]);
    }
    case "subscription":
      return choose(subscriptionCondition(entry.subscriptionId), [limit]);
    default:
      return limit;
  }
}

function choose(condition: string, policies: readonly PolicyElement[]): PolicyElement {
  return element("choose", {}, [element("when", { condition }, policies)]);
}

function element(
  name: string,
  attributes: PolicyElement["attributes"],
  children: PolicyElement["children"] = [],
): PolicyElement {
  return { kind: "element", name, attributes, children };
}

/** Whether a gateway would do the same with both, however they are written; false when either cannot be read. */
export function sameFragment(a: string, b: string): boolean {
  const [left, right] = [tryParseFragment(a), tryParseFragment(b)];
  if (left instanceof XmlNotWellFormed || right instanceof XmlNotWellFormed) return false;
  return sameTree([left], [right]);
}

/** The text that people read before they approve: a unified diff, empty when nothing changes for a gateway. */
export function diffFragment(before: string | undefined, after: string): string {
  if (before !== undefined && sameFragment(before, after)) return "";
  const names = [before === undefined ? "/dev/null" : `${fragmentId} (now)`, `${fragmentId} (planned)`] as const;
  const texts = [before === undefined ? "" : readable(before), readable(after)] as const;
  const options = { headerOptions: FILE_HEADERS_ONLY, maxEditLength: maxDiffLines };
  const patch = createTwoFilesPatch(...names, ...texts, undefined, undefined, options);
  return patch ?? `--- ${names[0]}\n+++ ${names[1]}\nMore than ${maxDiffLines} lines differ, too many to compare.\n`;
}

/** The time of a diff grows with the square of this: at 2,000 a third of a second. */
const maxDiffLines = 2_000;

/** In one hand, so that the diff shows changes of meaning only; what is not ours is shown as it stands, comments too. */
function readable(xml: string): string {
  const tree = tryParseFragment(xml);
  if (tree instanceof XmlNotWellFormed || "foreign" in readFragment(xml))
    return `${xml.replace(/\r\n?/g, "\n").trimEnd()}\n`;
  return printPolicy(tree);
}
