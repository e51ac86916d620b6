import type { HostContext } from "./host-context.ts";
import { type HttpAnswer, type HttpCall, jsonAnswer } from "./http-server.ts";
import { instanceStatus } from "./instance-status.ts";
import { isFinished } from "./instances.ts";
import { entityKey, entityName } from "./schedule-actions.ts";
import type { Instance } from "./store.ts";

const tokenHeader = "x-ms-continuation-token";

export const isTrue = (value: string | null): boolean => value?.toLowerCase() === "true";

function moment(query: URLSearchParams, name: string): number | undefined {
  const at = Date.parse(query.get(name) ?? "");
  return Number.isNaN(at) ? undefined : at;
}

function matches(query: URLSearchParams): (instance: Instance) => boolean {
  const statuses = query
    .getAll("runtimeStatus")
    .flatMap((value) => value.split(","))
    .filter(Boolean);
  const [from, to] = [moment(query, "createdTimeFrom"), moment(query, "createdTimeTo")];
  const prefix = query.get("instanceIdPrefix") ?? "";
  return (it) =>
    (statuses.length === 0 || statuses.includes(it.status)) &&
    (from === undefined || it.created_at >= from) &&
    (to === undefined || it.created_at <= to) &&
    it.id.startsWith(prefix);
}

/** GET instances/: a page in the order of ids; the continuation token is the last id, for the header of the next request. */
export function queryInstances(call: HttpCall, host: HostContext): HttpAnswer {
  const query = call.url.searchParams;
  const top = Number(query.get("top") ?? 100);
  const size = Number.isInteger(top) && top > 0 ? top : 100;
  const wanted = matches(query);
  const showInput = !query.has("showInput") || isTrue(query.get("showInput"));
  const page: Instance[] = [];
  for (const instance of host.store.instancesAfter(decodeToken(call.headers[tokenHeader]))) {
    if (!wanted(instance)) continue;
    page.push(instance);
    if (page.length > size) break;
  }
  const more = page.length > size ? page[size - 1] : undefined;
  const documents = page.slice(0, size).map((instance) => instanceStatus(host, instance, { showInput }));
  return jsonAnswer(200, documents, more ? { [tokenHeader]: encodeToken(more.id) } : {});
}

// Ids may hold characters that a header may not.
const encodeToken = (id: string): string => Buffer.from(id).toString("base64url");
const decodeToken = (token: string | undefined): string => Buffer.from(token ?? "", "base64url").toString();

/** DELETE instances/: takes away finished instances only, and wants to be told since when. */
export function purgeInstances(call: HttpCall, host: HostContext): HttpAnswer {
  const query = call.url.searchParams;
  if (moment(query, "createdTimeFrom") === undefined) {
    return jsonAnswer(400, "Please provide value for 'createdTimeFrom' parameter.");
  }
  const wanted = matches(query);
  const doomed = [...host.store.instancesAfter("")].filter((instance) => isFinished(instance) && wanted(instance));
  if (doomed.length === 0) return { status: 404 };
  host.commit(() => {
    for (const { id } of doomed) host.store.deleteInstance(id);
  });
  return jsonAnswer(200, { instancesDeleted: doomed.length });
}

/** GET entities/[name]: one page with everything; a laptop has few. */
export function listEntities(call: HttpCall, host: HostContext, name: string | undefined): HttpAnswer {
  const fetchState = isTrue(call.url.searchParams.get("fetchState"));
  const from = name ? `@${name.toLowerCase()}@` : "";
  const entities = host.store.entitiesFrom(from).filter((entity) => entity.id.startsWith(from));
  const documents = entities.map(({ id, state, updated_at }) => ({
    entityId: { name: entityName(id), key: entityKey(id) },
    lastOperationTime: new Date(updated_at).toISOString(),
    ...(fetchState ? { state: JSON.parse(state ?? "null") } : {}),
  }));
  return jsonAnswer(200, documents);
}
