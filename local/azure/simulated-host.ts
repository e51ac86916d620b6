import type { Clock } from "../../shared/clock.ts";
import type { Strike } from "./faults.ts";
import type { GatewayLog } from "./gateway/gateway-log.ts";
import type { Identity } from "./identity.ts";

/** A request as it would have arrived at the production host. */
export interface HostCall {
  method: string;
  /** With the production host: `https://graph.microsoft.com/v1.0/…`. */
  url: URL;
  header(name: string): string | undefined;
  text: string;
}

export interface HostAnswer {
  status: number;
  headers?: Record<string, string>;
  /** Sent as JSON; undefined for an empty body. */
  body?: unknown;
}

/** A simulated service with a host name of its own, besides Resource Manager. */
export interface SimulatedHost {
  serves(host: string): boolean;
  /** Every id that `operationOf` answers: what faults can be aimed at. */
  operations: readonly string[];
  operationOf(method: string, url: URL): string | undefined;
  /** App roles, any one of which is enough; none where the service asks for none or does not serve it. */
  permissionsOf?(method: string, url: URL): readonly string[];
  /** Authenticates, checks and answers; `strike` carries the faults that were asked for (`refuse`, `staleRead`). */
  answer(call: HostCall, strike: Strike): HostAnswer | Promise<HostAnswer>;
}

export interface HostTools {
  clock: Clock;
  identity: Identity;
  /** What the simulated gateway answered. */
  gatewayLog: GatewayLog;
}

export type CreateHost = (tools: HostTools) => SimulatedHost;
