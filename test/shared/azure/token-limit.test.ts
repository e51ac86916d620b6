import { createServer, type Server, type Socket } from "node:net";
import { createHttpHeaders, type HttpClient } from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createApiManagement } from "../../../shared/azure/api-management.ts";
import { type Connection, connect } from "../../../shared/azure/connection.ts";
import { createGraph } from "../../../shared/azure/graph.ts";
import { createServiceRequest } from "../../../shared/azure/service-request.ts";
import { limitTokens, tokenLimitMs } from "../../../shared/azure/token-limit.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

/** An identity whose first answer never comes. */
function anIdentityThatHangsOnce(): TokenCredential {
  let asked = 0;
  return {
    getToken() {
      asked += 1;
      if (asked === 1) return new Promise(() => {});
      return Promise.resolve({ token: "t", expiresOnTimestamp: Date.now() + 3_600_000 });
    },
  };
}

const httpClient: HttpClient = {
  sendRequest: async (request) => ({
    request,
    status: 200,
    headers: createHttpHeaders(),
    bodyAsText: '{"value":[],"properties":{"gatewayUrl":"https://contoso.azure-api.net"}}',
  }),
};

describe("an identity that does not answer", () => {
  it("is waited for no longer than half a minute, and says what it was asked for", async () => {
    vi.useFakeTimers();
    const token = limitTokens(anIdentityThatHangsOnce()).getToken(["https://contoso.com/.default"]);
    const refused = expect(token).rejects.toThrow(
      "could not get a token for https://contoso.com/.default: no answer NoTokenInTime the identity gave none within 30 seconds",
    );

    await vi.advanceTimersByTimeAsync(tokenLimitMs - 1);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    await refused;
  });

  it("leaves no timer behind once it has answered or refused", async () => {
    vi.useFakeTimers();
    const token = { token: "t", expiresOnTimestamp: 1 };

    expect(await limitTokens({ getToken: async () => token }).getToken("x")).toBe(token);
    const refusing = limitTokens({ getToken: async () => Promise.reject(new Error("no identity")) });
    await expect(refusing.getToken("x")).rejects.toThrow("no identity");

    expect(vi.getTimerCount()).toBe(0);
  });

  const service =
    "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.ApiManagement/service/contoso";
  const origin = "https://defender.contoso.com";
  const clients: [string, (connection: () => Promise<Connection>) => () => Promise<unknown>][] = [
    [
      "Resource Manager",
      (connection) => {
        const client = createApiManagement(connection);
        return () => client.gatewayHosts(service);
      },
    ],
    [
      "Microsoft Graph",
      (connection) => {
        const client = createGraph(connection);
        return () => client.page("/users");
      },
    ],
    [
      "a service of Defender",
      (connection) => {
        const ask = createServiceRequest(connection, { origin, scope: "aud/.default" });
        return () => ask({ attempt: "read a thing", method: "GET", path: "/api/things/1" });
      },
    ],
  ];
  it.each(clients)("fails the calls to %s that waited for it, and not the next one", async (_, open) => {
    const credential = anIdentityThatHangsOnce();
    const call = open(async () => ({ credential: limitTokens(credential, 20), httpClient }));

    // The second one shares the first one's wait, where the SDK has it so.
    const [first] = await Promise.allSettled([call(), call()]);

    expect(first).toMatchObject({
      status: "rejected",
      reason: { name: "AzureError", transient: true, message: expect.stringContaining("get a token for") },
    });
    await expect(call()).resolves.toBeDefined();
  });
});

describe("a managed identity whose endpoint takes connections and says nothing", () => {
  it("is given up, and asked anew by the next call", async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => sockets.push(socket));
    vi.stubEnv("IDENTITY_ENDPOINT", `http://127.0.0.1:${await listen(server)}/msi/token`);
    vi.stubEnv("IDENTITY_HEADER", "header");
    try {
      const { credential } = await connect({}, 100);

      for (let call = 1; call <= 2; call++) {
        await expect(credential.getToken("https://contoso.com/.default")).rejects.toThrow("get a token for");
        expect(sockets).toHaveLength(call);
      }
    } finally {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });
});

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
}
