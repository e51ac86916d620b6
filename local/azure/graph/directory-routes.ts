import * as z from "zod";
import { collectionPage, refuseOtherQueries, select } from "./collection.ts";
import { readFilter } from "./filter.ts";
import { absentResource, GraphFailure } from "./graph-failure.ts";
import type { GraphCall, GraphRoute } from "./route.ts";
import type { GraphResource } from "./state.ts";

/** https://learn.microsoft.com/graph/api/user-get: what comes without `$select`; accountEnabled and userType are not among it. */
const userDefaults = [
  "businessPhones",
  "displayName",
  "givenName",
  "jobTitle",
  "mail",
  "mobilePhone",
  "officeLocation",
  "preferredLanguage",
  "surname",
  "userPrincipalName",
];

const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ByIds = z.object({ ids: z.array(z.string()), types: z.array(z.string()).optional() });

export const readUsers = ["User.Read.All", "User.ReadWrite.All", "Directory.Read.All"] as const;
const readServicePrincipals = ["Application.Read.All", "Application.ReadWrite.All", "Directory.Read.All"] as const;

/** Users and service principals. Not played: groups and devices, `$search`, delta. */
export const directoryRoutes: readonly GraphRoute[] = [
  {
    operationId: "Graph_ListUsers",
    method: "GET",
    path: "/users",
    permissions: readUsers,
    answer({ url, state, seen }) {
      refuseOtherQueries(url, ["$filter", "$select", "$top", "$skiptoken"]);
      const filter = url.searchParams.get("$filter");
      const test = filter === null ? () => true : readFilter(filter, { id: "text", userPrincipalName: "text" });
      const users = seen(state.users)
        .filter(test)
        .map((user) => select(url, user, userDefaults));
      return collectionPage(url, users, { pageSize: 100, most: 999, above: "refuse" });
    },
  },
  {
    operationId: "Graph_GetUser",
    method: "GET",
    path: "/users/{id}",
    permissions: readUsers,
    answer({ url, state, params: { id = "" }, seen }) {
      refuseOtherQueries(url, ["$select"]);
      return select(url, findUser(seen(state.users), id), userDefaults);
    },
  },
  {
    operationId: "Graph_GetServicePrincipal",
    method: "GET",
    path: "/servicePrincipals/{id}",
    permissions: readServicePrincipals,
    answer({ url, state, params: { id = "" }, seen }) {
      refuseOtherQueries(url, ["$select"]);
      return select(url, findById(seen(state.servicePrincipals), id));
    },
  },
  {
    operationId: "Graph_GetByIds",
    method: "POST",
    path: "/directoryObjects/getByIds",
    permissions: [...new Set([...readUsers, ...readServicePrincipals])],
    answer: getByIds,
  },
];

function getByIds({ url, state, body, may, seen }: GraphCall): unknown {
  refuseOtherQueries(url, ["$select"]);
  const readable = { user: may(...readUsers), servicePrincipal: may(...readServicePrincipals) };
  const asked = ByIds.safeParse(body);
  if (!asked.success) throw invalid("The property 'ids' must be a collection of object ids.");
  const { ids, types = ["directoryObject"] } = asked.data;
  if (ids.length > 1000) throw invalid("Too many elements in collection 'ids'. Maximum element count allowed: 1000.");
  const wrong = ids.find((id) => !guid.test(id));
  if (wrong !== undefined) throw invalid(`Invalid object identifier '${wrong}'.`);

  const wanted = new Set(ids.map((id) => id.toLowerCase()));
  const ofType = (type: "user" | "servicePrincipal", resources: readonly GraphResource[]) =>
    types.some((one) => [type.toLowerCase(), "directoryobject"].includes(one.toLowerCase()))
      ? resources
          .filter(({ id }) => wanted.has(id.toLowerCase()))
          .map((resource) => ({ "@odata.type": `#microsoft.graph.${type}`, ...resource }))
          .map((resource) => select(url, resource, type === "user" ? userDefaults : undefined))
          .map((resource) => (readable[type] ? resource : limited(resource)))
      : [];
  return {
    value: [...ofType("user", seen(state.users)), ...ofType("servicePrincipal", seen(state.servicePrincipals))],
  };
}

/** https://learn.microsoft.com/graph/permissions-overview#limited-information-returned-for-inaccessible-member-objects */
function limited(resource: GraphResource): GraphResource {
  const kept = Object.entries(resource).map(([name, value]) => [name, name === "@odata.type" ? value : null]);
  return { ...Object.fromEntries(kept), id: resource.id };
}

export function findUser(users: readonly GraphResource[], idOrName: string): GraphResource {
  const wanted = idOrName.toLowerCase();
  const user = users.find(
    ({ id, userPrincipalName }) => id.toLowerCase() === wanted || String(userPrincipalName).toLowerCase() === wanted,
  );
  if (!user) throw absentResource(idOrName);
  return user;
}

export function findById(resources: readonly GraphResource[], id: string): GraphResource {
  const found = resources.find((one) => one.id.toLowerCase() === id.toLowerCase());
  if (!found) throw absentResource(id);
  return found;
}

function invalid(message: string): GraphFailure {
  return new GraphFailure(400, "Request_BadRequest", message);
}
