/** One call that the gateway answered. */
export interface GatewayCall {
  at: Date;
  clientIp: string;
  method: string;
  path: string;
  /** ARM id of the API Management service. */
  service?: string;
  api?: string;
  operation?: string;
  /** The API Management subscription whose key was sent. */
  subscription?: string;
  status: number;
  /** Why the gateway answered itself, such as `CallerIpBlocked`. */
  reason?: string;
}

export interface GatewayLog {
  /** Oldest first. */
  readonly calls: readonly GatewayCall[];
  add(call: GatewayCall): void;
}

/** The latest calls, kept in memory for whoever tells the story. */
export function createGatewayLog(limit = 1000): GatewayLog {
  const calls: GatewayCall[] = [];
  return {
    calls,
    add(call) {
      calls.push(call);
      if (calls.length > limit) calls.shift();
    },
  };
}
