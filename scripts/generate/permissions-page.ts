import type { ReadingFeature } from "../../shared/permissions.ts";
import type { Permission, Responder } from "../../shared/responders/responder.ts";
import { code, generatedFrom, table } from "./markdown.ts";

export function permissionsPage(responders: readonly Responder[], readingFeatures: readonly ReadingFeature[]): string {
  const all = responders.flatMap(({ permissions }) => permissions);
  const actions = distinct(all.flatMap((one) => ("action" in one ? [one.action] : [])));
  const appRoles = distinct(all.flatMap((one) => ("appRole" in one ? [nameOf(one)] : [])));
  const usedBy = (name: string) =>
    responders
      .filter(({ permissions }) => permissions.some((one) => nameOf(one) === name))
      .map(({ id }) => `[${id}](responders.md#${id})`)
      .join(", ");
  const role = {
    Name: "Portcullis",
    IsCustom: true,
    Description: "What the responders of Portcullis use",
    Actions: actions,
    NotActions: [],
    DataActions: [],
    NotDataActions: [],
    AssignableScopes: ["/subscriptions/SUBSCRIPTION_ID/resourceGroups/RESOURCE_GROUP"],
  };
  return `${generatedFrom("shared/responders/ and shared/permissions.ts")}
# Permissions

## To contain

Azure RBAC actions that the function app's identity needs, and for which responder.

${table(
  ["Action", "Used by"],
  actions.map((action) => [code(action), usedBy(action)]),
)}

The union as a custom role, for ${code("az role definition create --role-definition @role.json")}; assign it on the API Management services
that ${code("PORTCULLIS_API_MANAGEMENT")} names, on nothing wider:

\`\`\`json
${JSON.stringify(role, undefined, 2)}
\`\`\`

App roles of Microsoft's APIs, granted to the identity's service principal:

${table(
  ["App role", "Used by"],
  appRoles.map((name) => [code(name), usedBy(name)]),
)}

Beside it the identity needs ${code("Storage Table Data Contributor")} on the ledger's storage account.
${code("Microsoft.ApiManagement/service/policies/write")} is not in the role: only the person who runs ${code("npm run bootstrap")} needs it.

## To read alerts and look things up

All of it is optional: grant what you turn on. Every call only reads. The names are those that Microsoft publishes; none has been tried against a live
tenant. An app role is granted to the identity's service principal, with ${code("POST /servicePrincipals/{id}/appRoleAssignments")} of Graph. Where something
is missing, the look-up is a miss that the run shows, the pointer is refused with the reason, and the poller fails and logs it.

${table(["For", "Setting", "Calls", "Needs", "Note"], readingFeatures.map(featureRow))}
`;
}

function nameOf(permission: Permission): string {
  return "action" in permission ? permission.action : `${permission.api}: ${permission.appRole}`;
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}

function featureRow({ feature, setting, value, calls, grants, note = "" }: ReadingFeature): string[] {
  return [
    feature,
    [setting, value].flatMap((part) => (part === undefined ? [] : [code(part)])).join(": ") || "none",
    calls.map(code).join(", "),
    grants.map(({ kind, name, on }) => `${kind} ${code(name)} ${kind === "app role" ? "of" : "on"} ${on}`).join("; "),
    note,
  ];
}
