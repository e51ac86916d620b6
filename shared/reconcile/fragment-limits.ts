import type { ApiManagement } from "../azure/api-management.ts";
import { AzureError } from "../azure/azure-error.ts";
import type { FragmentEntry } from "./fragment-entry.ts";

/** What a service takes of a fragment. */
export interface FragmentLimits {
  maxBytes: number;
  /** Why its tier does not take an entry, if so. */
  refuses(entry: FragmentEntry): string | undefined;
}

/** 512 KB, read as the smaller of its two meanings: https://learn.microsoft.com/azure/api-management/policy-fragments */
export const maxFragmentBytes = 512_000;
/** That of a policy document there: no other is documented for fragments. https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits */
const maxConsumptionBytes = 16 * 1024;

const withoutTier: FragmentLimits = { maxBytes: maxFragmentBytes, refuses: () => undefined };

export function limitsOf(tier: string | undefined): FragmentLimits {
  return tier?.toLowerCase() === "consumption" ? ofConsumption : withoutTier;
}

const ofConsumption: FragmentLimits = {
  maxBytes: maxConsumptionBytes,
  // https://learn.microsoft.com/azure/api-management/rate-limit-by-key-policy
  refuses: ({ kind }) =>
    kind === "limit-rate"
      ? "the Consumption tier of API Management has no rate-limit-by-key: block the address, or limit it at another place"
      : undefined,
};

/** A tier that cannot be read just now holds nothing back: what the service refuses is found out when it is written. */
export async function readLimits(
  serviceId: string,
  apiManagement: Pick<ApiManagement, "tier">,
): Promise<FragmentLimits> {
  try {
    return limitsOf(await apiManagement.tier(serviceId));
  } catch (error) {
    if (error instanceof AzureError) return withoutTier;
    throw error;
  }
}
