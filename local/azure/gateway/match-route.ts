import type { Api, ApiManagementService, Operation } from "../api-management/store.ts";

export interface Route {
  service: ApiManagementService;
  api: Api;
  /** Absent when the API has no operation for this method and URL. */
  operation?: Operation;
}

/** The API whose path is the longest prefix of the URL, and of its operations the one with the most literal template that fits. */
export function matchRoute(services: readonly ApiManagementService[], method: string, url: URL): Route | undefined {
  const path = trimSlashes(url.pathname);
  const candidates = services.flatMap((service) => [...service.apis.values()].map((api) => ({ service, api })));
  const [best] = candidates
    .filter(({ api }) => isPrefix(publicPath(api), path))
    .sort((left, right) => publicPath(right.api).length - publicPath(left.api).length);
  if (!best) return undefined;

  const rest = trimSlashes(path.slice(publicPath(best.api).length));
  const [operation] = [...best.api.operations.values()]
    .filter((candidate) => candidate.method.toUpperCase() === method.toUpperCase())
    .filter((candidate) => templateFits(candidate.urlTemplate, rest, url.searchParams))
    .sort((left, right) => compareLiteral(left.urlTemplate, right.urlTemplate));
  return { ...best, ...(operation && { operation }) };
}

/** With a version in the URL, `orders` in version `v2` is reached as `orders/v2`. */
function publicPath({ path, version }: Api): string {
  return trimSlashes(version?.scheme === "Segment" ? `${trimSlashes(path)}/${version.name}` : path);
}

/** API Management compares paths without case. */
function isPrefix(prefix: string, path: string): boolean {
  return prefix === "" || `${path}/`.toLowerCase().startsWith(`${prefix}/`.toLowerCase());
}

function trimSlashes(path: string): string {
  return path.replace(/^\/+/, "").replace(/\/+$/, "");
}

function segmentsOf(template: string): string[] {
  return trimSlashes(template.split("?")[0] ?? "").split("/");
}

function templateFits(template: string, rest: string, query: URLSearchParams): boolean {
  const named = [...new URLSearchParams(template.split("?")[1] ?? "").keys()];
  return named.every((name) => query.has(name)) && segmentsFit(segmentsOf(template), rest.split("/"));
}

function segmentsFit(template: readonly string[], path: readonly string[]): boolean {
  const wildcard = template.findIndex(isWildcard);
  const fixed = wildcard < 0 ? template : template.slice(0, wildcard);
  if (wildcard < 0 ? path.length !== template.length : path.length < fixed.length) return false;
  return fixed.every((segment, index) => segmentPattern(segment).test(path[index] ?? ""));
}

function isWildcard(segment: string): boolean {
  return segment === "*" || /^\{\*\w*\}$/.test(segment);
}

/** `{orderId}` stands for one segment or, as in `orders({id})`, a part of one. */
function segmentPattern(segment: string): RegExp {
  const literals = segment.split(/\{[^{}]*\}/).map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literals.join("[^/]+")}$`, "i");
}

function compareLiteral(left: string, right: string): number {
  const ranks = [left, right].map((template) => segmentsOf(template).map(rankSegment).join(""));
  return (ranks[0] ?? "").localeCompare(ranks[1] ?? "") || right.length - left.length;
}

function rankSegment(segment: string): number {
  if (isWildcard(segment)) return 2;
  return segment.includes("{") ? 1 : 0;
}
