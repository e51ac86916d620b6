/** An alert as the API gives it: https://learn.microsoft.com/defender-cloud-apps/api-alerts#properties */
export interface CloudAppsAlert {
  /** 24 hexadecimal digits. */
  _id: string;
  /** When it was raised, in milliseconds since 1970. */
  timestamp: number;
  title: string;
  description: string;
  /** 0 low, 1 medium, 2 high, 3 informational. */
  severityValue: number;
  /** 0 unread, 1 read, 2 archived. */
  statusValue: number;
  /** 0 open; closed as 1 dismissed, 2 resolved, 3 false positive, 4 benign, 5 true positive. */
  resolutionStatusValue: number;
  /** When it was closed; an ISO time, unlike `timestamp`. */
  resolveTime?: string;
  /** The number of the alert's type. */
  idValue: number;
  entities: Record<string, unknown>[];
  [more: string]: unknown;
}

/** What the tenant's Defender for Cloud Apps holds; may be changed while it is asked. */
export interface CloudAppsState {
  /** In any order. */
  alerts: CloudAppsAlert[];
  /** App roles that the caller was given. */
  permissions: Set<string>;
}

export function cloudAppsState(state: Partial<CloudAppsState> = {}): CloudAppsState {
  return { alerts: [], permissions: new Set(["Investigation.read"]), ...state };
}

/** An open alert of nobody in particular. */
export function cloudAppsAlert(
  alert: Pick<CloudAppsAlert, "_id" | "timestamp"> & Partial<CloudAppsAlert>,
): CloudAppsAlert {
  if (!/^[0-9a-f]{24}$/.test(alert._id)) throw new TypeError(`${alert._id} has not 24 hexadecimal digits`);
  return {
    title: "Impossible travel activity",
    description: "The user Adele (adele@contoso.com) performed an impossible travel activity.",
    severityValue: 1,
    statusValue: 0,
    resolutionStatusValue: 0,
    idValue: 15_859_714,
    stories: [0],
    isSystemAlert: false,
    contextId: "11111111-1111-1111-1111-111111111111",
    entities: [
      {
        type: "account",
        entityType: 2,
        entityRole: "Source",
        id: "8d2b1c8e-6d5f-4f0e-9a9c-0c4a3f1e2b7d",
        label: "Adele",
        pa: "adele@contoso.com",
        saas: 11_161,
        inst: 0,
      },
      { type: "ip", id: "203.0.113.7", label: "203.0.113.7" },
      { type: "service", id: 20_893, label: "Microsoft Exchange Online" },
    ],
    URL: `https://contoso.portal.cloudappsecurity.com/#/alerts/${alert._id}`,
    ...alert,
  };
}
