import type { AccessToken, TokenCredential } from "@azure/identity";
import * as z from "zod";
import { defaultIdentityHeader } from "../../../local/azure/simulated-azure.ts";
import { type ApiManagement, createApiManagement } from "../../../shared/azure/api-management.ts";
import { createRewritingHttpClient } from "../../../shared/azure/rewriting-http-client.ts";

const Token = z.object({ access_token: z.string(), expires_on: z.coerce.number() });

/** The product's own way to one simulated Azure. Tests that run several at once cannot tell the SDK which by the environment. */
export function apiManagementAt(azureUrl: string): ApiManagement {
  const connection = { credential: identityOf(azureUrl), httpClient: createRewritingHttpClient(azureUrl) };
  return createApiManagement(async () => connection);
}

function identityOf(azureUrl: string): TokenCredential {
  return { getToken: (scopes) => simulatedToken(azureUrl, String(scopes).replace(/\/\.default$/, "")) };
}

export async function simulatedToken(azureUrl: string, resource: string): Promise<AccessToken> {
  const url = `${azureUrl}/msi/token?api-version=2019-08-01&resource=${encodeURIComponent(resource)}`;
  const response = await fetch(url, { headers: { "X-IDENTITY-HEADER": defaultIdentityHeader } });
  const { access_token: token, expires_on: expiresOn } = Token.parse(await response.json());
  return { token, expiresOnTimestamp: expiresOn * 1000 };
}
