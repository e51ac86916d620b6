import type { Permission } from "./responder.ts";

/** What reading, writing and reading back the fragment, and resolving METHOD and URL to an API, need. */
export const fragmentPermissions: readonly Permission[] = [
  { action: "Microsoft.ApiManagement/service/read" },
  { action: "Microsoft.ApiManagement/service/apis/read" },
  { action: "Microsoft.ApiManagement/service/apis/operations/read" },
  { action: "Microsoft.ApiManagement/service/apis/operations/policies/read" },
  { action: "Microsoft.ApiManagement/service/apis/policies/read" },
  { action: "Microsoft.ApiManagement/service/policies/read" },
  { action: "Microsoft.ApiManagement/service/policyFragments/read" },
  { action: "Microsoft.ApiManagement/service/policyFragments/write" },
];
