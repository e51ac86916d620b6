import { afterEach, beforeEach, expect, it } from "vitest";
import { createGraph } from "../../../../shared/azure/graph.ts";
import { type OpenGraph, openGraph } from "./open-graph.ts";

const ada = "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0";

let graph: OpenGraph;

beforeEach(async () => {
  graph = await openGraph();
  graph.state.users = [{ id: ada }];
});
afterEach(() => graph.close());

const seconds = () => Math.floor(graph.clock.now().getTime() / 1000);

it("a token from before the moment that the tenant names is challenged, a later one passes", async () => {
  graph.state.requireClaims = { nbf: seconds() + 1 };

  const { status, headers, body } = await graph.ask(`GET /users/${ada}`);
  expect([status, body?.error?.code]).toEqual([401, "InvalidAuthenticationToken"]);
  expect(headers.get("www-authenticate")).toMatch(/error="insufficient_claims", claims="[\w+/=]+"$/);
  await graph.clock.advance(1000);
  expect(await graph.told(`GET /users/${ada}`)).toBe("200");
});

it("the challenge names the claim that the product's own client asks for in the next token", async () => {
  const { credential, httpClient } = await graph.connection();
  const asked: unknown[] = [];
  const cautious = createGraph(async () => ({
    ...(httpClient === undefined ? {} : { httpClient }),
    credential: {
      async getToken(scopes, options) {
        asked.push(options?.claims === undefined ? undefined : JSON.parse(options.claims));
        const token = await credential.getToken(scopes, options);
        // The first comes from a cache: whatever is asked for after a challenge is later.
        await graph.clock.advance(1000);
        return token;
      },
    },
  }));
  graph.state.requireClaims = { nbf: seconds() + 1 };

  expect(await cautious.get(`/users/${ada}`)).toMatchObject({ id: ada });

  const nbf = { essential: true, value: `${graph.state.requireClaims.nbf}` };
  expect(asked).toEqual([undefined, { access_token: { nbf } }]);
});
