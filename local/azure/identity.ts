import { createHash, sign, timingSafeEqual, verify } from "node:crypto";
import * as z from "zod";
import type { Clock } from "../../shared/clock.ts";
import { type PublishedKey, signingKeyOf } from "./login/signing-key.ts";
import { ArmError } from "./resource-manager/arm-error.ts";

/**
 * App Service's managed-identity endpoint and the check of the tokens it hands out.
 *
 * The tokens are simulated: they have the shape of Entra's (a JWT with `aud`, `exp`, `oid`…, signed with RS256), but the key is
 * made from the identity header, so they are worth nothing outside this process and survive its restart.
 */
export interface Identity {
  /** The one tenant that there is. */
  tenant: string;
  /** What `https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys` lists. */
  publishedKeys(): readonly PublishedKey[];
  /** Answers `GET /msi/token` as App Service does (api-version 2019-08-01). */
  answerTokenRequest(request: { url: URL; header(name: string): string | undefined }): TokenAnswer;
  /** Throws the error that Azure Resource Manager answers; returns the token's claims otherwise. */
  authenticate(authorization: string | undefined, audiences: readonly string[]): Claims;
}

interface TokenAnswer {
  status: number;
  body: unknown;
}

export interface IdentityOptions {
  clock: Clock;
  /** What `IDENTITY_HEADER` holds in the function app. */
  header: string;
  /** Client ids of user-assigned identities that exist; the system-assigned one always does. */
  userAssigned?: readonly string[];
}

/** Azure Resource Manager takes both names of itself, with and without the slash. */
export const resourceManagerAudiences = [
  "https://management.core.windows.net/",
  "https://management.core.windows.net",
  "https://management.azure.com/",
  "https://management.azure.com",
] as const;

const Claims = z.object({
  aud: z.string(),
  exp: z.number(),
  nbf: z.number(),
  oid: z.string(),
  appid: z.string(),
  tid: z.string(),
});
type Claims = z.infer<typeof Claims>;

const tenant = "11111111-1111-1111-1111-111111111111";
const systemAssigned = "22222222-2222-2222-2222-222222222222";
const lifetimeSeconds = 24 * 60 * 60;

export function createIdentity({ clock, header, userAssigned = [] }: IdentityOptions): Identity {
  // Made when it is first needed: a simulated Azure of which nobody wants a token starts as quickly as before.
  const key = () => signingKeyOf(header);
  const nowSeconds = () => Math.floor(clock.now().getTime() / 1000);

  function issue(audience: string, clientId: string): { token: string; expires: number } {
    const now = nowSeconds();
    const expires = now + lifetimeSeconds;
    const claims = {
      aud: audience,
      iss: `https://sts.windows.net/${tenant}/`,
      iat: now,
      nbf: now,
      exp: expires,
      appid: clientId,
      oid: clientId,
      sub: clientId,
      tid: tenant,
      ver: "1.0",
      simulated: true,
    };
    const { privateKey, published } = key();
    const text = `${encode({ alg: "RS256", typ: "JWT", kid: published.kid })}.${encode(claims)}`;
    return { token: `${text}.${sign("sha256", Buffer.from(text), privateKey).toString("base64url")}`, expires };
  }

  /** Whatever the token's head says: it is checked with the one key and the one algorithm. */
  function isOurs(text: string, signature: string): boolean {
    return verify("sha256", Buffer.from(text), key().publicKey, Buffer.from(signature, "base64url"));
  }

  return {
    tenant,
    publishedKeys: () => [key().published],

    answerTokenRequest({ url, header: read }) {
      if (!sameText(read("x-identity-header") ?? "", header)) {
        return refusal(401, "The X-IDENTITY-HEADER does not match this app's IDENTITY_HEADER.");
      }
      if (url.searchParams.get("api-version") !== "2019-08-01") {
        return refusal(400, `The api-version '${url.searchParams.get("api-version") ?? ""}' is not 2019-08-01.`);
      }
      const resource = url.searchParams.get("resource") ?? "";
      // An application is named by its address or, as Defender for Cloud Apps is, by its client id.
      const isClientId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(resource);
      if (!isClientId && (!/^(https|api):\/\//.test(resource) || !URL.canParse(resource))) {
        return refusal(
          400,
          `The resource '${resource}' was not found in the tenant; it must be an https or api address or a client id.`,
        );
      }
      const clientId = url.searchParams.get("client_id") ?? systemAssigned;
      if (clientId !== systemAssigned && !userAssigned.includes(clientId)) {
        return refusal(
          400,
          "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
        );
      }
      const { token, expires } = issue(resource, clientId);
      return {
        status: 200,
        body: { access_token: token, expires_on: String(expires), resource, token_type: "Bearer", client_id: clientId },
      };
    },

    authenticate(authorization, audiences) {
      if (authorization === undefined) {
        throw unauthorized("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.");
      }
      const [head, body, signature, ...rest] = authorization.replace(/^Bearer /i, "").split(".");
      const claims = body === undefined ? undefined : decode(body);
      if (!/^Bearer /i.test(authorization) || claims === undefined || signature === undefined || rest.length > 0) {
        throw unauthorized("InvalidAuthenticationToken", "The access token is invalid.");
      }
      if (!isOurs(`${head}.${body}`, signature)) {
        throw unauthorized(
          "InvalidAuthenticationToken",
          "The access token's signature is not one of the simulated Azure.",
        );
      }
      if (claims.exp <= nowSeconds()) {
        const expiry = new Date(claims.exp * 1000).toISOString();
        throw unauthorized(
          "ExpiredAuthenticationToken",
          `The access token expiry UTC time '${expiry}' is earlier than current UTC time '${clock.now().toISOString()}'.`,
        );
      }
      if (!audiences.includes(claims.aud)) {
        throw unauthorized(
          "InvalidAuthenticationTokenAudience",
          `The access token has been obtained for wrong audience or resource '${claims.aud}'. It should exactly match with one of the allowed audiences ${audiences.map((one) => `'${one}'`).join(",")}.`,
        );
      }
      return claims;
    },
  };
}

function unauthorized(code: string, message: string): ArmError {
  const challenge = `Bearer authorization_uri="https://login.microsoftonline.com/${tenant}", error="invalid_token", error_description="${message}"`;
  return new ArmError(401, code, message, { headers: { "www-authenticate": challenge } });
}

/** App Service's own error shape, which is not ARM's. */
function refusal(status: number, message: string): TokenAnswer {
  return { status, body: { statusCode: status, message } };
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function decode(part: string): Claims | undefined {
  try {
    return Claims.safeParse(JSON.parse(Buffer.from(part, "base64url").toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

function sameText(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash("sha256").update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
