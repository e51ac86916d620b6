import type { Api, ApiManagementService, ApiSubscription } from "../api-management/store.ts";

interface KeyCheck {
  /** Whose key it is, for the gateway's log; absent where nobody's. */
  subscription?: string;
  /** Why the call is refused, as the gateway says it: https://learn.microsoft.com/azure/api-management/api-management-error-handling-policies */
  refusal?: string;
}

const invalid =
  "Access denied due to invalid subscription key. Make sure to provide a valid key for an active subscription.";
const missing =
  "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API.";

/**
 * Whether a call may pass with this key. "Blocked users cannot … call API": which answer they get is not documented; here, that of a
 * subscription that is not active. A service that was given no subscriptions asks for no key.
 */
export function checkSubscription(service: ApiManagementService, api: Api, key: string): KeyCheck {
  const holder = [...(service.subscriptions ?? new Map<string, ApiSubscription>()).values()].find(
    ({ primaryKey, secondaryKey }) => key !== "" && (primaryKey === key || secondaryKey === key),
  );
  const known = holder === undefined ? {} : { subscription: holder.id };
  if (!api.subscriptionRequired || !service.subscriptions) return known;
  if (key === "") return { refusal: missing };
  if (!holder || !covers(holder, api)) return { ...known, refusal: invalid };
  const owner = holder.ownerId === undefined ? undefined : service.users?.get(holder.ownerId);
  const usable = holder.state === "active" && owner?.state !== "blocked";
  return usable ? known : { ...known, refusal: invalid };
}

/** Subscriptions to products are taken for all of the service's APIs: which API is in which product is not played. */
function covers({ scope }: ApiSubscription, api: Api): boolean {
  return scope === "/apis" || scope === `/apis/${api.id}` || scope.startsWith("/products/");
}
