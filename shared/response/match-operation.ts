import type { ListedApi, ListedOperation } from "../azure/api-management.ts";

/** The API with the longest path that the URL path begins with, as the gateway itself chooses. */
export function matchApi(apis: readonly ListedApi[], urlPath: string): { api: ListedApi; rest: string } | undefined {
  const segments = split(urlPath);
  const [best] = apis
    .map((api) => ({ api, parts: split(api.path) }))
    .filter(({ parts }) => parts.every((part, index) => sameSegment(part, segments[index])))
    .sort((a, b) => b.parts.length - a.parts.length);
  return best && { api: best.api, rest: `/${segments.slice(best.parts.length).join("/")}` };
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

/** `{orderId}`, or `orders({id})` with literal text around the parameter. */
function fitsTemplate(part: string, segment: string): boolean {
  if (!part.includes("{")) return false;
  const literals = part.split(/\{[^{}]*\}/).map((literal) => literal.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literals.join("[^/]+")}$`, "i").test(segment);
}

function split(path: string): string[] {
  return path.split("/").filter(Boolean);
}
