import ipaddr from "ipaddr.js";
import * as z from "zod";
import type { HostAnswer } from "../simulated-host.ts";
import { fail } from "./endpoint-failure.ts";
import { endpointOrigin } from "./endpoint-origin.ts";
import type { EndpointCall, EndpointRoute } from "./endpoint-route.ts";
import type { EndpointState, SimulatedIndicator } from "./endpoint-state.ts";
import { parseEqualityFilter } from "./equality-filter.ts";

/** https://learn.microsoft.com/defender-endpoint/api/post-ti-indicator */
const Indicator = z.object({
  indicatorValue: z.string().min(1),
  indicatorType: z.enum([
    "FileSha1",
    "FileSha256",
    "FileMd5",
    "CertificateThumbprint",
    "IpAddress",
    "DomainName",
    "Url",
  ]),
  action: z.enum(["Allowed", "Audit", "Block", "BlockAndRemediate", "Warn", "Alert", "AlertAndBlock"]),
  title: z.string().min(1),
  description: z.string().min(1),
  application: z.string().optional(),
  severity: z.enum(["Informational", "Low", "Medium", "High"]).optional(),
  recommendedActions: z.string().optional(),
  expirationTime: z.iso.datetime().optional(),
  generateAlert: z.boolean().optional(),
  rbacGroupNames: z.array(z.string()).optional(),
});

/** Per tenant, of those that have not expired. */
const mostIndicators = 15_000;
const path = /^\/api(?:\/v1\.0)?\/indicators$/i;
const permissions = ["Ti.ReadWrite", "Ti.ReadWrite.All"];

/** Indicators. Not played: import in bulk, groups of machines, and the two hours to two days until machines know one. */
export const indicatorRoutes: readonly EndpointRoute[] = [
  { operation: "Endpoint_SubmitIndicator", method: "POST", path, permissions, answer: submit },
  {
    operation: "Endpoint_ListIndicators",
    method: "GET",
    path,
    permissions,
    answer({ query, state, now }) {
      expire(state, now);
      const test = parseEqualityFilter<SimulatedIndicator>(query.get("$filter"), {
        indicatorValue: ({ indicatorValue }) => indicatorValue,
        indicatorType: ({ indicatorType }) => indicatorType,
        application: ({ application }) => application ?? null,
      });
      const value = state.indicators.filter(test);
      return { status: 200, body: { "@odata.context": `${endpointOrigin}/api/$metadata#Indicators`, value } };
    },
  },
  {
    operation: "Endpoint_DeleteIndicator",
    method: "DELETE",
    path: /^\/api(?:\/v1\.0)?\/indicators\/([\w-]+)$/i,
    permissions,
    answer({ id, state, now }) {
      expire(state, now);
      const found = state.indicators.findIndex((one) => one.id === id);
      if (found < 0) return fail(404, "ResourceNotFound", `Indicator ${id} was not found`);
      state.indicators.splice(found, 1);
      return { status: 204 };
    },
  },
];

/** Creates, or replaces what has the same value and type: https://learn.microsoft.com/defender-endpoint/api/post-ti-indicator */
function submit({ body, state, now, caller }: EndpointCall): HostAnswer {
  expire(state, now);
  const parsed = Indicator.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return fail(400, "InvalidRequestBody", `${issue?.path.join(".")}: ${issue?.message}`);
  }
  const asked = parsed.data;
  if (asked.indicatorType === "IpAddress" && !isExternalAddress(asked.indicatorValue))
    return fail(400, "InvalidIpAddress", "One external IP address is wanted, no range.");
  if (/^FileSha1$/.test(asked.indicatorType) && !/^[0-9a-f]{40}$/i.test(asked.indicatorValue))
    return fail(400, "InvalidHashValue", "The hash value is invalid.");
  const same = state.indicators.find(
    ({ indicatorValue, indicatorType }) =>
      indicatorValue === asked.indicatorValue && indicatorType === asked.indicatorType,
  );
  if (!same && state.indicators.length >= mostIndicators)
    return fail(400, "MaximumBatchSizeExceeded", `A tenant has at most ${mostIndicators} indicators.`);
  const stored: SimulatedIndicator = {
    id: same?.id ?? String(state.nextIndicator++),
    source: "simulated",
    sourceType: "AadApp",
    createdBy: caller,
    creationTimeDateTimeUtc: same?.creationTimeDateTimeUtc ?? now.toISOString(),
    lastUpdateTime: now.toISOString(),
    lastUpdatedBy: same ? caller : null,
    rbacGroupIds: [],
    rbacGroupNames: [],
    ...asked,
  };
  if (same) state.indicators[state.indicators.indexOf(same)] = stored;
  else state.indicators.push(stored);
  return { status: 200, body: { "@odata.context": `${endpointOrigin}/api/$metadata#Indicators/$entity`, ...stored } };
}

function expire(state: EndpointState, now: Date): void {
  state.indicators = state.indicators.filter(
    ({ expirationTime }) => expirationTime === undefined || Date.parse(expirationTime) > now.getTime(),
  );
}

/** Documentation addresses stand for external ones here, so that plays can go all the way with them. */
function isExternalAddress(text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  return !["private", "loopback", "linkLocal", "unspecified", "uniqueLocal"].includes(ipaddr.process(text).range());
}
