import { revisionOf } from "../api-management/api-routes.ts";
import type { Api, ApiManagementService, Operation } from "../api-management/store.ts";

export interface Route {
  service: ApiManagementService;
  api: Api;
  /** Absent when the API has no operation for this method and URL. */
  operation?: Operation;
  /** How many of the service's APIs have this path, where it is more than one: which of them is meant stays open. */
  sharedBy?: number;
}

/** The API whose path is the longest prefix of the URL, and of its operations the one with the most literal template that fits. */
export function matchRoute(services: readonly ApiManagementService[], method: string, url: URL): Route | undefined {
  const path = trimSlashes(url.pathname);
  const [best, ...others] = services
    .flatMap((service) =>
      [...service.apis.values()].flatMap((api) => publicPaths(api).map((prefix) => ({ service, api, prefix }))),
    )
    .filter(({ prefix }) => isPrefix(prefix, path))
    .sort((left, right) => right.prefix.length - left.prefix.length);
  if (!best) return undefined;

  const { service, api, prefix } = best;
  const rivals = others.filter((other) => other.service === service && other.prefix.length === prefix.length);
  if (rivals.length > 0) return { service, api, sharedBy: rivals.length + 1 };

  const rest = trimSlashes(path.slice(prefix.length));
  const [operation] = [...api.operations.values()]
    .filter((candidate) => candidate.method.toUpperCase() === method.toUpperCase())
    .filter((candidate) => templateFits(candidate.urlTemplate, rest, url.searchParams))
    .sort((left, right) => compareLiteral(left.urlTemplate, right.urlTemplate));
  return { service, api, ...(operation && { operation }) };
}

/**
 * With a version in the URL, `orders` in version `v2` is reached as `orders/v2`. Every revision is reached as `orders;rev=2`,
 * the current one without that too (https://learn.microsoft.com/azure/api-management/api-management-revisions).
 */
function publicPaths(api: Api): string[] {
  const { id, path, version, isCurrent } = api;
  const plain = trimSlashes(version?.scheme === "Segment" ? `${trimSlashes(path)}/${version.name}` : path);
  const revised = `${plain};rev=${revisionOf(api)}`;
  return isCurrent === false || id.includes(";rev=") ? [revised] : [plain, revised];
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
