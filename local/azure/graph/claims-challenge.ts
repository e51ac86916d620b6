import { GraphFailure } from "./graph-failure.ts";
import type { GraphState } from "./state.ts";

const authorizationUri = "https://login.microsoftonline.com/common/oauth2/authorize";

/** https://learn.microsoft.com/entra/identity-platform/claims-challenge */
export function challengeClaims({ requireClaims }: GraphState, token: { nbf: number }): void {
  if (requireClaims === undefined || token.nbf >= requireClaims.nbf) return;
  const claims = `{"access_token":{"nbf":{"essential":true, "value":"${requireClaims.nbf}"}}}`;
  const encoded = Buffer.from(claims).toString("base64");
  throw new GraphFailure(
    401,
    "InvalidAuthenticationToken",
    "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp",
    {
      "www-authenticate": `Bearer realm="", authorization_uri="${authorizationUri}", error="insufficient_claims", claims="${encoded}"`,
    },
  );
}
