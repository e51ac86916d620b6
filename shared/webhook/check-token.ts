import * as z from "zod";
import type { Door } from "./door.ts";

/** Codes of jose with which a token itself is at fault. With any other the token could not be checked, and trying again may help. */
const faults = new Map([
  ["ERR_JWT_EXPIRED", "The token has expired."],
  [
    "ERR_JWT_CLAIM_VALIDATION_FAILED",
    "The token's issuer, audience or time of validity is not right for this webhook.",
  ],
  ["ERR_JWS_SIGNATURE_VERIFICATION_FAILED", "The token's signature is not the tenant's."],
  ["ERR_JWKS_NO_MATCHING_KEY", "The token is signed with a key that is not the tenant's."],
  ["ERR_JWKS_MULTIPLE_MATCHING_KEYS", "The token does not say which key it is signed with."],
  ["ERR_JOSE_ALG_NOT_ALLOWED", "The token is not signed with RS256."],
  ["ERR_JOSE_NOT_SUPPORTED", "The token is not one that Entra issues."],
  ["ERR_JWS_INVALID", "The token is not a signed JWT."],
  ["ERR_JWT_INVALID", "The token is not a signed JWT."],
]);

/** v1 tokens name the calling application in `appid`, v2 tokens in `azp`; `scp` is there when it acts for a signed-in user. */
const Claims = z.object({
  oid: z.string().optional(),
  appid: z.string().optional(),
  azp: z.string().optional(),
  scp: z.string().optional(),
});

type Checked = { caller: string } | { fault: string } | { stranger: string };

const skewSeconds = 60;

/**
 * Whether a token was issued by the tenant, for this webhook, to a caller who may call it.
 * https://learn.microsoft.com/entra/identity-platform/claims-validation
 */
export async function checkToken(token: string, { settings, keys, clock }: Door): Promise<Checked> {
  const {
    PORTCULLIS_WEBHOOK_TENANT: tenant = "",
    PORTCULLIS_WEBHOOK_AUDIENCE: audience = "",
    PORTCULLIS_WEBHOOK_CALLERS: callers,
  } = settings;
  const { jwtVerify, errors } = await import("jose");
  const bare = audience.replace(/\/$/, "");
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ["RS256"],
      issuer: [
        `https://sts.windows.net/${tenant.toLowerCase()}/`,
        `https://login.microsoftonline.com/${tenant.toLowerCase()}/v2.0`,
      ],
      audience: [bare, `${bare}/`],
      requiredClaims: ["exp", "nbf"],
      currentDate: clock.now(),
      clockTolerance: skewSeconds,
    });
    return known(Claims.safeParse(payload).data ?? {}, callers);
  } catch (error) {
    const fault = error instanceof errors.JOSEError ? faults.get(error.code) : undefined;
    if (fault === undefined)
      throw new Error("could not check the caller's token with the tenant's keys", { cause: error });
    return { fault };
  }
}

/** An application counts as the caller only where it acts for itself: with a user's consent anybody's token can name it. */
function known({ oid, appid, azp, scp }: z.infer<typeof Claims>, callers: readonly string[]): Checked {
  const application = scp === undefined ? (appid ?? azp) : undefined;
  const listed = callers.map((id) => id.toLowerCase());
  const caller = [oid, application].find((id) => id !== undefined && listed.includes(id.toLowerCase()));
  if (caller !== undefined) return { caller: caller.toLowerCase() };
  return { stranger: "The token is good, but neither its oid nor its application is in PORTCULLIS_WEBHOOK_CALLERS." };
}
