import type { HostAnswer } from "../simulated-host.ts";
import type { EndpointState } from "./endpoint-state.ts";

export interface EndpointCall {
  /** The id in the path; empty where it has none. */
  id: string;
  query: URLSearchParams;
  /** The parsed JSON body; undefined where there is none. */
  body: unknown;
  state: EndpointState;
  now: Date;
  /** Object id of the calling application. */
  caller: string;
}

export interface EndpointRoute {
  operation: string;
  method: string;
  path: RegExp;
  /** App roles, any one of which is enough. */
  permissions: readonly string[];
  answer(call: EndpointCall): HostAnswer;
}
