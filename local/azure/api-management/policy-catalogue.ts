import type { Sku } from "./store.ts";

export type Section = "inbound" | "backend" | "outbound" | "on-error";
export type Scope = "global" | "workspace" | "product" | "api" | "operation";

export interface PolicyRule {
  /** Sections that may hold it; every section without it. */
  sections?: readonly Section[];
  /** Scopes that may hold it; every scope without it. */
  scopes?: readonly Scope[];
  /** Tiers that refuse it. */
  notOn?: readonly Sku[];
  /** Its children are policies again, or elements such as `when` that hold policies. */
  holdsPolicies?: true;
}

const inbound = { sections: ["inbound"] } as const;
const outbound = { sections: ["outbound"] } as const;
const inAndOut = { sections: ["inbound", "outbound", "on-error"] } as const;
const anywhere = {};
const v2 = ["BasicV2", "StandardV2", "PremiumV2"] as const;

/**
 * The policy elements that API Management knows, with the sections, scopes and tiers of its policy reference
 * (https://learn.microsoft.com/azure/api-management/api-management-policies). Elements inside a policy are not listed.
 */
export const policyCatalogue: Readonly<Record<string, PolicyRule>> = {
  // Control flow
  base: anywhere,
  choose: { holdsPolicies: true },
  "include-fragment": anywhere,
  "limit-concurrency": { holdsPolicies: true },
  retry: { holdsPolicies: true },
  wait: { holdsPolicies: true },
  "return-response": anywhere,
  "set-variable": anywhere,
  trace: { notOn: ["Consumption"] },
  "emit-metric": anywhere,
  // Limits and access
  "rate-limit": { ...inbound, scopes: ["product", "api", "operation"] },
  "rate-limit-by-key": { ...inbound, notOn: ["Consumption"] },
  quota: { ...inbound, scopes: ["product"] },
  "quota-by-key": { ...inbound, notOn: ["Consumption", ...v2] },
  "llm-token-limit": { ...inbound, notOn: ["Consumption"] },
  "azure-openai-token-limit": { ...inbound, notOn: ["Consumption"] },
  "ip-filter": inbound,
  "check-header": inbound,
  "get-authorization-context": inbound,
  "validate-azure-ad-token": inbound,
  "validate-client-certificate": inbound,
  "validate-jwt": inbound,
  "authentication-basic": { sections: ["inbound", "backend"] },
  "authentication-certificate": { sections: ["inbound", "backend"] },
  "authentication-managed-identity": { sections: ["inbound", "backend"] },
  cors: inbound,
  "cross-domain": { ...inbound, scopes: ["global"] },
  jsonp: outbound,
  // Content validation
  "validate-content": inAndOut,
  "validate-parameters": inbound,
  "validate-headers": { sections: ["outbound", "on-error"] },
  "validate-status-code": { sections: ["outbound", "on-error"] },
  "validate-graphql-request": inbound,
  "validate-odata-request": inbound,
  "llm-content-safety": inbound,
  // Routing and sending
  "forward-request": { sections: ["backend"] },
  proxy: inbound,
  "set-backend-service": { sections: ["inbound", "backend"] },
  "send-request": anywhere,
  "send-one-way-request": anywhere,
  "send-service-bus-message": anywhere,
  "log-to-eventhub": anywhere,
  "invoke-dapr-binding": anywhere,
  "publish-to-dapr": anywhere,
  // Caching
  "cache-lookup": inbound,
  "cache-lookup-value": anywhere,
  "cache-remove-value": anywhere,
  "cache-store": outbound,
  "cache-store-value": anywhere,
  "azure-openai-semantic-cache-lookup": inbound,
  "azure-openai-semantic-cache-store": outbound,
  "llm-semantic-cache-lookup": inbound,
  "llm-semantic-cache-store": outbound,
  "azure-openai-emit-token-metric": inbound,
  "llm-emit-token-metric": inbound,
  // Transformation
  "find-and-replace": anywhere,
  "json-to-xml": inAndOut,
  "mock-response": inAndOut,
  "redirect-content-urls": { sections: ["inbound", "outbound"] },
  "rewrite-uri": inbound,
  "set-body": { sections: ["inbound", "backend", "outbound"] },
  "set-header": anywhere,
  "set-method": { sections: ["inbound", "on-error"] },
  "set-query-parameter": { sections: ["inbound", "backend"] },
  "set-status": anywhere,
  "xml-to-json": inAndOut,
  "xsl-transform": { sections: ["inbound", "outbound"] },
};

/** Elements that hold policies only as children of one policy. */
export const branches: Readonly<Record<string, readonly string[]>> = { choose: ["when", "otherwise"] };
