import { createHmac, createPublicKey, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { authenticate } from "../../../shared/webhook/authenticate.ts";
import type { Door } from "../../../shared/webhook/door.ts";
import {
  application,
  aTenant,
  audience,
  everything,
  key,
  kid,
  logicApp,
  published,
  shown,
  stranger,
  type Tenant,
  tenant,
  tenantKey,
} from "./a-tenant.ts";

const { PORTCULLIS_WEBHOOK_KEY: _, ...tokensOnly } = everything;
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("by key", () => {
  const door = aTenant().door();

  test.each([
    ["the header", shown({ "x-portcullis-key": key })],
    ["the query", shown({}, { key })],
    ["both", shown({ "x-portcullis-key": key }, { key })],
  ])("lets in whoever shows the key in %s", async (_, call) => {
    expect(await authenticate(call, door)).toEqual({ caller: "key" });
  });

  test.each([
    ["a wrong one", shown({ "x-portcullis-key": `${key.slice(0, -1)}X` })],
    ["its beginning", shown({ "x-portcullis-key": key.slice(0, -1) })],
    ["more than it", shown({ "x-portcullis-key": `${key}0` })],
    ["an empty one", shown({ "x-portcullis-key": "" })],
    ["a good header beside a bad query", shown({ "x-portcullis-key": key }, { key: "bad" })],
    ["a good query beside a bad header", shown({ "x-portcullis-key": "bad" }, { key })],
  ])("refuses %s", async (_, call) => {
    expect(await status(call, door)).toBe(401);
  });

  test("takes no key where only tokens are taken", async () => {
    expect(await refusalOf(shown({ "x-portcullis-key": key }), aTenant().door(tokensOnly))).toMatchObject({
      status: 401,
      body: { detail: "No key is taken here: PORTCULLIS_WEBHOOK_KEY is not set." },
    });
  });
});

describe("by token", () => {
  const here = aTenant();
  const v2 = `https://login.microsoftonline.com/${tenant}/v2.0`;

  test.each([
    ["the calling identity's object id", {}, logicApp],
    ["the calling application in a v1 token", { oid: undefined, appid: application }, application],
    [
      "the calling application in a v2 token",
      { iss: v2, ver: "2.0", oid: "x", appid: undefined, azp: application },
      application,
    ],
    ["an audience with a slash at its end", { aud: `${audience}/` }, logicApp],
    ["an id in capitals", { oid: logicApp.toUpperCase() }, logicApp],
  ])("lets in a listed caller: %s", async (_, claims, caller) => {
    expect(await authenticate(bearer(await here.token(claims)), here.door())).toEqual({ caller });
  });

  test("takes the audience with a slash in the setting as well", async () => {
    const door = here.door({ ...everything, PORTCULLIS_WEBHOOK_AUDIENCE: `${audience}/` });

    expect(await authenticate(bearer(await here.token()), door)).toEqual({ caller: logicApp });
  });

  test.each([
    ["another audience", { aud: "https://management.azure.com" }],
    ["an audience that only begins like ours", { aud: `${audience}-2` }],
    ["another tenant", { iss: "https://sts.windows.net/44444444-4444-4444-8444-444444444444/" }],
    [
      "another tenant's v2 endpoint",
      { iss: "https://login.microsoftonline.com/44444444-4444-4444-8444-444444444444/v2.0" },
    ],
    ["no issuer", { iss: undefined }],
    ["no audience", { aud: undefined }],
    ["no end", { exp: undefined }],
    ["no beginning", { nbf: undefined }],
    ["an end that is no number", { exp: "9999999999" }],
  ])("refuses a token with %s", async (_, claims) => {
    // What jose will not put into a token is put in by hand.
    const token = await here.token(claims as never);

    expect(await status(bearer(token), here.door())).toBe(401);
  });

  test("refuses a token before it is valid and after it has expired, with a minute for clocks that differ", async () => {
    const { clock, token, door } = aTenant();
    const start = clock.now().getTime() / 1000;
    const short = await token({ nbf: start + 120, exp: start + 240 });
    const seen: number[] = [];
    for (const wait of [59, 2, 238, 3]) {
      await clock.advance(wait * 1000);
      seen.push(await status(bearer(short), door()));
    }

    expect(seen).toEqual([401, 0, 0, 401]);
  });

  test("refuses a good token of a caller who is not listed, with 403", async () => {
    const refused = await refusalOf(
      bearer(await here.token({ oid: "55555555-5555-4555-8555-555555555555" })),
      here.door(),
    );

    expect(refused?.status).toBe(403);
  });

  test("does not take an application's name in the token of a user for the application", async () => {
    const token = await here.token({
      oid: "55555555-5555-4555-8555-555555555555",
      appid: application,
      scp: "user_impersonation",
    });

    expect(await status(bearer(token), here.door())).toBe(403);
  });

  test.each<[string, (tenant: Tenant) => Promise<string>]>([
    ["a key that the tenant does not know", ({ token }) => token({}, { kid: "key-2", signWith: stranger })],
    ["another key under the tenant's key id", ({ token }) => token({}, { signWith: stranger })],
    [
      "no algorithm",
      async ({ token }) => `${encode({ alg: "none", typ: "JWT", kid })}.${(await token()).split(".")[1]}.`,
    ],
    [
      "no algorithm, but a signature",
      async ({ token }) => resign(await token(), { alg: "none", kid }, (await token()).split(".")[2]),
    ],
    ["HS256 and the public key as its secret (PEM)", async ({ token }) => hs256(await token(), pem())],
    [
      "HS256 and the public key as its secret (modulus)",
      async ({ token }) => hs256(await token(), String(published.n)),
    ],
    ["RS384, by the tenant's own key", async ({ token }) => rs384(await token())],
    [
      "a key of its own in its head",
      async ({ token }) => resign(await token({}, { signWith: stranger }), { alg: "RS256", jwk: published }, "AAAA"),
    ],
    ["claims that were changed", async ({ token }) => tampered(await token())],
    [
      "an extension that must be understood",
      async ({ token }) => resign(await token(), { alg: "RS256", kid, crit: ["x"], x: 1 }, "AAAA"),
    ],
  ])("refuses a token with %s", async (_, forge) => {
    expect(await refusalOf(bearer(await forge(here)), here.door())).toMatchObject({
      status: 401,
      headers: { "www-authenticate": "Bearer" },
    });
  });

  test.each([
    ["Basic dXNlcjpwYXNz"],
    ["Bearer"],
    ["Bearer not-a-token"],
    ["Bearer a.b.c"],
    ["Bearer ..."],
    ["Bearer a.b.c.d.e"],
    [""],
    ["Bearer \u0000.\u0000.\u0000"],
  ])("refuses the header %j", async (authorization) => {
    expect(await status(shown({ authorization }), here.door())).toBe(401);
  });

  test("refuses two tokens in one header, the good one first", async () => {
    const token = await here.token();

    expect(await status(shown({ authorization: `Bearer ${token}, Bearer ${token}` }), here.door())).toBe(401);
  });

  test("refuses a bad token although a good key stands beside it, and a bad key beside a good token", async () => {
    const bad = await here.token({ aud: "other" });
    const good = await here.token();

    expect(await status(shown({ authorization: `Bearer ${bad}`, "x-portcullis-key": key }), here.door())).toBe(401);
    expect(await status(shown({ authorization: `Bearer ${good}` }, { key: "bad" }), here.door())).toBe(401);
    expect(await status(shown({ authorization: `Bearer ${good}`, "x-portcullis-key": key }), here.door())).toBe(0);
  });

  test("refuses a token where only the key is taken, also beside the key", async () => {
    const door = here.door({ PORTCULLIS_WEBHOOK_KEY: key });

    expect(await status(shown({ authorization: `Bearer ${await here.token()}`, "x-portcullis-key": key }), door)).toBe(
      401,
    );
  });

  test("says that it cannot tell when the tenant's keys cannot be had", async () => {
    const door = { ...here.door(), keys: () => Promise.reject(new TypeError("fetch failed")) };

    await expect(authenticate(bearer(await here.token()), door)).rejects.toThrow("could not check the caller's token");
  });
});

describe("a webhook that is not set up", () => {
  test("lets nobody in, and says what is missing", async () => {
    const door = aTenant().door({});

    for (const call of [shown({}), shown({ "x-portcullis-key": "" }), shown({ authorization: "Bearer a.b.c" })]) {
      expect(await refusalOf(call, door)).toMatchObject({
        status: 403,
        body: {
          detail:
            "Nobody can be let in. Set PORTCULLIS_WEBHOOK_KEY, or for tokens of Entra PORTCULLIS_WEBHOOK_TENANT, PORTCULLIS_WEBHOOK_AUDIENCE, PORTCULLIS_WEBHOOK_CALLERS.",
        },
      });
    }
  });

  test("is closed while only a part of the settings for tokens is there", async () => {
    const here = aTenant();
    const parts = [
      { PORTCULLIS_WEBHOOK_TENANT: tenant, PORTCULLIS_WEBHOOK_AUDIENCE: audience },
      { PORTCULLIS_WEBHOOK_TENANT: tenant, PORTCULLIS_WEBHOOK_CALLERS: [logicApp] },
      { PORTCULLIS_WEBHOOK_AUDIENCE: audience, PORTCULLIS_WEBHOOK_CALLERS: [logicApp] },
    ];

    for (const part of parts) expect(await status(bearer(await here.token()), here.door(part))).toBe(403);
  });

  test("asks for a credential when none is shown, and gives none of the settings' values away", async () => {
    const refused = await refusalOf(shown({}), aTenant().door());

    expect(refused).toMatchObject({ status: 401, headers: { "www-authenticate": "Bearer" } });
    expect(JSON.stringify(refused)).not.toMatch(new RegExp([key, tenant, audience, logicApp].join("|")));
  });
});

function bearer(token: string) {
  return shown({ authorization: `Bearer ${token}` });
}

async function refusalOf(call: ReturnType<typeof shown>, door: Door) {
  const verdict = await authenticate(call, door);
  return "refusal" in verdict ? verdict.refusal : undefined;
}

/** 0 for whoever is let in. */
async function status(call: ReturnType<typeof shown>, door: Door): Promise<number> {
  return (await refusalOf(call, door))?.status ?? 0;
}

function pem(): string {
  return createPublicKey({ key: { ...published }, format: "jwk" })
    .export({ type: "spki", format: "pem" })
    .toString();
}

function rs384(token: string): string {
  const text = `${encode({ alg: "RS384", typ: "JWT", kid })}.${token.split(".")[1]}`;
  return `${text}.${sign("sha384", Buffer.from(text), tenantKey).toString("base64url")}`;
}

function hs256(token: string, secret: string): string {
  const text = `${encode({ alg: "HS256", typ: "JWT", kid })}.${token.split(".")[1]}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

function resign(token: string, head: object, signature: string | undefined): string {
  return `${encode(head)}.${token.split(".")[1]}.${signature}`;
}

function tampered(token: string): string {
  const [head, body = "", signature] = token.split(".");
  const claims = { ...JSON.parse(Buffer.from(body, "base64url").toString()), oid: logicApp, exp: 9_999_999_999 };
  return [head, encode(claims), signature].join(".");
}
