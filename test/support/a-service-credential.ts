import { sign } from "node:crypto";
import type { TokenCredential } from "@azure/identity";
import { signingKeyOf } from "../../local/azure/login/signing-key.ts";
import { defaultIdentityHeader } from "../../local/azure/simulated-azure.ts";
import type { Clock } from "../../shared/clock.ts";

/**
 * Tokens as the simulated identity signs them, for the audience that is asked for, fresh for every request: the SDK keeps a token by the
 * time of this machine, and these tests move time by days.
 */
export function aServiceCredential(clock: Clock, audience?: string): TokenCredential {
  const { privateKey, published } = signingKeyOf(defaultIdentityHeader);
  return {
    async getToken(scopes) {
      const now = Math.floor(clock.now().getTime() / 1000);
      const id = "22222222-2222-2222-2222-222222222222";
      const aud = audience ?? [scopes].flat()[0]?.replace(/\/\.default$/, "");
      const claims = {
        aud,
        nbf: now,
        exp: now + 3600,
        oid: id,
        appid: id,
        tid: "11111111-1111-1111-1111-111111111111",
      };
      const text = [{ alg: "RS256", typ: "JWT", kid: published.kid }, claims]
        .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
        .join(".");
      const signature = sign("sha256", Buffer.from(text), privateKey).toString("base64url");
      return { token: `${text}.${signature}`, expiresOnTimestamp: Date.now() };
    },
  };
}
