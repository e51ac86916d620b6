import { KeyObject } from "node:crypto";
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import type { Door, WebhookSettings } from "../../../shared/webhook/door.ts";
import { createManualClock, type ManualClock } from "../../support/manual-clock.ts";

export const tenant = "11111111-aaaa-4111-8111-111111111111";
export const audience = "api://portcullis";
export const logicApp = "22222222-bbbb-4222-8222-222222222222";
export const application = "33333333-cccc-4333-8333-333333333333";
export const key = "a-webhook-key-of-the-tests-that-is-long-enough";

const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
/** The tenant's own key, for what it should not be used for. */
export const tenantKey = KeyObject.from(privateKey);
export const stranger = (await generateKeyPair("RS256")).privateKey;
export const kid = "key-1";
/** What anybody can read: the material for forging an HS256 token. */
export const published = { ...(await exportJWK(publicKey)), kid, use: "sig" };

export interface Tenant {
  clock: ManualClock;
  door(settings?: Partial<WebhookSettings>): Door;
  /** A token as Entra issues it, but for what is changed. */
  token(claims?: JWTPayload, changes?: { kid?: string; signWith?: typeof stranger }): Promise<string>;
}

export const everything: WebhookSettings = {
  PORTCULLIS_WEBHOOK_KEY: key,
  PORTCULLIS_WEBHOOK_TENANT: tenant,
  PORTCULLIS_WEBHOOK_AUDIENCE: audience,
  PORTCULLIS_WEBHOOK_CALLERS: [logicApp, application],
};

export function aTenant(): Tenant {
  const clock = createManualClock();
  const now = () => Math.floor(clock.now().getTime() / 1000);
  return {
    clock,
    door: (settings = everything) => ({
      settings: { PORTCULLIS_WEBHOOK_CALLERS: [], ...settings },
      keys: createLocalJWKSet({ keys: [published] }),
      clock,
    }),
    token: (claims = {}, changes = {}) =>
      new SignJWT({
        iss: `https://sts.windows.net/${tenant}/`,
        aud: audience,
        iat: now(),
        nbf: now(),
        exp: now() + 3600,
        oid: logicApp,
        appid: "99999999-dddd-4999-8999-999999999999",
        tid: tenant,
        ver: "1.0",
        ...claims,
      })
        .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: changes.kid ?? kid })
        .sign(changes.signWith ?? privateKey),
  };
}

/** The two lookups of a call, over plain values; header names in lower case. */
export function shown(headers: Record<string, string>, query: Record<string, string> = {}) {
  return { header: (name: string) => headers[name], query: (name: string) => query[name] };
}
