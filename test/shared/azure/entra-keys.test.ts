import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as z from "zod";
import { type SimulatedAzure, startSimulatedAzure } from "../../../local/azure/simulated-azure.ts";
import { createEntraKeys } from "../../../shared/azure/entra-keys.ts";
import { systemClock } from "../../../shared/clock.ts";
import { authenticate } from "../../../shared/webhook/authenticate.ts";
import type { Door } from "../../../shared/webhook/door.ts";

const tenant = "11111111-1111-1111-1111-111111111111";
const caller = "22222222-2222-2222-2222-222222222222";
const Token = z.object({ access_token: z.string() });

let azure: SimulatedAzure;
beforeAll(async () => {
  azure = await startSimulatedAzure({ port: 0, gatewayPort: 0, services: [] });
});
afterAll(() => azure.close());
beforeEach(() => {
  azure.calls.length = 0;
  azure.faults.clear();
});

describe("the tenant's keys, fetched from the simulated Azure", () => {
  test("let a token in that its managed identity was given, and are fetched once for many", async () => {
    const door = openDoor();
    const tokens = await Promise.all([tokenFor("api://portcullis"), tokenFor("api://portcullis/")]);

    for (const token of tokens) expect(await authenticate(bearer(token), door)).toEqual({ caller });
    expect(fetches()).toEqual([`/${tenant}/discovery/v2.0/keys`]);
  });

  test("keep out what was issued for something else", async () => {
    const token = await tokenFor("https://management.azure.com");

    expect(await authenticate(bearer(token), openDoor())).toMatchObject({ refusal: { status: 401 } });
  });

  test("are not fetched again and again for keys that somebody made up", async () => {
    const door = openDoor();
    await authenticate(bearer(await tokenFor("api://portcullis")), door);
    const { privateKey, publicKey } = await generateKeyPair("RS256");
    for (let attempt = 0; attempt < 5; attempt++) {
      const token = await new SignJWT({ oid: caller, jwk: await exportJWK(publicKey) })
        .setProtectedHeader({ alg: "RS256", kid: `made-up-${attempt}` })
        .sign(privateKey);

      expect(await authenticate(bearer(token), door)).toMatchObject({ refusal: { status: 401 } });
    }
    expect(fetches()).toHaveLength(1);
  });

  test("that cannot be fetched keep everybody out for now, and are asked for again", async () => {
    const door = openDoor();
    const token = await tokenFor("api://portcullis");
    azure.faults.add({ kind: "status", operation: "Login_GetKeys", status: 503, count: 1 });

    await expect(authenticate(bearer(token), door)).rejects.toThrow("could not check the caller's token");
    expect(await authenticate(bearer(token), door)).toEqual({ caller });
  });

  test("of a tenant that does not exist are not there", async () => {
    const other = "44444444-4444-4444-8444-444444444444";

    await expect(authenticate(bearer(await tokenFor("api://portcullis")), openDoor(other))).rejects.toThrow();
  });
});

function openDoor(of = tenant): Door {
  const settings = {
    PORTCULLIS_WEBHOOK_TENANT: of,
    PORTCULLIS_WEBHOOK_AUDIENCE: "api://portcullis",
    PORTCULLIS_WEBHOOK_CALLERS: [caller],
    PORTCULLIS_SIMULATED_AZURE: azure.url,
  };
  return { settings, keys: createEntraKeys(settings), clock: systemClock };
}

function bearer(token: string) {
  return {
    header: (name: string) => (name === "authorization" ? `Bearer ${token}` : undefined),
    query: () => undefined,
  };
}

async function tokenFor(resource: string): Promise<string> {
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = azure.identity;
  const response = await fetch(`${IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=${encodeURIComponent(resource)}`, {
    headers: { "x-identity-header": IDENTITY_HEADER },
  });
  return Token.parse(await response.json()).access_token;
}

function fetches(): string[] {
  return azure.calls.filter(({ host }) => host === "login.microsoftonline.com").map(({ path }) => path);
}
