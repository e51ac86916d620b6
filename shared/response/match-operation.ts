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

/** The operation whose template fits best: literal segments before `{parameters}`, both before `*`. */
export function matchOperation(
  operations: readonly ListedOperation[],
  method: string,
  path: string,
): ListedOperation | undefined {
  const segments = split(path);
  const [best] = operations
    .filter((operation) => operation.method === method || operation.method === "*")
    .flatMap((operation) => {
      const score = closeness(split(operation.urlTemplate.replace(/\?.*$/, "")), segments);
      return score === undefined ? [] : [{ operation, score }];
    })
    .sort((a, b) => b.score - a.score);
  return best?.operation;
}

function closeness(template: readonly string[], segments: readonly string[]): number | undefined {
  let score = 0;
  for (const [index, part] of template.entries()) {
    if (part === "*" || /^\{\*.*\}$/.test(part)) return score;
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (sameSegment(part, segment)) score += 3;
    else if (fitsTemplate(part, segment)) score += 2;
    else return undefined;
  }
  return template.length === segments.length ? score + 1 : undefined;
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
