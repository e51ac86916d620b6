import type { SimulatedAction } from "./machine-actions.ts";

/** A machine as `GET /api/machines` gives it: the documented fields, and those that real answers hold besides. */
export interface SimulatedMachine {
  /** 40 hexadecimal digits. */
  id: string;
  computerDnsName: string | null;
  firstSeen: string;
  lastSeen: string;
  osPlatform: string;
  version: string | null;
  lastIpAddress: string | null;
  lastExternalIpAddress: string | null;
  healthStatus: string;
  deviceValue: string | null;
  rbacGroupId: number;
  rbacGroupName: string | null;
  riskScore: string | null;
  exposureLevel: string | null;
  isAadJoined: boolean;
  aadDeviceId: string | null;
  machineTags: string[];
  onboardingStatus: string;
  vmMetadata: { vmId: string; cloudProvider: string; resourceId: string; subscriptionId: string } | null;
}

/** What the tenant's Defender for Endpoint holds; may be changed while it is asked. */
export interface EndpointState {
  machines: SimulatedMachine[];
  /** Alerts as `GET /api/alerts/{id}?$expand=evidence` gives them. */
  alerts: ({ id: string } & Record<string, unknown>)[];
  /** App roles that the caller was given. */
  permissions: Set<string>;
  /** So many machines a page; the service's own number is 10,000. */
  pageSize: number;
  /** Whether a filter compares text with its letter case. What the service really does is not documented. */
  mindsLetterCase: boolean;
  /** Whether one alert may be asked for with `$expand=evidence`, which is documented for the list of alerts; if not, 400. */
  expandsOneAlert: boolean;
  /** What was asked of machines, in the order of their asking. */
  actions: SimulatedAction[];
  indicators: SimulatedIndicator[];
  nextIndicator: number;
  /** Ids of machines that are switched off: what is asked of them waits for up to three days. */
  offline: Set<string>;
  /** Since when a machine that was switched off is there again. */
  onlineSince: Map<string, number>;
  /** Whether the same action asked for twice is refused, or answered with the first one. Both are documented. */
  answersDuplicates: "refuse" | "existing" | "alternate";
  duplicates: number;
}

/** As `GET /api/indicators` gives them. */
export interface SimulatedIndicator {
  id: string;
  indicatorValue: string;
  indicatorType: string;
  action: string;
  title: string;
  description: string;
  application?: string | undefined;
  expirationTime?: string | undefined;
  createdBy: string;
  creationTimeDateTimeUtc: string;
  lastUpdateTime: string;
  lastUpdatedBy: string | null;
  [property: string]: unknown;
}

const everyPermission = [
  "Alert.Read.All",
  "Machine.CollectForensics",
  "Machine.Isolate",
  "Machine.Read.All",
  "Machine.RestrictExecution",
  "Machine.Scan",
  "Machine.StopAndQuarantine",
  "Ti.ReadWrite.All",
];

export function endpointState(state: Partial<EndpointState> = {}): EndpointState {
  const undocumented = { mindsLetterCase: true, expandsOneAlert: true, answersDuplicates: "alternate" } as const;
  return {
    machines: [],
    alerts: [],
    permissions: new Set(everyPermission),
    pageSize: 10_000,
    actions: [],
    indicators: [],
    nextIndicator: 994,
    offline: new Set(),
    onlineSince: new Map(),
    duplicates: 0,
    ...undocumented,
    ...state,
  };
}

/** An active, onboarded machine of nobody in particular. */
export function simulatedMachine(machine: Pick<SimulatedMachine, "id"> & Partial<SimulatedMachine>): SimulatedMachine {
  if (!/^[0-9a-f]{40}$/.test(machine.id)) throw new TypeError(`${machine.id} is no machine id: 40 hexadecimal digits`);
  return {
    computerDnsName: "pc-01.contoso.com",
    firstSeen: "2026-01-15T08:00:00.1234567Z",
    lastSeen: "2026-11-23T09:00:00.1234567Z",
    osPlatform: "Windows11",
    version: "24H2",
    lastIpAddress: "10.0.0.4",
    lastExternalIpAddress: "198.51.100.4",
    healthStatus: "Active",
    deviceValue: "Normal",
    rbacGroupId: 0,
    rbacGroupName: null,
    riskScore: "None",
    exposureLevel: "Low",
    isAadJoined: false,
    aadDeviceId: null,
    machineTags: [],
    onboardingStatus: "Onboarded",
    vmMetadata: null,
    ...machine,
  };
}
