import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { AzureRequest } from "../../../shared/azure/ask.ts";
import { createAsk, ServiceNotConfigured } from "../../../shared/azure/create-ask.ts";
import { openScriptedAzure, type ScriptedAzure } from "./a-scripted-azure.ts";

const subscription = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers";
const armScope = "https://management.azure.com/.default";

const ipGroup = `${subscription}/Microsoft.Network/ipGroups/blocked?api-version=2026-01-01`;
const fragment = `${subscription}/Microsoft.ApiManagement/service/contoso/policyFragments/f?api-version=2024-05-01`;

const places = [
  { service: "resource-manager", host: "management.azure.com", path: ipGroup, scope: armScope, agent: "arm-network" },
  {
    service: "resource-manager",
    host: "management.azure.com",
    path: fragment,
    scope: armScope,
    agent: "arm-apimanagement",
  },
  {
    service: "graph",
    host: "graph.microsoft.com",
    path: "/v1.0/users/1?$select=id,accountEnabled",
    scope: "https://graph.microsoft.com/.default",
  },
  {
    service: "applications",
    host: "graph.microsoft.com",
    path: "/v1.0/applications/1",
    scope: "second https://graph.microsoft.com/.default",
  },
  {
    service: "endpoint",
    host: "api.security.microsoft.com",
    path: "/api/machines/1/isolate?a=b%26c",
    scope: "https://api.securitycenter.microsoft.com/.default",
  },
  {
    service: "cloud-apps",
    host: "contoso.eu2.portal.cloudappsecurity.com",
    path: "/api/v1/alerts/1/",
    scope: "05a65629-4c1b-48c1-a78b-804c4abdd4af/.default",
  },
] as const;

let azure: ScriptedAzure;

beforeAll(async () => {
  azure = await openScriptedAzure();
});
afterEach(() => azure.forget());
afterAll(() => azure.close());

describe.each(places)("$service, at $path,", ({ service, host, path, scope, ...more }) => {
  const request = { service, attempt: "do it", path } as const;
  const read = { ...request, method: "GET" } as const;
  const write: AzureRequest = { ...request, method: "POST", body: { a: "1" } };

  it.each(["POST", "PUT", "PATCH"] as const)(
    "gets a %s with its body and headers, once, with its own token",
    async (method) => {
      azure.answerWith(200, '{"done":true}');

      const answered = await azure.ask({ ...request, method, headers: { "If-Match": '"7"' }, body: { Comment: "ü" } });

      expect(answered).toEqual({ status: 200, body: { done: true } });
      expect(azure.received).toMatchObject([
        {
          method,
          path: `/${host}${path}`,
          body: '{"Comment":"ü"}',
          headers: {
            authorization: `Bearer ${scope}`,
            "if-match": '"7"',
            accept: "application/json",
            "content-type": expect.stringMatching(/^application\/json/),
          },
        },
      ]);
      expect(azure.sent.map(({ timeout }) => timeout)).toEqual([30_000]);
      // What Microsoft's support looks a request up by.
      expect(Object.keys(azure.received[0]?.headers ?? {})).toContainEqual(expect.stringMatching(/client-request-id$/));
      if ("agent" in more) expect(azure.received[0]?.headers["user-agent"]).toContain(`azsdk-js-${more.agent}/`);
    },
  );

  it("gets a text as JSON as well", async () => {
    azure.answerWith(204);

    await azure.ask({ ...write, body: "text" });
    expect(azure.received.map(({ body }) => body)).toEqual(['"text"']);
  });

  it.each(["GET", "DELETE", "POST"] as const)("gets a %s without a body", async (method) => {
    azure.answerWith(200, "[]");

    expect(await azure.ask({ ...request, method })).toEqual({ status: 200, body: [] });
    expect(azure.received).toMatchObject([{ method, path: `/${host}${path}`, body: "" }]);
  });

  it.each([200, 201, 202, 204])("may answer %i without a body", async (status) => {
    azure.answerWith(status);

    expect(await azure.ask(write)).toEqual({ status, body: undefined });
  });

  it("tells the version and how long to wait", async () => {
    azure.answerWith(200, "{}", { etag: '"8"', "retry-after": "11" });

    expect(await azure.ask(read)).toEqual({ status: 200, etag: '"8"', retryAfterMs: 11_000, body: {} });
  });

  it.each(["text/html", "application/json"])(
    "that answers in %s what is no JSON may have done it, and is not quoted",
    async (type) => {
      azure.answerWith(200, "<html>hunter2</html>", { "content-type": type });

      const error: unknown = await azure.ask(write).catch((thrown: unknown) => thrown);

      expect(error).toMatchObject({ name: "AzureError", code: "UnexpectedAnswer", transient: false, ambiguous: true });
      expect(inspect(error, { depth: 10 })).not.toContain("hunter2");
    },
  );

  it("answers 404 to a GET as a status, and throws it for everything else", async () => {
    azure.answerWith(404, '{"error":{"code":"ResourceNotFound","message":"None."}}');

    expect(await azure.ask(read)).toEqual({ status: 404, body: undefined });
    await expect(azure.ask(write)).rejects.toMatchObject({ attempted: "do it", status: 404, code: "ResourceNotFound" });
  });

  it.each([
    [429, { "retry-after": "17" }, 17_000],
    [429, {}, undefined],
    [503, {}, undefined],
  ])("is asked once when it refuses with %i %j", async (status, headers, retryAfterMs) => {
    azure.answerWith(status, '{"error":{"code":"Busy","message":"Later."}}', headers);

    await expect(azure.ask(write)).rejects.toMatchObject({ status, code: "Busy", transient: true, retryAfterMs });
    expect(azure.received).toHaveLength(1);
  });

  it.each([301, 302, 303, 307, 308])("is not followed where it points to with %i", async (status) => {
    azure.answerWith(status, "", { location: "/elsewhere" });

    await expect(azure.ask(read)).rejects.toMatchObject({ status, transient: false });
    await expect(azure.ask(write)).rejects.toMatchObject({ status, transient: false });
    expect(azure.received).toHaveLength(2);
  });

  it("that falls silent may have done it", async () => {
    azure.fallSilent();

    await expect(azure.ask(write)).rejects.toMatchObject({
      status: 0,
      code: "ECONNRESET",
      transient: true,
      ambiguous: true,
    });
    expect(azure.received).toHaveLength(1);
  });

  it("that cannot be reached has not done it", async () => {
    await expect(azure.nowhere(write)).rejects.toMatchObject({
      status: 0,
      code: "ECONNREFUSED",
      transient: true,
      ambiguous: false,
    });
  });

  it("leaves nothing of what was sent in its errors", async () => {
    const secret = { ...write, body: { passwordProfile: { password: "hunter2" } } };
    azure.answerWith(400, '{"error":{"code":"BadRequest","message":"No."},"echo":"hunter2"}');
    const refused: unknown = await azure.ask(secret).catch((thrown: unknown) => thrown);
    azure.fallSilent();
    const silent: unknown = await azure.ask(secret).catch((thrown: unknown) => thrown);

    for (const error of [refused, silent]) {
      expect(error).toMatchObject({ name: "AzureError" });
      expect(`${inspect(error, { depth: 10 })} ${JSON.stringify(error)}`).not.toMatch(/hunter2|Bearer/);
    }
  });

  it("gets nothing that is meant for somebody else", async () => {
    for (const elsewhere of ["https://evil.example/v1.0/x", "//evil.example/v1.0/x", "/v1.0/users/../x"]) {
      await expect(azure.ask({ ...read, path: elsewhere })).rejects.toThrow(TypeError);
    }
    expect(azure.sent).toEqual([]);
  });
});

it.each(["graph", "endpoint"] as const)("%s may ask for a token with claims, once", async (service) => {
  const claims = Buffer.from('{"access_token":{}}').toString("base64");
  azure.answerWith(401, "", { "www-authenticate": `Bearer error="insufficient_claims", claims="${claims}"` });

  await expect(
    azure.ask({ service, attempt: "do it", method: "POST", path: "/v1.0/x", body: 1 }),
  ).rejects.toMatchObject({
    status: 401,
  });
  expect(azure.received.map(({ body }) => body)).toEqual(["1", "1"]);
});

describe("what cannot be sent", () => {
  it("is a request to a service that is not set up", async () => {
    const bare = createAsk(async () => Promise.reject(new Error("nobody connects")), {});

    for (const [service, setting] of [
      ["applications", "PORTCULLIS_APPLICATIONS_CLIENT_ID"],
      ["cloud-apps", "PORTCULLIS_CLOUD_APPS_URL"],
    ] as const) {
      const asked = bare({ service, attempt: "do it", method: "GET", path: "/v1.0/x" });
      await expect(asked).rejects.toThrow(ServiceNotConfigured);
      await expect(asked).rejects.toThrow(`could not do it: ${setting} is not set`);
    }
  });

  it("is a request of nobody: the next one connects again", async () => {
    let attempts = 0;
    const bare = createAsk(async () => {
      attempts += 1;
      throw new Error("no identity yet");
    }, {});

    for (const { service, path } of places) {
      if (service === "applications" || service === "cloud-apps") continue;
      const request = { service, attempt: "do it", method: "GET", path } as const;
      await expect(bare(request)).rejects.toMatchObject({ code: "NoConnection", transient: true, ambiguous: false });
      await expect(bare(request)).rejects.toThrow("no identity yet");
    }
    expect(attempts).toBe(8);
  });

  it.each([
    ["resource-manager", "/providers/Microsoft.Network/operations", "GET", "no subscription"],
    ["graph", "/users", "GET", "no version"],
    ["endpoint", "/api/indicators/1", "DELETE", "no body"],
  ] as const)("is %s %s %s: %s", async (service, path, method, message) => {
    await expect(
      azure.ask({ service, attempt: "do it", method, path, ...(method === "DELETE" ? { body: {} } : {}) }),
    ).rejects.toThrow(message);
    expect(azure.received).toEqual([]);
  });
});
