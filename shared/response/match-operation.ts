import type { ListedApi, ListedOperation } from "../azure/api-management.ts";

/** The API with the longest path that the URL path begins with, without regard to case, as the gateway itself chooses. */
export function matchApi(apis: readonly ListedApi[], urlPath: string): { api: ListedApi; rest: string } | undefined {
  const segments = split(urlPath);
  const [best] = apis
    .map((api) => ({ api, parts: split(api.path) }))
    .filter(({ parts }) => parts.length <= segments.length && parts.every((part, index) => same(part, segments[index])))
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
      const template = split(operation.urlTemplate.replace(/\?.*$/, ""));
      return fits(template, segments) ? [{ operation, rank: template.map(rankOf).join("") }] : [];
    })
    .sort((a, b) => (a.rank < b.rank ? -1 : Number(a.rank > b.rank)));
  return best?.operation;
}

function fits(template: readonly string[], segments: readonly string[]): boolean {
  const wildcard = template.findIndex(isWildcard);
  const fixed = wildcard < 0 ? template : template.slice(0, wildcard);
  if (wildcard < 0 ? segments.length !== fixed.length : segments.length < fixed.length) return false;
  return fixed.every((part, index) => patternOf(part).test(segments[index] ?? ""));
}

/** `{orderId}` stands for a whole segment or, as in `orders({id})`, for a part of one. */
function patternOf(part: string): RegExp {
  const literals = part.split(/\{[^{}]*\}/).map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literals.join("[^/]+")}$`, "i");
}

function rankOf(part: string): string {
  if (isWildcard(part)) return "2";
  return part.includes("{") ? "1" : "0";
}

function isWildcard(part: string): boolean {
  return part === "*" || /^\{\*.*\}$/.test(part);
}

function same(a: string, b: string | undefined): boolean {
  return a.toLowerCase() === b?.toLowerCase();
}

function split(path: string): string[] {
  return path.split("/").filter(Boolean);
}
