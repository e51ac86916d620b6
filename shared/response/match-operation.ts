import type { ListedApi, ListedOperation } from "../azure/api-management.ts";

/**
 * The APIs with the longest path that the URL path begins with, as the gateway itself chooses. There are several where versions are told
 * apart by a header or the query: the URL alone does not say which was called.
 */
export function matchApis(apis: readonly ListedApi[], urlPath: string): { api: ListedApi; rest: string }[] {
  // `orders;rev=2` calls another revision of the same API.
  const segments = split(urlPath).map((segment) => segment.replace(/;rev=\d+$/i, ""));
  const fitting = apis
    .map((api) => ({ api, parts: split(api.path) }))
    .filter(({ parts }) => parts.every((part, index) => sameSegment(part, segments[index])));
  const longest = Math.max(...fitting.map(({ parts }) => parts.length));
  return fitting
    .filter(({ parts }) => parts.length === longest)
    .map(({ api, parts }) => ({ api, rest: `/${segments.slice(parts.length).join("/")}` }));
}

/** The operation whose template fits best, from left to right: literal segments before `{parameters}`, both before `*`. */
export function matchOperation(
  operations: readonly ListedOperation[],
  method: string,
  path: string,
): ListedOperation | undefined {
  const segments = split(path);
  const [best] = operations
    .filter((operation) => operation.method === method || operation.method === "*")
    .flatMap((operation) => {
      const rank = rankOf(split(operation.urlTemplate.replace(/\?.*$/, "")), segments);
      return rank === undefined ? [] : [{ operation, rank }];
    })
    // Of `{id}` and `orders({id})` the one with more text says more.
    .sort((a, b) => a.rank.localeCompare(b.rank) || b.operation.urlTemplate.length - a.operation.urlTemplate.length);
  return best?.operation;
}

/** One digit a segment, the smaller the closer; undefined when the template does not fit. */
function rankOf(template: readonly string[], segments: readonly string[]): string | undefined {
  let rank = "";
  for (const [index, part] of template.entries()) {
    if (part === "*" || /^\{\*.*\}$/.test(part)) return `${rank}2`;
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (sameSegment(part, segment)) rank += "0";
    else if (fitsTemplate(part, segment)) rank += "1";
    else return undefined;
  }
  return template.length === segments.length ? rank : undefined;
}

/** API Management compares paths without regard to letter case. */
function sameSegment(a: string, b: string | undefined): boolean {
  return a.toLowerCase() === b?.toLowerCase();
}

/** `{orderId}`, or `orders({id})` with literal text around the parameter. From left to right without going back: the path is an attacker's. */
function fitsTemplate(part: string, segment: string): boolean {
  if (!part.includes("{")) return false;
  const [first = "", ...others] = part.toLowerCase().split(/\{[^{}]*\}/);
  const text = segment.toLowerCase();
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const [index, literal] of others.entries()) {
    // A parameter holds at least one character.
    const last = index === others.length - 1;
    const found = last ? text.length - literal.length : text.indexOf(literal, at + 1);
    if (found < at + 1 || !text.startsWith(literal, found)) return false;
    at = found + literal.length;
  }
  return true;
}

function split(path: string): string[] {
  return path.split("/").filter(Boolean);
}
