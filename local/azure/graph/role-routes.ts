import { collectionPage, refuseOtherQueries, select } from "./collection.ts";
import { findById, findUser } from "./directory-routes.ts";
import { readFilter } from "./filter.ts";
import { GraphFailure } from "./graph-failure.ts";
import type { GraphCall, GraphRoute } from "./route.ts";
import type { GraphResource } from "./state.ts";

const pages = { pageSize: 100, most: 999, above: "refuse" } as const;
const readRoles = ["RoleManagement.Read.Directory", "RoleManagement.Read.All", "Directory.Read.All"] as const;

/** Directory roles, as memberships and as assignments. Not played: eligible roles, custom definitions, other providers. */
export const roleRoutes: readonly GraphRoute[] = [
  {
    operationId: "Graph_ListUserRoles",
    method: "GET",
    path: "/users/{id}/transitiveMemberOf/microsoft.graph.directoryRole",
    permissions: ["User.Read.All", "GroupMember.Read.All", "Directory.Read.All"],
    answer(call) {
      return memberships(call, findUser(call.state.users, call.params.id ?? "").id);
    },
  },
  {
    operationId: "Graph_ListServicePrincipalRoles",
    method: "GET",
    path: "/servicePrincipals/{id}/transitiveMemberOf/microsoft.graph.directoryRole",
    permissions: ["Application.Read.All", "Directory.Read.All"],
    answer(call) {
      return memberships(call, findById(call.state.servicePrincipals, call.params.id ?? "").id);
    },
  },
  {
    operationId: "Graph_ListRoleAssignments",
    method: "GET",
    path: "/roleManagement/directory/roleAssignments",
    permissions: readRoles,
    answer({ url, state }) {
      refuseOtherQueries(url, ["$filter", "$expand", "$top", "$skiptoken"]);
      const test = readFilter(url.searchParams.get("$filter") ?? "", { principalId: "text" });
      const expanded = url.searchParams.get("$expand") === "roleDefinition";
      const assignments = state.roles.map(
        ({ principalId, throughGroup, roleTemplateId, displayName, directoryScopeId = "/" }): GraphResource => ({
          id: `${roleTemplateId}-${throughGroup ?? principalId}-1`,
          principalId: throughGroup ?? principalId,
          roleDefinitionId: roleTemplateId,
          directoryScopeId,
          ...(expanded ? { roleDefinition: { id: roleTemplateId, displayName, isBuiltIn: true } } : {}),
        }),
      );
      return collectionPage(url, assignments.filter(test), pages);
    },
  },
];

function memberships({ url, header, state, may }: GraphCall, principalId: string): unknown {
  refuseOtherQueries(url, ["$count", "$select", "$top", "$skiptoken"]);
  // "This header and $count are required when using … OData cast query parameters." The sentence of the refusal is composed.
  if (header("consistencylevel") !== "eventual" || url.searchParams.get("$count") !== "true") {
    throw new GraphFailure(
      400,
      "Request_UnsupportedQuery",
      "The cast needs ConsistencyLevel: eventual and $count=true.",
    );
  }
  const named = may(...readRoles);
  const roles = state.roles
    .filter((role) => role.principalId === principalId && role.directoryScopeId === undefined)
    .map(({ displayName, roleTemplateId }) => ({
      "@odata.type": "#microsoft.graph.directoryRole",
      // The role's own id in this tenant, which is not its template's.
      id: roleTemplateId.replace(/^.{8}/, "0a0b0c0d"),
      displayName: named ? displayName : null,
      roleTemplateId: named ? roleTemplateId : null,
    }));
  return collectionPage(
    url,
    roles.map((role) => select(url, role)),
    pages,
  );
}
