/** What reading, writing and reading back the fragment, and resolving METHOD and URL to an API, need. */
export const fragmentPermissions = [
  "Microsoft.ApiManagement/service/read",
  "Microsoft.ApiManagement/service/apis/read",
  "Microsoft.ApiManagement/service/apis/operations/read",
  "Microsoft.ApiManagement/service/apis/operations/policies/read",
  "Microsoft.ApiManagement/service/apis/policies/read",
  "Microsoft.ApiManagement/service/policies/read",
  "Microsoft.ApiManagement/service/policyFragments/read",
  "Microsoft.ApiManagement/service/policyFragments/write",
] as const;
