import type { HttpClient } from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import type { Settings } from "../config.ts";

/** How every client of this folder reaches Azure: as whom, and over what. */
export interface Connection {
  credential: TokenCredential;
  /** Present for the simulated Azure only: same URLs and token scopes, another machine. */
  httpClient?: HttpClient;
}

/** The identity of the function app. There is no other way in: no keys, no secrets. */
export async function connect(settings: Settings): Promise<Connection> {
  const { ManagedIdentityCredential } = await import("@azure/identity");
  const credential = settings.PORTCULLIS_CLIENT_ID
    ? new ManagedIdentityCredential({ clientId: settings.PORTCULLIS_CLIENT_ID })
    : new ManagedIdentityCredential();
  if (!settings.PORTCULLIS_SIMULATED_AZURE) return { credential };
  const { createRewritingHttpClient } = await import("./rewriting-http-client.ts");
  return { credential, httpClient: createRewritingHttpClient(settings.PORTCULLIS_SIMULATED_AZURE) };
}
