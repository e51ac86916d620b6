import { badRequest, notSimulated } from "./graph-failure.ts";
import type { GraphResource } from "./state.ts";

interface Limits {
  /** Without `$top`. */
  pageSize: number;
  most: number;
  /** Above `most`: answered with as many as there may be, or refused. */
  above: "clamp" | "refuse";
}

/** A page of a collection, and the address of the next one, which carries the query and an opaque `$skiptoken`. */
export function collectionPage(url: URL, items: readonly GraphResource[], limits: Limits) {
  const query = url.searchParams;
  const top = wholeNumber(query, "$top") ?? limits.pageSize;
  if (top < 1 || (top > limits.most && limits.above === "refuse")) {
    throw badRequest(`Invalid page size specified: '${top}'. Must be between 1 and ${limits.most} inclusive.`);
  }
  const size = Math.min(top, limits.most);
  const start = readSkipToken(query.get("$skiptoken")) ?? wholeNumber(query, "$skip") ?? 0;
  const next = new URL(url);
  next.searchParams.delete("$skip");
  next.searchParams.set("$skiptoken", Buffer.from(`from:${start + size}`).toString("base64url"));
  return {
    ...(query.get("$count") === "true" ? { "@odata.count": items.length } : {}),
    ...(start + size < items.length ? { "@odata.nextLink": next.href } : {}),
    value: items.slice(start, start + size),
  };
}

/** Answering a question while ignoring half of it would be a wrong answer. */
export function refuseOtherQueries({ searchParams, pathname }: URL, played: readonly string[]): void {
  for (const name of searchParams.keys()) {
    if (!played.includes(name)) throw notSimulated(`${name} on ${pathname}`);
  }
}

/** As Graph does, only the properties that are asked for, or those that come by themselves. */
export function select(url: URL, resource: GraphResource, byDefault?: readonly string[]): GraphResource {
  const wanted = url.searchParams.get("$select")?.split(",") ?? byDefault;
  if (!wanted) return { ...resource };
  const chosen = wanted.map((name) => name.trim()).map((name) => [name, resource[name] ?? null]);
  return { "@odata.type": resource["@odata.type"], ...Object.fromEntries(chosen), id: resource.id };
}

export function wholeNumber(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw badRequest(
    `Invalid value '${text}' for ${name} query option found. The ${name} query option requires a non-negative integer value.`,
  );
}

function readSkipToken(token: string | null): number | undefined {
  if (token === null) return undefined;
  const [, start] = /^from:(\d+)$/.exec(Buffer.from(token, "base64url").toString("utf8")) ?? [];
  if (start === undefined) throw badRequest("The $skiptoken is not one that this service gave.");
  return Number(start);
}
