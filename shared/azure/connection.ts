import type { HttpClient } from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import { hasLocalIdentity, type Settings, SettingsError } from "../config.ts";
import { limitTokens, tokenLimitMs } from "./token-limit.ts";

/** How every client of this folder reaches Azure: as whom, and over what. */
export interface Connection {
  /** Its tokens have a time limit, which that of a request to Azure does not include. */
  credential: TokenCredential;
  /** Present for the simulated Azure only: same URLs and token scopes, another machine. */
  httpClient?: HttpClient;
}

/** The identity of the function app. There is no other way in: no keys, no secrets. */
export async function connect(
  settings: Pick<Settings, "PORTCULLIS_CLIENT_ID" | "PORTCULLIS_SIMULATED_AZURE">,
  limitMs = tokenLimitMs,
): Promise<Connection> {
  const { ManagedIdentityCredential } = await import("@azure/identity");
  const credential = settings.PORTCULLIS_CLIENT_ID
    ? new ManagedIdentityCredential({ clientId: settings.PORTCULLIS_CLIENT_ID })
    : new ManagedIdentityCredential();
  return { credential: limitTokens(credential, limitMs), ...(await transport(settings)) };
}

/** The person at the command line: whoever `az login`, an environment or a workload identity says they are. */
export async function connectAsOperator(settings: Pick<Settings, "PORTCULLIS_SIMULATED_AZURE">): Promise<Connection> {
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import("@azure/identity");
  const credential = settings.PORTCULLIS_SIMULATED_AZURE
    ? new ManagedIdentityCredential()
    : new DefaultAzureCredential();
  return { credential: limitTokens(credential), ...(await transport(settings)) };
}

async function transport({ PORTCULLIS_SIMULATED_AZURE: simulated }: Pick<Settings, "PORTCULLIS_SIMULATED_AZURE">) {
  if (!simulated) return {};
  if (!hasLocalIdentity()) {
    throw new SettingsError(
      "PORTCULLIS_SIMULATED_AZURE needs IDENTITY_ENDPOINT on a loopback address and IDENTITY_HEADER beside it",
    );
  }
  const { createRewritingHttpClient } = await import("./rewriting-http-client.ts");
  return { httpClient: createRewritingHttpClient(simulated) };
}
