import { ArmError } from "./arm-error.ts";
import type { ArmCall } from "./route.ts";

/** Each resource type speaks its own api-versions; what another provider speaks is refused as Resource Manager refuses it. */
export function speakVersion({ url }: ArmCall, type: string, versions: readonly string[]): void {
  const asked = url.searchParams.get("api-version");
  if (asked !== null && versions.includes(asked)) return;
  throw new ArmError(
    400,
    "NoRegisteredProviderFound",
    `No registered resource provider found for location '' and API version '${asked}' for type '${type}'. The supported api-versions are '${versions.join(", ")}'.`,
  );
}
