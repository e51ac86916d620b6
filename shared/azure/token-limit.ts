import type { TokenCredential } from "@azure/identity";
import { AzureError } from "./azure-error.ts";

export const tokenLimitMs = 30_000;

/**
 * Gives every request for a token an end. The time limit of a request to Azure begins when the token is there, the identity libraries
 * wait for ever (`abortSignal` does not end a managed identity's request), and the SDKs let all their calls wait for the same token: one
 * that never comes would stop them for good. After this error the next call asks anew.
 */
export function limitTokens(credential: TokenCredential, limitMs = tokenLimitMs): TokenCredential {
  return {
    async getToken(scopes, options) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          const message = `the identity gave none within ${limitMs / 1000} seconds`;
          const attempted = `get a token for ${[scopes].flat().join(", ")}`;
          reject(new AzureError(attempted, { status: 0, code: "NoTokenInTime", message }));
        }, limitMs);
        // A process that has nothing else left to do may end.
        timer.unref();
      });
      try {
        return await Promise.race([credential.getToken(scopes, options), late]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
