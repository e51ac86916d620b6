import { apimBlockIp } from "./apim-block-ip.ts";
import { apimLimitRate } from "./apim-limit-rate.ts";
import type { ListResponder } from "./responder.ts";

/** The list of them, by id. */
export const responders: ReadonlyMap<string, ListResponder> = new Map(
  [apimBlockIp, apimLimitRate].map((responder) => [responder.id, responder]),
);
