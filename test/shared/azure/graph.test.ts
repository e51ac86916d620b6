import { createHttpHeaders, type PipelineRequest, type PipelineResponse } from "@azure/core-rest-pipeline";
import type { GetTokenOptions } from "@azure/identity";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AzureError } from "../../../shared/azure/azure-error.ts";
import { createGraph, ForeignLinkError } from "../../../shared/azure/graph.ts";
import { type GraphTenant, graphAlert, openGraphTenant } from "../../support/a-graph-tenant.ts";

let tenant: GraphTenant;

beforeAll(async () => {
  tenant = await openGraphTenant();
});
beforeEach(() => {
  tenant.azure.faults.clear();
  tenant.azure.calls.length = 0;
  delete tenant.state.permissions;
});
afterAll(() => tenant.close());

const users = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
    userPrincipalName: `user${index}@contoso.com`,
  }));

const failure = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof AzureError) return error;
  throw new Error(`expected an AzureError, got ${String(error)}`);
};

/** Graph as a script: each answer once; what was asked for is kept. */
function scripted(...answers: Partial<PipelineResponse>[]) {
  const sent: { url: string; headers: Record<string, string>; body: unknown; timeout: number }[] = [];
  const tokens: (GetTokenOptions | undefined)[] = [];
  const graph = createGraph(async () => ({
    credential: {
      async getToken(scopes, options) {
        tokens.push(options);
        return { token: `${String(scopes)} ${tokens.length}`, expiresOnTimestamp: Date.now() + 60_000 };
      },
    },
    httpClient: {
      async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
        const { url, headers, body, timeout } = request;
        sent.push({ url, headers: headers.toJSON(), body, timeout });
        const answer = answers[sent.length - 1];
        if (!answer) throw new Error("no more answers");
        return { request, status: 200, headers: createHttpHeaders(), ...answer };
      },
    },
  }));
  return { graph, sent, tokens };
}

describe("asking Microsoft Graph", () => {
  it("sends the production address, a token for Graph and the wish for all enum members", async () => {
    const { graph, sent } = scripted({ bodyAsText: "{}" });

    await graph.get("/security/alerts_v2/da1_2", { $filter: "title eq 'a&b=c#d'" });

    expect(sent[0]?.url).toBe(
      "https://graph.microsoft.com/v1.0/security/alerts_v2/da1_2?$filter=title%20eq%20%27a%26b%3Dc%23d%27",
    );
    expect(sent[0]?.headers).toMatchObject({
      authorization: "Bearer https://graph.microsoft.com/.default 1",
      prefer: "include-unknown-enum-members",
    });
    expect(sent[0]?.timeout).toBe(30_000);
  });

  it("gives what the tenant has", async () => {
    tenant.state.alerts = [graphAlert("da1", "2026-11-23T09:00:00Z", { serviceSource: "microsoftDefenderForCloud" })];

    expect(await tenant.graph.get("/security/alerts_v2/da1")).toMatchObject({
      id: "da1",
      serviceSource: "microsoftDefenderForCloud",
    });
  });

  it("knows when Graph answered by Graph's clock", async () => {
    expect((await tenant.graph.page("/security/alerts_v2")).servedAt).toEqual(new Date("2026-11-23T09:30:00.000Z"));
  });

  it("reads a collection to its last page", async () => {
    tenant.state.users = users(250);

    const found = await tenant.graph.list("/users", { $select: "id,userPrincipalName" });

    expect(found.map(({ id }) => id)).toEqual(tenant.state.users.map(({ id }) => id));
    expect(tenant.azure.calls.map(({ operationId }) => operationId)).toEqual(Array(3).fill("Graph_ListUsers"));
  });

  it("gives up on a collection without an end", async () => {
    const endless = {
      bodyAsText: JSON.stringify({
        value: [],
        "@odata.nextLink": "https://graph.microsoft.com/v1.0/users?$skiptoken=x",
      }),
    };
    const { graph } = scripted(...Array(60).fill(endless));

    await expect(graph.list("/users")).rejects.toThrow("gave up on /users");
  });

  it.each([
    "https://graph.microsoft.com.evil.example/v1.0/users",
    "https://graph.microsoft.com@evil.example/v1.0/users",
    "https://user@graph.microsoft.com/v1.0/users",
    "http://graph.microsoft.com/v1.0/users",
    "https://graph.microsoft.com:8443/v1.0/users",
    "https://graph.microsoft.com/beta/users",
    "https://graph.microsoft.com/v1.0/../beta/users",
    "/../beta/users",
    "javascript:alert(1)",
    "",
  ])("sends nothing, and asks for no token, for the link %j", async (link) => {
    const { graph, sent, tokens } = scripted({ bodyAsText: '{"value":[]}' });

    await expect(graph.page(link)).rejects.toThrow(ForeignLinkError);

    expect([...sent, ...tokens]).toEqual([]);
  });

  it("follows no redirect", async () => {
    const elsewhere = createHttpHeaders({ location: "https://evil.example/" });
    const { graph, sent } = scripted({ status: 302, headers: elsewhere });

    expect(await failure(graph.get("/users"))).toMatchObject({ status: 302, transient: false });
    expect(sent).toHaveLength(1);
  });

  it("answers a claims challenge once, with the claims", async () => {
    const claims = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}';
    const challenge = {
      status: 401,
      headers: createHttpHeaders({
        "www-authenticate": `Bearer realm="", error="insufficient_claims", claims="${Buffer.from(claims).toString("base64")}"`,
      }),
      bodyAsText: '{"error":{"code":"InvalidAuthenticationToken","message":"Continuous access evaluation"}}',
    };
    const { graph, sent, tokens } = scripted(challenge, challenge);

    expect(await failure(graph.post("/directoryObjects/getByIds", { ids: [] }))).toMatchObject({ status: 401 });
    expect(sent.map(({ headers, body }) => [headers.authorization, body])).toEqual([
      ["Bearer https://graph.microsoft.com/.default 1", '{"ids":[]}'],
      ["Bearer https://graph.microsoft.com/.default 2", '{"ids":[]}'],
    ]);
    expect(tokens[1]).toMatchObject({ claims, enableCae: true });
  });
});

describe("a refusal of Microsoft Graph", () => {
  it("is not tried again behind the caller's back, and says what to wait for", async () => {
    tenant.azure.faults.add({ kind: "status", operation: "Graph_ListAlerts", status: 429, retryAfterSeconds: 17 });

    const error = await failure(tenant.graph.page("/security/alerts_v2", {}, { attempt: "list the alerts" }));

    expect(error).toMatchObject({ status: 429, code: "TooManyRequests", transient: true, retryAfterMs: 17_000 });
    expect(error.message).toBe("could not list the alerts: 429 TooManyRequests Too many requests.");
    expect(error.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(tenant.azure.calls).toHaveLength(1);
  });

  it("to give what it does not have is an error, in Graph's words", async () => {
    const error = { code: "Request_ResourceNotFound", message: "It does not exist." };
    const { graph } = scripted({ status: 404, bodyAsText: JSON.stringify({ error }) });

    expect(await failure(graph.get("/users/1"))).toMatchObject({ status: 404, code: error.code });
  });

  it("for want of a permission is one that trying again does not mend", async () => {
    tenant.state.permissions = ["User.Read.All"];

    expect(await failure(tenant.graph.page("/security/alerts_v2"))).toMatchObject({ status: 403, transient: false });
  });

  it("as a page of a gateway is still an AzureError", async () => {
    const html = {
      status: 502,
      headers: createHttpHeaders({ "content-type": "text/html" }),
      bodyAsText: "<html>Bad</html>",
    };

    expect(await failure(scripted(html).graph.get("/users"))).toMatchObject({ status: 502, transient: true, code: "" });
  });

  it("that never came is one without a status", async () => {
    tenant.azure.faults.add({ kind: "drop", operation: "Graph_ListAlerts", moment: "before" });

    expect(await failure(tenant.graph.page("/security/alerts_v2"))).toMatchObject({ status: 0, transient: true });
  });

  it("to connect does not last: the next call connects again", async () => {
    let attempts = 0;
    const graph = createGraph(async () => {
      attempts += 1;
      if (attempts === 1) throw new Error("no identity endpoint yet");
      return tenant.connection();
    });

    expect((await failure(graph.page("/security/alerts_v2"))).message).toContain("no identity endpoint yet");
    expect((await graph.page("/security/alerts_v2")).value).toBeInstanceOf(Array);
  });

  it.each(["{}", '{"value":null}', '{"value":["text"]}', '{"value":[],"@odata.nextLink":7}', "[]", "", "{"])(
    "to give a collection is never read as an empty one: %j",
    async (bodyAsText) => {
      expect(await failure(scripted({ bodyAsText }).graph.page("/users"))).toMatchObject({ code: "UnexpectedAnswer" });
    },
  );
});
