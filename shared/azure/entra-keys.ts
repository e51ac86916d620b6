import type { FetchImplementation, JWTVerifyGetKey } from "jose";
import type { Settings } from "../config.ts";

type Where = Pick<Settings, "PORTCULLIS_WEBHOOK_TENANT" | "PORTCULLIS_SIMULATED_AZURE">;

/**
 * The public keys with which a tenant's tokens are signed. They are fetched when the first token comes, kept, and fetched again when
 * a token names a key that is not among them: at most every 30 seconds, so that made-up keys cost Entra and us nothing.
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 */
export function createEntraKeys(settings: Where): JWTVerifyGetKey {
  let opened: Promise<JWTVerifyGetKey> | undefined;
  return async (header, token) => {
    opened ??= open(settings);
    return (await opened)(header, token);
  };
}

async function open({ PORTCULLIS_WEBHOOK_TENANT: tenant, PORTCULLIS_SIMULATED_AZURE: simulated }: Where) {
  const { createRemoteJWKSet, customFetch } = await import("jose");
  const url = new URL(`https://login.microsoftonline.com/${tenant}/discovery/v2.0/keys`);
  return createRemoteJWKSet(url, {
    timeoutDuration: 5_000,
    cooldownDuration: 30_000,
    ...(simulated === undefined ? {} : { [customFetch]: await simulatedFetch(simulated) }),
  });
}

async function simulatedFetch(simulated: string): Promise<FetchImplementation> {
  const [{ createHttpHeaders, createPipelineRequest }, { createRewritingHttpClient }] = await Promise.all([
    import("@azure/core-rest-pipeline"),
    import("./rewriting-http-client.ts"),
  ]);
  const client = createRewritingHttpClient(simulated);
  return async (url, { headers, signal }) => {
    const names = createHttpHeaders(Object.fromEntries(headers));
    const { status, bodyAsText } = await client.sendRequest(
      createPipelineRequest({ url, headers: names, abortSignal: signal }),
    );
    return new Response(bodyAsText ?? null, { status });
  };
}
