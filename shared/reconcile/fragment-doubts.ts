import type { ApiManagement, ListedApi, ListedOperation } from "../azure/api-management.ts";
import type { Fresh } from "../azure/fresh.ts";
import type { Scope } from "../ledger/target.ts";
import { fragmentId } from "./fragment-document.ts";
import { callsBase, hasInclude, PolicyNotSafeToEdit } from "./include-fragment.ts";

export interface DoubtSources {
  apiManagement: ApiManagement;
  apis: Fresh<ListedApi[]>;
  operations: Fresh<ListedOperation[]>;
  /** Policies that were found right; a fault is looked at anew each time, so that mending it shows at once. */
  sound: Fresh<true>;
}

/** A service may have hundreds of policies, and Azure Resource Manager answers a burst of reads with 429. */
const readsAtOnce = 8;

/**
 * Why what stands in the fragment would not hold at a scope, by reading: the global policy does not include it, or a narrower policy
 * without `<base />` skips the global one (https://learn.microsoft.com/azure/api-management/api-management-howto-policies).
 */
export async function fragmentDoubts(serviceId: string, scope: Scope, sources: DoubtSources): Promise<string[]> {
  const { apiManagement } = sources;
  const global = await fault(globalKey(serviceId), sources, async () => {
    const policy = await apiManagement.policy(serviceId, "");
    return policy && hasInclude(policy.xml, fragmentId)
      ? undefined
      : `the global policy does not include the fragment ${fragmentId}: run "npm run bootstrap -- --service ${serviceId}"`;
  });
  if (global) return [global];

  const faults: (string | undefined)[] = [];
  const narrower = await narrowerScopes(serviceId, scope, sources);
  for (let start = 0; start < narrower.length; start += readsAtOnce) {
    const some = narrower.slice(start, start + readsAtOnce).map((policyScope) =>
      fault(`${serviceId}|${policyScope}`, sources, async () => {
        const policy = await apiManagement.policy(serviceId, policyScope);
        return !policy || callsBase(policy.xml)
          ? undefined
          : `the policy of ${policyScope} has no <base /> in inbound, so the global policy and with it the containment is skipped there`;
      }),
    );
    faults.push(...(await Promise.all(some)));
  }
  return faults.filter((found) => found !== undefined);
}

/** Where a policy could skip the global one. For a block on the whole service that is every API; their operations would be too many to read. */
async function narrowerScopes(
  serviceId: string,
  scope: Scope,
  { apiManagement, apis, operations }: DoubtSources,
): Promise<string[]> {
  if (scope.kind === "service") {
    return (await apis.get(serviceId, () => apiManagement.apis(serviceId))).map(({ id }) => `apis/${id}`);
  }
  const api = `apis/${scope.apiId}`;
  if (scope.kind === "operation") return [api, `${api}/operations/${scope.operationId}`];
  const listed = await operations.get(`${serviceId}/${scope.apiId}`, () =>
    apiManagement.operations(serviceId, scope.apiId),
  );
  return [api, ...listed.map(({ id }) => `${api}/operations/${id}`)];
}

/** Have the global policy looked at again: somebody may have taken the include out. */
export function forgetInclude(serviceId: string, { sound }: DoubtSources): void {
  sound.drop(globalKey(serviceId));
}

function globalKey(serviceId: string): string {
  return `${serviceId}|`;
}

async function fault(
  key: string,
  { sound }: DoubtSources,
  look: () => Promise<string | undefined>,
): Promise<string | undefined> {
  let found: string | undefined;
  try {
    await sound.get(key, async () => {
      found = await look().catch(unreadable);
      if (found !== undefined) throw new Unsound(found);
      return true;
    });
  } catch (error) {
    if (error instanceof Unsound) return error.message;
    throw error;
  }
  return found;
}

/** One policy that cannot be read as text of a policy must not keep the other containments from being judged. */
function unreadable(error: unknown): string {
  if (error instanceof PolicyNotSafeToEdit) return `whether the containment holds cannot be read: ${error.message}`;
  throw error;
}

/** Carries a finding past the cache, which keeps no failures. */
class Unsound extends Error {}
