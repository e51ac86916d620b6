/** One call to the control plane, kept so that tests and the bench can count and compare. */
export interface RecordedCall {
  at: Date;
  method: string;
  /** The production host the caller meant: `management.azure.com`. */
  host: string;
  /** Path and query below that host. */
  path: string;
  operationId: string;
  /** `dropped` when the connection was cut instead of answered. */
  status: number | "dropped";
  ifMatch?: string;
  /** Any one of these permissions lets a caller make the call: an action of Azure RBAC, or app roles of the host's API. */
  permissions: readonly string[];
}
