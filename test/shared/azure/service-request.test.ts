import { createHttpHeaders, type HttpClient, type PipelineRequest, RestError } from "@azure/core-rest-pipeline";
import { describe, expect, it } from "vitest";
import { createServiceRequest } from "../../../shared/azure/service-request.ts";

interface Answer {
  status: number;
  body?: string;
  headers?: Record<string, string>;
}

const origin = "https://defender.contoso.com";

/** A service that gives these answers one after the other, and what it was asked. */
function aService(...answers: (Answer | Error)[]) {
  const asked: PipelineRequest[] = [];
  const scopes: unknown[] = [];
  const httpClient: HttpClient = {
    async sendRequest(request) {
      asked.push(request);
      const answer = answers.shift();
      if (!answer) throw new Error("the service was asked once more than it has answers");
      if (answer instanceof Error) throw answer;
      const { status, body = "", headers = {} } = answer;
      return { request, status, bodyAsText: body, headers: createHttpHeaders(headers) };
    },
  };
  const credential = {
    async getToken(scope: string | string[]) {
      scopes.push(scope);
      return { token: "t", expiresOnTimestamp: Date.now() + 3_600_000 };
    },
  };
  const ask = createServiceRequest(async () => ({ credential, httpClient }), { origin, scope: "aud/.default" });
  return { ask, asked, scopes };
}

const read = { attempt: "read a thing", method: "GET", path: "/api/things/1" } as const;
const search = { attempt: "search", method: "POST", path: "/api/things/", body: { filters: {} } } as const;

describe("a request to a service of Defender", () => {
  it("carries a token for the service's audience, an end in time and an id of its own", async () => {
    const { ask, asked, scopes } = aService({ status: 200, body: '{"a":1}' }, { status: 200, body: "[]" });

    expect(await ask(read)).toEqual({ status: 200, body: { a: 1 } });
    expect(await ask(search)).toEqual({ status: 200, body: [] });

    expect(scopes).toEqual([["aud/.default"]]);
    expect(asked.map(({ method, url, body, timeout }) => ({ method, url, body, timeout }))).toEqual([
      { method: "GET", url: `${origin}/api/things/1`, body: undefined, timeout: 30_000 },
      { method: "POST", url: `${origin}/api/things/`, body: '{"filters":{}}', timeout: 30_000 },
    ]);
    expect(asked.map(({ headers }) => headers.get("authorization"))).toEqual(["Bearer t", "Bearer t"]);
    expect(new Set(asked.map(({ headers }) => headers.get("x-ms-client-request-id"))).size).toBe(2);
  });

  it.each(["https://elsewhere.contoso.com/next", "//elsewhere.contoso.com/next", `http://defender.contoso.com/next`])(
    "is not sent to %s, whoever pointed there",
    async (path) => {
      const { ask, asked } = aService();

      await expect(ask({ ...read, path })).rejects.toThrow("is not https://defender.contoso.com");
      expect(asked).toEqual([]);
    },
  );

  it("follows the service's own link to a next page", async () => {
    const { ask, asked } = aService({ status: 200, body: "{}" });

    await ask({ ...read, path: `${origin}/api/things?$skip=1` });

    expect(asked[0]?.url).toBe(`${origin}/api/things?$skip=1`);
  });

  it.each(["https://elsewhere.contoso.com/", `${origin}/elsewhere`])("follows no redirect to %s", async (location) => {
    const { ask, asked } = aService({ status: 302, headers: { location } });

    await expect(ask(read)).rejects.toMatchObject({ name: "AzureError", status: 302 });
    expect(asked).toHaveLength(1);
  });

  it("answers 404 for what is absent, and throws it for a search that has no place to go", async () => {
    const { ask } = aService({ status: 404 }, { status: 404 });

    expect(await ask(read)).toEqual({ status: 404, body: undefined });
    await expect(ask(search)).rejects.toMatchObject({ status: 404 });
  });

  it.each([
    [{ "retry-after": "17" }, 17_000],
    [{ "retry-after": "Mon, 23 Nov 2026 09:30:40 GMT", date: "Mon, 23 Nov 2026 09:30:00 GMT" }, 40_000],
    [{ "retry-after": "Mon, 23 Nov 2026 09:29:00 GMT", date: "Mon, 23 Nov 2026 09:30:00 GMT" }, 0],
    [{ "retry-after": "soon" }, undefined],
    [{}, undefined],
  ])("passes on how long to wait: %j", async (headers, retryAfterMs) => {
    const { ask, asked } = aService({ status: 429, headers, body: '{"error":{"code":"429","message":"too many"}}' });

    await expect(ask(read)).rejects.toMatchObject({ status: 429, code: "429", transient: true, retryAfterMs });
    expect(asked).toHaveLength(1);
  });

  it("keeps a refusal in one line, with the id of the request", async () => {
    const target = "43f4cb08-8fac-4b65-9db1-745c2ae65f3a";
    const error = { code: "BadRequest", message: "no\nsuch\u2028thing\u001b[31m", target };
    const { ask } = aService({ status: 400, body: JSON.stringify({ error }) });

    await expect(ask(read)).rejects.toMatchObject({
      message: "could not read a thing: 400 BadRequest no such thing [31m",
      requestId: target,
    });
  });

  it("that is refused in no known form says no more than that: who knows what stands in it", async () => {
    const { ask } = aService(
      { status: 403, body: '{"detail":"You may not."}', headers: { "x-ms-request-id": "r-1" } },
      { status: 502, body: "<html>", headers: { "request-id": "not an id\n" } },
    );

    await expect(ask(read)).rejects.toMatchObject({
      message: "could not read a thing: 403 You may not.",
      requestId: "r-1",
    });
    await expect(ask(read)).rejects.toMatchObject({
      message: "could not read a thing: 502 an answer in no known form",
      requestId: undefined,
    });
  });

  it("that gets no answer, or no JSON, is an error", async () => {
    const silent = new RestError("socket\nhang up", { code: "ECONNRESET" });
    const { ask } = aService(silent, { status: 200, body: "<html>" });

    await expect(ask(read)).rejects.toMatchObject({ status: 0, code: "ECONNRESET", transient: true });
    await expect(ask(read)).rejects.toMatchObject({ status: 200, code: "UnexpectedAnswer", transient: false });
  });

  it("opens the connection once, and again after it could not be opened", async () => {
    const { ask: _, ...service } = aService();
    let opened = 0;
    const ask = createServiceRequest(
      async () => {
        opened += 1;
        if (opened === 1) throw new Error("no identity yet");
        const httpClient: HttpClient = {
          sendRequest: async (request) => ({ request, status: 200, bodyAsText: "1", headers: createHttpHeaders() }),
        };
        return {
          credential: { getToken: async () => ({ token: "t", expiresOnTimestamp: Date.now() + 1e7 }) },
          httpClient,
        };
      },
      { origin, scope: "aud" },
    );

    await expect(ask(read)).rejects.toThrow("no identity yet");
    await ask(read);
    await ask(read);

    expect(opened).toBe(2);
    expect(service.asked).toEqual([]);
  });
});
