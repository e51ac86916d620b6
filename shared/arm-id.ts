/** The parts of an Azure Resource Manager id. Letter case is kept for calls; compare with {@link sameArmId}. */
export interface ArmId {
  id: string;
  subscriptionId: string;
  resourceGroup: string;
  /** `Microsoft.ApiManagement/service`, child types appended: `…/service/apis` */
  type: string;
  name: string;
}

const pattern = /^\/subscriptions\/([0-9a-f-]{36})\/resourceGroups\/([^/]+)\/providers\/([^/]+)\/([^/]+)\/([^/]+)$/i;

/** Reads the id of a top-level resource; undefined when it is anything else. Ids arrive in every letter case. */
export function parseArmId(id: string): ArmId | undefined {
  const [, subscriptionId, resourceGroup, provider, type, name] = pattern.exec(id.trim()) ?? [];
  if (!subscriptionId || !resourceGroup || !provider || !type || !name) return undefined;
  return { id: id.trim(), subscriptionId, resourceGroup, type: `${provider}/${type}`, name };
}

export function sameArmId(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}

export function isApiManagementService(id: ArmId): boolean {
  return id.type.toLowerCase() === "microsoft.apimanagement/service";
}
