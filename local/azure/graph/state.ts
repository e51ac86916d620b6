/** An object as Graph gives it, with every property that it has. */
export interface GraphResource {
  id: string;
  [property: string]: unknown;
}

/** One directory role that somebody holds. */
interface HeldRole {
  /** Object id of the user or service principal. */
  principalId: string;
  displayName: string;
  /** Of the role's template, the same in every tenant. */
  roleTemplateId: string;
  /** Through a role-assignable group: a membership, and an assignment of the group's. */
  throughGroup?: string;
  /** `/administrativeUnits/…`: an assignment, and no membership. */
  directoryScopeId?: string;
}

/** What the tenant holds. It may be changed while the service runs; a write puts a new object into the place of the old one. */
export interface GraphState {
  alerts: GraphResource[];
  /**
   * Whether the list of alerts links to its next page, as documented. By default it does not, as real tenants' do not:
   * https://github.com/elastic/integrations/issues/20234, https://learn.microsoft.com/answers/questions/1611210.
   */
  linksAlertPages?: boolean;
  incidents?: GraphResource[];
  users: GraphResource[];
  servicePrincipals: GraphResource[];
  /** Whoever Identity Protection knows as risky; a confirmation adds users and service principals. */
  riskyUsers?: GraphResource[];
  riskyServicePrincipals?: GraphResource[];
  roles: HeldRole[];
  /** Members and owners of role-assignable groups, by object id: sensitive like those who hold a role. */
  roleAssignableGroupMembers?: readonly string[];
  /** Whether the calling application itself holds a directory role that is high enough to touch whoever holds one. */
  appHoldsRole?: boolean;
  /** Application permissions that were consented to; all of them when left out. */
  permissions?: readonly string[];
  /** How often Active Directory takes back what the cloud changed about a synced user; never when left out. */
  syncEveryMs?: number;
  /** For how long after a write reads show what was there before; 0 when left out. */
  staleReadMs?: number;
  /**
   * A token that was issued before this time, in seconds since 1970, is answered with the claims challenge of continuous access evaluation.
   * It passes by its `nbf`, the one claim that such a challenge asks for. Entra challenges no managed identity so.
   */
  requireClaims?: { nbf: number };
}
