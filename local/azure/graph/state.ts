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

/** What the tenant holds. It may be changed while the service runs. */
export interface GraphState {
  alerts: GraphResource[];
  /**
   * Whether the list of alerts links to its next page, as documented. By default it does not, as real tenants' do not:
   * https://github.com/elastic/integrations/issues/20234, https://learn.microsoft.com/answers/questions/1611210.
   */
  linksAlertPages?: boolean;
  users: GraphResource[];
  servicePrincipals: GraphResource[];
  roles: HeldRole[];
  /** Application permissions that were consented to; all of them when left out. */
  permissions?: readonly string[];
}
