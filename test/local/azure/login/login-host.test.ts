import { createLocalJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { createIdentity } from "../../../../local/azure/identity.ts";
import { signingKeyOf } from "../../../../local/azure/login/signing-key.ts";
import { type SimulatedAzure, startSimulatedAzure } from "../../../../local/azure/simulated-azure.ts";
import { createManualClock } from "../../../support/manual-clock.ts";

const tenant = "11111111-1111-1111-1111-111111111111";
const Keys = z.object({
  keys: z.array(
    z.looseObject({ kty: z.literal("RSA"), use: z.literal("sig"), kid: z.string(), n: z.string(), e: z.string() }),
  ),
});

let azure: SimulatedAzure;
beforeAll(async () => {
  azure = await startSimulatedAzure({ port: 0, gatewayPort: 0, services: [] });
});
afterAll(() => azure.close());

const ask = (path: string, method = "GET") => fetch(`${azure.url}/login.microsoftonline.com${path}`, { method });

describe("the sign-in service", () => {
  test.each([
    ["v2.0", `https://login.microsoftonline.com/${tenant}/v2.0`, `/${tenant}/v2.0/.well-known/openid-configuration`],
    ["v1", `https://sts.windows.net/${tenant}/`, `/${tenant}/.well-known/openid-configuration`],
  ])("leads from the %s configuration to the key of its own tokens", async (_, issuer, path) => {
    const configuration = z
      .looseObject({ issuer: z.string(), jwks_uri: z.url() })
      .parse(await (await ask(path)).json());
    const { keys } = Keys.parse(await (await ask(new URL(configuration.jwks_uri).pathname)).json());
    const token = await managedIdentityToken();

    const { payload, protectedHeader } = await jwtVerify(token, createLocalJWKSet({ keys }));

    expect(configuration.issuer).toBe(issuer);
    expect(protectedHeader).toMatchObject({ alg: "RS256", typ: "JWT", kid: keys[0]?.kid });
    expect(payload).toMatchObject({ iss: `https://sts.windows.net/${tenant}/`, ver: "1.0", tid: tenant });
  });

  test("publishes nothing of the private key", async () => {
    const text = await (await ask(`/${tenant}/discovery/v2.0/keys`)).text();

    expect(Object.keys(Keys.parse(JSON.parse(text)).keys[0] ?? {}).sort()).toEqual([
      "e",
      "issuer",
      "kid",
      "kty",
      "n",
      "use",
    ]);
  });

  test("knows no other tenant, and answers to nothing but GET", async () => {
    const other = await ask("/common/discovery/v2.0/keys");

    expect([other.status, await other.json()]).toEqual([400, expect.objectContaining({ error: "invalid_tenant" })]);
    expect((await ask(`/${tenant}/discovery/v2.0/keys`, "POST")).status).toBe(405);
    expect((await ask(`/${tenant}/oauth2/v2.0/token`, "POST")).status).toBe(404);
  });

  test("can be made to fail, as every operation can", async () => {
    azure.faults.add({ kind: "status", operation: "Login_GetKeys", status: 429, retryAfterSeconds: 7, count: 1 });
    const refused = await ask(`/${tenant}/discovery/v2.0/keys`);

    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "7"]);
    expect((await ask(`/${tenant}/discovery/v2.0/keys`)).status).toBe(200);
  });
});

describe("the signing key", () => {
  test("belongs to its secret: the same after a restart, another for another secret", () => {
    const clock = createManualClock();
    const keysOf = (header: string) => createIdentity({ clock, header }).publishedKeys();

    // Written down, because within a process a key is made once.
    expect(keysOf("one secret")[0]?.kid).toBe("zk49vkD9rOSolEugNUOlnZmzLvWrr7hqafTkACUkbqc");
    expect(keysOf("one secret")[0]?.kid).not.toBe(keysOf("another secret")[0]?.kid);
  });

  test("has 2,048 bits", () => {
    expect(signingKeyOf("one secret").publicKey.asymmetricKeyDetails).toMatchObject({
      modulusLength: 2048,
      publicExponent: 65_537n,
    });
  });
});

async function managedIdentityToken(): Promise<string> {
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = azure.identity;
  const response = await fetch(`${IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=https://vault.azure.net`, {
    headers: { "x-identity-header": IDENTITY_HEADER },
  });
  return z.object({ access_token: z.string() }).parse(await response.json()).access_token;
}
