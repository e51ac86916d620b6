import { randomBytes } from "node:crypto";
import * as z from "zod";
import type { ArmAnswer, ArmCall, ArmRoute } from "../resource-manager/route.ts";
import { checkRequiredIfMatch, nextEntityTag, quotedTag } from "./entity-tags.ts";
import { validationError } from "./policy-problem.ts";
import { notFound, onService } from "./resources.ts";
import type { ApiManagementService, ApiSubscription, ApiUser } from "./store.ts";

const SubscriptionUpdate = z.object({
  properties: z.strictObject({
    displayName: z.string().optional(),
    state: z.enum(["suspended", "active", "expired", "submitted", "rejected", "cancelled"]).optional(),
    stateComment: z.string().optional(),
  }),
});
const UserUpdate = z.object({
  properties: z.strictObject({
    firstName: z.string().optional(),
    lastName: z.string().optional(),
    email: z.string().optional(),
    state: z.enum(["active", "blocked"]).optional(),
    note: z.string().optional(),
  }),
});

/**
 * Subscriptions (keys) and users, as far as they are read, changed and given new keys. Not played: making and deleting them, products'
 * approval, mails to their owners, sign-in at the developer portal.
 */
export function accessRoutes(services: readonly ApiManagementService[]): ArmRoute[] {
  const subscription = "/subscriptions/{sid}";
  const user = "/users/{userId}";
  return [
    onService(services, {
      operationId: "Subscription_Get",
      method: "GET",
      path: subscription,
      answer: (service, call) =>
        shown(findSubscription(service, call), presentSubscription(service, findSubscription(service, call))),
    }),
    onService(services, {
      operationId: "Subscription_List",
      method: "GET",
      path: "/subscriptions",
      answer: (service) => list([...subscriptionsOf(service).values()].map((one) => presentSubscription(service, one))),
    }),
    onService(services, {
      operationId: "Subscription_Update",
      method: "PATCH",
      path: subscription,
      answer(service, call) {
        const found = findSubscription(service, call);
        checkRequiredIfMatch(call, found.etag);
        Object.assign(found, readBody(call, SubscriptionUpdate), { etag: nextEntityTag() });
        return shown(found, presentSubscription(service, found));
      },
    }),
    ...(["Primary", "Secondary"] as const).map((which) =>
      onService(services, {
        operationId: `Subscription_Regenerate${which}Key`,
        method: "POST",
        path: `${subscription}/regenerate${which}Key`,
        answer(service, call) {
          const found = findSubscription(service, call);
          found[which === "Primary" ? "primaryKey" : "secondaryKey"] = randomBytes(16).toString("hex");
          found.etag = nextEntityTag();
          return { status: 204 };
        },
      }),
    ),
    onService(services, {
      operationId: "Subscription_ListSecrets",
      method: "POST",
      path: `${subscription}/listSecrets`,
      answer(service, call) {
        const { etag, primaryKey, secondaryKey } = findSubscription(service, call);
        return { status: 200, headers: { etag: quotedTag(etag) }, body: { primaryKey, secondaryKey } };
      },
    }),
    onService(services, {
      operationId: "User_Get",
      method: "GET",
      path: user,
      answer: (service, call) => shown(findUser(service, call), presentUser(service, findUser(service, call))),
    }),
    onService(services, {
      operationId: "User_ListByService",
      method: "GET",
      path: "/users",
      answer: (service) =>
        list([...(service.users ?? new Map<string, ApiUser>()).values()].map((one) => presentUser(service, one))),
    }),
    onService(services, {
      operationId: "User_Update",
      method: "PATCH",
      path: user,
      answer(service, call) {
        const found = findUser(service, call);
        checkRequiredIfMatch(call, found.etag);
        Object.assign(found, readBody(call, UserUpdate), { etag: nextEntityTag() });
        return shown(found, presentUser(service, found));
      },
    }),
  ];
}

function subscriptionsOf({ subscriptions = new Map() }: ApiManagementService): ReadonlyMap<string, ApiSubscription> {
  return subscriptions;
}

function findSubscription(service: ApiManagementService, { params }: ArmCall): ApiSubscription {
  const found = subscriptionsOf(service).get(params.sid ?? "");
  if (found) return found;
  throw notFound("Subscription");
}

function findUser({ users }: ApiManagementService, { params }: ArmCall): ApiUser {
  const found = users?.get(params.userId ?? "");
  if (found) return found;
  throw notFound("User");
}

function readBody<T>({ body }: ArmCall, schema: z.ZodType<{ properties: T }>): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data.properties;
  throw validationError(
    parsed.error.issues.map(({ path, message }) => ({
      code: "ValidationError",
      target: path.map(String).join(".") || "representation",
      message,
    })),
  );
}

function shown({ etag }: { etag: string }, body: object): ArmAnswer {
  return { status: 200, headers: { etag: quotedTag(etag) }, body };
}

function list(value: readonly object[]): ArmAnswer {
  return { status: 200, body: { value, count: value.length } };
}

/** Keys are never among the properties: they are asked for by listSecrets. */
function presentSubscription(
  service: ApiManagementService,
  { id, displayName, scope, ownerId, state }: ApiSubscription,
) {
  return {
    id: `${service.id}/subscriptions/${id}`,
    type: "Microsoft.ApiManagement/service/subscriptions",
    name: id,
    properties: {
      displayName,
      scope: `${service.id}${scope}`,
      state,
      createdDate: "2026-01-15T08:00:00Z",
      ...(ownerId === undefined ? {} : { ownerId: `${service.id}/users/${ownerId}` }),
    },
  };
}

function presentUser(service: ApiManagementService, { id, firstName, lastName, email, state, note }: ApiUser) {
  return {
    id: `${service.id}/users/${id}`,
    type: "Microsoft.ApiManagement/service/users",
    name: id,
    properties: {
      firstName,
      lastName,
      email,
      state,
      ...(note === undefined ? {} : { note }),
      registrationDate: "2026-01-15T08:00:00Z",
      identities: [{ provider: "Basic", id: email }],
    },
  };
}
