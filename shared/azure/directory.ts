import * as z from "zod";
import { AzureError } from "./azure-error.ts";
import { type Graph, odataText } from "./graph.ts";

export interface DirectoryObject {
  id: string;
  kind: "user" | "guest" | "service-principal" | "managed-identity" | "other";
  displayName?: string;
  upn?: string;
  appId?: string;
  enabled?: boolean;
  /** Mastered on premises: what is changed in the cloud can be undone by the next synchronisation. */
  synced?: boolean;
}

/** Who is behind an id, in Entra. Reads only; every call throws AzureError when the directory does not answer. */
export interface Directory {
  /** By the ids as they were given; what the directory does not have, or is no object id, is not in the map. */
  resolve(objectIds: readonly string[]): Promise<Map<string, DirectoryObject>>;
  findUser(upn: string): Promise<DirectoryObject | undefined>;
  /**
   * Names of the directory roles that a user or service principal holds, directly or through groups. Not seen: roles that it may only
   * activate (Privileged Identity Management), and of those that a group holds the custom ones and those for a part of the directory.
   * Graph's list that follows groups (transitiveRoleAssignments) is in beta only.
   */
  roles(objectId: string, kind: Exclude<DirectoryObject["kind"], "other">): Promise<string[]>;
}

/** https://learn.microsoft.com/graph/api/directoryobject-getbyids: "up to 1000 IDs". */
const mostIds = 1000;

/** accountEnabled, userType and onPremisesSyncEnabled come only when they are asked for (microsoft-graph-docs-contrib#8798). */
const userFields = "id,displayName,userPrincipalName,accountEnabled,userType,onPremisesSyncEnabled";
const objectFields = `${userFields},appId,servicePrincipalType`;

/** With too few permissions Graph gives type and id and null for the rest, so nothing but the id can be relied on. */
const Resource = z.object({
  "@odata.type": z.string().optional(),
  id: z.string(),
  displayName: z.string().nullish(),
  userPrincipalName: z.string().nullish(),
  userType: z.string().nullish(),
  accountEnabled: z.boolean().nullish(),
  onPremisesSyncEnabled: z.boolean().nullish(),
  appId: z.string().nullish(),
  servicePrincipalType: z.string().nullish(),
});
type Resource = z.infer<typeof Resource>;

const Role = z.object({
  id: z.string(),
  displayName: z.string().nullish(),
  roleTemplateId: z.string().nullish(),
});
const Resources = z.object({ value: z.array(Resource) });
const Assignment = z.object({
  roleDefinitionId: z.string(),
  roleDefinition: z.object({ displayName: z.string().nullish() }).nullish(),
});

export function createDirectory(graph: Graph): Directory {
  async function rolesThroughMembership(kind: "users" | "servicePrincipals", id: string) {
    // The cast is an advanced query, which needs the header and $count.
    // https://learn.microsoft.com/graph/api/user-list-transitivememberof
    const attempt = `read the directory roles of ${id}`;
    const found = await graph.list(
      `/${kind}/${id}/transitiveMemberOf/microsoft.graph.directoryRole`,
      { $count: "true", $select: "id,displayName,roleTemplateId" },
      { attempt, headers: { ConsistencyLevel: "eventual" } },
    );
    return found.map((raw) => {
      const { id: roleId, displayName, roleTemplateId } = read(Role, raw, attempt);
      return { templateId: roleTemplateId ?? roleId, name: displayName ?? roleTemplateId ?? roleId };
    });
  }

  /** The index behind memberships lags and leaves out roles that are held for a part of the directory; this list does neither. */
  async function rolesAssigned(id: string) {
    const attempt = `read the role assignments of ${id}`;
    const query = { $filter: `principalId eq ${odataText(id)}`, $expand: "roleDefinition" };
    const found = await graph.list("/roleManagement/directory/roleAssignments", query, { attempt });
    return found.map((raw) => {
      const { roleDefinitionId, roleDefinition } = read(Assignment, raw, attempt);
      return { templateId: roleDefinitionId, name: roleDefinition?.displayName ?? roleDefinitionId };
    });
  }

  return {
    async resolve(objectIds) {
      const ids = [...new Set(objectIds.filter(isObjectId).map((id) => id.toLowerCase()))];
      const found = new Map<string, DirectoryObject>();
      for (let start = 0; start < ids.length; start += mostIds) {
        const batch = ids.slice(start, start + mostIds);
        const attempt = `look up ${batch.length} object ids in the directory`;
        const wanted = { ids: batch, types: ["user", "servicePrincipal"] };
        const body = await graph.post("/directoryObjects/getByIds", wanted, { $select: objectFields }, { attempt });
        for (const raw of read(Resources, body, attempt).value) found.set(raw.id.toLowerCase(), toDirectoryObject(raw));
      }
      return new Map(
        objectIds.flatMap((id): [string, DirectoryObject][] => {
          const object = found.get(id.toLowerCase());
          return object ? [[id, object]] : [];
        }),
      );
    },

    async findUser(upn) {
      if (!isUserPrincipalName(upn)) return undefined;
      const attempt = "look up a user by user principal name";
      const query = { $filter: `userPrincipalName eq ${odataText(upn)}`, $select: userFields };
      const [user, ...others] = await graph.list("/users", query, { attempt });
      return user && others.length === 0 ? toDirectoryObject(read(Resource, user, attempt), "user") : undefined;
    },

    async roles(objectId, kind) {
      if (!isObjectId(objectId)) {
        const fault = { status: 400, code: "NotAnObjectId", message: "an object id is a GUID; nothing was asked" };
        throw new AzureError("read directory roles", fault);
      }
      const collection = kind === "user" || kind === "guest" ? "users" : "servicePrincipals";
      const [held, assigned] = await Promise.all([
        rolesThroughMembership(collection, objectId),
        rolesAssigned(objectId),
      ]);
      const byTemplate = new Map([...held, ...assigned].map((role) => [role.templateId, role]));
      return [...new Set([...byTemplate.values()].map(({ name }) => name))].sort();
    },
  };
}

function read<T>(schema: z.ZodType<T>, raw: unknown, attempt: string): T {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  const message = z.prettifyError(result.error);
  throw new AzureError(attempt, { status: 200, code: "UnexpectedAnswer", message }, { cause: result.error });
}

function toDirectoryObject(raw: Resource, type = raw["@odata.type"]?.split(".").at(-1)): DirectoryObject {
  const { displayName, userPrincipalName, appId, accountEnabled, onPremisesSyncEnabled } = raw;
  const synced = onPremisesSyncEnabled ?? (type === "user" && userPrincipalName ? false : undefined);
  return {
    id: raw.id,
    kind: kindOf(raw, type),
    ...(displayName ? { displayName } : {}),
    ...(userPrincipalName ? { upn: userPrincipalName } : {}),
    ...(appId ? { appId } : {}),
    ...(typeof accountEnabled === "boolean" ? { enabled: accountEnabled } : {}),
    // Null says "never synchronised" of a user whose properties could be read at all.
    ...(synced === undefined ? {} : { synced }),
  };
}

function kindOf({ userType, userPrincipalName, servicePrincipalType }: Resource, type: string | undefined) {
  if (type === "user") {
    // An external member is of another tenant like a guest, and only its name says so.
    const isGuest = userType?.toLowerCase() === "guest" || userPrincipalName?.toUpperCase().includes("#EXT#");
    return isGuest ? "guest" : "user";
  }
  if (type !== "servicePrincipal") return "other";
  return servicePrincipalType?.toLowerCase() === "managedidentity" ? "managed-identity" : "service-principal";
}

/** Anything else is not sent: `resolve` leaves it out, `roles` refuses it. */
export function isObjectId(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id) && !/^[0-]+$/.test(id);
}

/** Text out of an alert; what cannot be a user principal name is not worth a request. */
export function isUserPrincipalName(upn: string): boolean {
  return upn.length <= 1024 && /^[^\s@\p{Cc}\p{Cf}]+@[^\s@\p{Cc}\p{Cf}]+$/u.test(upn);
}
