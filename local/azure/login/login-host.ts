import type { Strike } from "../faults.ts";
import type { CreateHost, HostAnswer } from "../simulated-host.ts";

const loginHost = "login.microsoftonline.com";
const keys = "Login_GetKeys";
const configuration = "Login_GetOpenIdConfiguration";
const path = /^\/([^/]+)\/(?:(v2\.0)\/)?(discovery\/(?:v2\.0\/)?keys|\.well-known\/openid-configuration)$/;

/**
 * The part of Entra's sign-in service that checking a token needs: the tenant's public keys, and the documents that lead to them
 * (https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc). Nobody can sign in here, and keys never roll over.
 */
export const createLoginHost: CreateHost = ({ identity }) => ({
  serves: (host) => host === loginHost,
  operations: [keys, configuration],
  operationOf: (method, url) => (method === "GET" ? operationOf(url) : undefined),
  answer({ method, url }, strike) {
    if (strike.refuse !== undefined) return refused(strike.refuse);
    const operation = operationOf(url);
    if (operation === undefined) return { status: 404 };
    if (method !== "GET") return { status: 405, headers: { allow: "GET" } };
    const [, tenant = "", version] = path.exec(url.pathname) ?? [];
    if (tenant !== identity.tenant) return noSuchTenant(tenant);
    const publicKeys = identity.publishedKeys();
    if (operation === configuration) return { status: 200, body: openIdConfiguration(tenant, version === "v2.0") };
    // The keys of the v1 endpoint carry no issuer.
    const issuer = url.pathname.includes("/v2.0/") ? { issuer: `https://${loginHost}/${tenant}/v2.0` } : {};
    return { status: 200, body: { keys: publicKeys.map((key) => ({ ...key, ...issuer })) } };
  },
});

function operationOf(url: URL): string | undefined {
  const document = path.exec(url.pathname)?.[3];
  return document && (document.endsWith("keys") ? keys : configuration);
}

function openIdConfiguration(tenant: string, v2: boolean) {
  const base = `https://${loginHost}/${tenant}`;
  return {
    issuer: v2 ? `${base}/v2.0` : `https://sts.windows.net/${tenant}/`,
    jwks_uri: v2 ? `${base}/discovery/v2.0/keys` : `${base}/discovery/keys`,
    token_endpoint: v2 ? `${base}/oauth2/v2.0/token` : `${base}/oauth2/token`,
    authorization_endpoint: v2 ? `${base}/oauth2/v2.0/authorize` : `${base}/oauth2/authorize`,
    response_types_supported: ["code", "id_token", "code id_token", "id_token token"],
    subject_types_supported: ["pairwise"],
    id_token_signing_alg_values_supported: ["RS256"],
  };
}

/** https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
function noSuchTenant(tenant: string): HostAnswer {
  const body = {
    error: "invalid_tenant",
    error_description: `AADSTS90002: Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID.`,
    error_codes: [90002],
  };
  return { status: 400, body };
}

function refused({ status, retryAfterSeconds }: NonNullable<Strike["refuse"]>): HostAnswer {
  const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  return {
    status,
    headers,
    body: {
      error: "temporarily_unavailable",
      error_description: "AADSTS90033: A transient error has occurred. Please try again.",
    },
  };
}
