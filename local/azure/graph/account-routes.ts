import * as z from "zod";
import { findById, findUser, readUsers } from "./directory-routes.ts";
import { directoryRefusal } from "./graph-failure.ts";
import { readBody } from "./request-body.ts";
import type { GraphRoute } from "./route.ts";
import type { GraphState } from "./state.ts";
import { change } from "./versions.ts";

const Account = z.strictObject({ accountEnabled: z.boolean() });

const userProperties = [
  ...["businessPhones", "city", "companyName", "country", "department", "displayName", "employeeId", "givenName"],
  ...["jobTitle", "mail", "mailNickname", "mobilePhone", "officeLocation", "onPremisesImmutableId", "otherMails"],
  ...["passwordPolicies", "passwordProfile", "preferredLanguage", "surname", "usageLocation", "userPrincipalName"],
];
const servicePrincipalProperties = [
  ...["addIns", "alternativeNames", "appRoleAssignmentRequired", "appRoles", "description", "displayName", "homepage"],
  ...["keyCredentials", "loginUrl", "notes", "notificationEmailAddresses", "passwordCredentials", "tags"],
];

const writeUsers = ["User.ReadWrite.All", "Directory.ReadWrite.All"] as const;

/**
 * Ends sessions, disables and enables accounts. Not played: every other property, the owner of a service principal (so that
 * `Application.ReadWrite.OwnedBy` opens nothing), the minutes that a revocation may take. What becomes of sessions: `sign-ins.ts`.
 */
export const accountRoutes: readonly GraphRoute[] = [
  {
    operationId: "Graph_RevokeSignInSessions",
    method: "POST",
    path: "/users/{id}/revokeSignInSessions",
    permissions: ["User.RevokeSessions.All", ...writeUsers],
    answer({ state, params: { id = "" }, now }) {
      const user = findUser(state.users, id);
      // In whole seconds, so that it lies before a moment that the caller noted in milliseconds.
      const signInSessionsValidFromDateTime = `${now.toISOString().slice(0, 19)}Z`;
      change(state.users, user, { signInSessionsValidFromDateTime }, now);
      return { "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#Edm.Boolean", value: true };
    },
  },
  {
    operationId: "Graph_UpdateUser",
    method: "PATCH",
    path: "/users/{id}",
    permissions: ["User.EnableDisableAccount.All", ...writeUsers],
    answer(call) {
      const { state, params, now, may } = call;
      // The least privileged way is two permissions together: https://learn.microsoft.com/graph/api/user-update#permissions
      if (!may(...readUsers, ...writeUsers)) throw directoryRefusal();
      const user = findUser(state.users, params.id ?? "");
      const resource = { resource: "User", code: "Request_BadRequest", unplayed: userProperties } as const;
      const account = readBody(call, { schema: Account, ...resource });
      if (isPrivileged(state, user.id) && state.appHoldsRole !== true) throw directoryRefusal();
      change(state.users, user, account, now);
    },
  },
  {
    operationId: "Graph_UpdateServicePrincipal",
    method: "PATCH",
    path: "/servicePrincipals/{id}",
    permissions: ["Application.ReadWrite.All", "Directory.ReadWrite.All"],
    answer(call) {
      const { state, params, now } = call;
      const servicePrincipal = findById(state.servicePrincipals, params.id ?? "");
      const resource = "ServicePrincipal";
      const unplayed = servicePrincipalProperties;
      const account = readBody(call, { schema: Account, resource, code: "Request_BadRequest", unplayed });
      change(state.servicePrincipals, servicePrincipal, account, now);
    },
  },
];

/** https://learn.microsoft.com/graph/api/resources/users#who-can-perform-sensitive-actions */
function isPrivileged({ roles, roleAssignableGroupMembers = [] }: GraphState, userId: string): boolean {
  return roles.some(({ principalId }) => principalId === userId) || roleAssignableGroupMembers.includes(userId);
}
