import { createHmac } from "node:crypto";
import { ManagedIdentityCredential } from "@azure/identity";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createIdentity, type Identity, resourceManagerAudiences } from "../../../local/azure/identity.ts";
import { ArmError } from "../../../local/azure/resource-manager/arm-error.ts";
import { type SimulatedAzure, startSimulatedAzure } from "../../../local/azure/simulated-azure.ts";
import { createManualClock } from "../../support/manual-clock.ts";
import { ask, contoso, serviceId } from "./api-management/contoso.ts";

const userAssigned = "33333333-3333-3333-3333-333333333333";
const scope = "https://management.azure.com/.default";

describe("the managed-identity endpoint", () => {
  // One for all: @azure/identity keeps the first endpoint it finds for as long as the process lives.
  let azure: SimulatedAzure;
  beforeAll(async () => {
    azure = await startSimulatedAzure({
      port: 0,
      gatewayPort: 0,
      services: [contoso()],
      identity: { header: "secret", userAssigned: [userAssigned] },
    });
    Object.assign(process.env, azure.identity);
  });
  afterAll(() => azure.close());

  it("gives the real credential a token that Resource Manager takes", async () => {
    const { token, expiresOnTimestamp } = await new ManagedIdentityCredential().getToken(scope);

    expect(claimsOf(token)).toMatchObject({ aud: "https://management.azure.com", simulated: true });
    expect(expiresOnTimestamp).toBeGreaterThan(Date.now() + 23 * 60 * 60 * 1000);
    expect((await answerTo(`Bearer ${token}`)).status).toBe(200);
  });

  it("gives a token for an application of the tenant too", async () => {
    const { token } = await new ManagedIdentityCredential().getToken("api://portcullis/.default");

    expect(claimsOf(token)).toMatchObject({ aud: "api://portcullis" });
  });

  it("knows a user-assigned identity by its client id", async () => {
    const { token } = await new ManagedIdentityCredential({ clientId: userAssigned }).getToken(scope);

    expect(claimsOf(token)).toMatchObject({ appid: userAssigned });
  });

  it("refuses an identity that was not assigned", async () => {
    const credential = new ManagedIdentityCredential({
      clientId: "44444444-4444-4444-4444-444444444444",
      retryOptions: { maxRetries: 0 },
    });

    await expect(credential.getToken(scope)).rejects.toThrow("Authentication failed");
  });

  it.each([
    [
      "the wrong secret",
      { "x-identity-header": "guessed" },
      "?api-version=2019-08-01&resource=https://vault.azure.net",
      401,
    ],
    ["no secret", {}, "?api-version=2019-08-01&resource=https://vault.azure.net", 401],
    [
      "another api-version",
      { "x-identity-header": "secret" },
      "?api-version=2017-09-01&resource=https://vault.azure.net",
      400,
    ],
    ["no resource", { "x-identity-header": "secret" }, "?api-version=2019-08-01", 400],
    ["a resource that is no address", { "x-identity-header": "secret" }, "?api-version=2019-08-01&resource=vault", 400],
  ])("refuses %s", async (_, headers, query, status) => {
    const response = await fetch(`${azure.identity.IDENTITY_ENDPOINT}${query}`, { headers: { ...headers } });

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ statusCode: status, message: expect.any(String) });
  });

  it("answers 401 in Resource Manager's shape, with a challenge", async () => {
    const refused = await answerTo("Bearer not.a.token");

    expect(refused).toMatchObject({ status: 401, body: { error: { code: "InvalidAuthenticationToken" } } });
    expect(refused.headers.get("www-authenticate")).toMatch(
      /^Bearer authorization_uri="https:\/\/login\.microsoftonline\.com\//,
    );
  });

  function answerTo(authorization: string) {
    return ask(azure, "GET", serviceId, { headers: { authorization } });
  }
});

describe("Resource Manager's check of a token", () => {
  const clock = createManualClock();
  const identity = createIdentity({ clock, header: "secret" });

  it.each(resourceManagerAudiences)("takes the audience %s", (audience) => {
    expect(identity.authenticate(bearer(identity, audience), resourceManagerAudiences).aud).toBe(audience);
  });

  it("refuses a token for another audience", () => {
    expect(refusal(identity, bearer(identity, "https://graph.microsoft.com"))).toBe(
      "401 InvalidAuthenticationTokenAudience",
    );
  });

  it("refuses a request without a token", () => {
    expect(refusal(identity, undefined)).toBe("401 AuthenticationFailed");
  });

  it("refuses another scheme", () => {
    expect(refusal(identity, bearer(identity, resourceManagerAudiences[0]).replace("Bearer", "Basic"))).toBe(
      "401 InvalidAuthenticationToken",
    );
  });

  it("refuses a token whose claims were changed", () => {
    const [head, , signature] = bearer(identity, "https://graph.microsoft.com").split(".");
    const [, body] = bearer(identity, resourceManagerAudiences[0]).split(".");

    expect(refusal(identity, [head, body, signature].join("."))).toBe("401 InvalidAuthenticationToken");
  });

  it.each([
    ["no algorithm and no signature", (text: string) => `${text}.`, "none"],
    ["no algorithm, but a signature", (text: string) => `${text}.AAAA`, "none"],
    [
      "HS256 and the published key as its secret",
      (text: string) => {
        const [key] = identity.publishedKeys();
        return `${text}.${createHmac("sha256", key?.n ?? "")
          .update(text)
          .digest("base64url")}`;
      },
      "HS256",
    ],
  ])("refuses a token with %s", (_, sign, alg) => {
    const [, body] = bearer(identity, resourceManagerAudiences[0]).split(".");
    const head = Buffer.from(JSON.stringify({ alg, typ: "JWT" })).toString("base64url");

    expect(refusal(identity, `Bearer ${sign(`${head}.${body}`)}`)).toBe("401 InvalidAuthenticationToken");
  });

  it("refuses a token of another simulated Azure", () => {
    const other = createIdentity({ clock, header: "another secret" });

    expect(refusal(identity, bearer(other, resourceManagerAudiences[0]))).toBe("401 InvalidAuthenticationToken");
  });

  it("takes a token of the same simulated Azure before it was restarted", () => {
    const restarted = createIdentity({ clock, header: "secret" });

    expect(refusal(restarted, bearer(identity, resourceManagerAudiences[0]))).toBe("taken");
  });

  it("refuses a token from the moment it expires", async () => {
    const token = bearer(identity, resourceManagerAudiences[0]);

    await clock.advance(24 * 60 * 60 * 1000 - 1000);
    const before = refusal(identity, token);
    await clock.advance(1000);

    expect([before, refusal(identity, token)]).toEqual(["taken", "401 ExpiredAuthenticationToken"]);
  });
});

function bearer(identity: Identity, resource: string): string {
  const url = new URL(`http://127.0.0.1/msi/token?api-version=2019-08-01&resource=${encodeURIComponent(resource)}`);
  const { body } = identity.answerTokenRequest({
    url,
    header: (name) => (name === "x-identity-header" ? "secret" : undefined),
  });
  const other = identity.answerTokenRequest({ url, header: () => "another secret" }).body;
  for (const answer of [body, other]) {
    if (typeof answer === "object" && answer !== null && "access_token" in answer)
      return `Bearer ${answer.access_token}`;
  }
  throw new Error("No token was handed out.");
}

function refusal(identity: Identity, authorization: string | undefined): string {
  try {
    identity.authenticate(authorization, resourceManagerAudiences);
    return "taken";
  } catch (error) {
    if (error instanceof ArmError) return `${error.status} ${error.code}`;
    throw error;
  }
}

function claimsOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}
