import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createPipelineRequest } from "@azure/core-rest-pipeline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRewritingHttpClient, NotLoopbackError } from "../../../shared/azure/rewriting-http-client.ts";

describe("the rewriting HTTP client", () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? ""}`.trim());
    response.end();
  });
  let base: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  it("sends any https host to the simulator, host first, and leaves the request as it was", async () => {
    const request = createPipelineRequest({
      url: "https://management.azure.com/subscriptions/s?api-version=1&x=%20",
    });
    request.headers.set("authorization", "Bearer production");

    const response = await createRewritingHttpClient(base).sendRequest(request);

    expect(response.status).toBe(200);
    expect(seen.pop()).toBe("GET /management.azure.com/subscriptions/s?api-version=1&x=%20 Bearer production");
    expect(request.url).toBe("https://management.azure.com/subscriptions/s?api-version=1&x=%20");
    expect(request.allowInsecureConnection).toBe(false);
  });

  it("puts the URL back when the call fails", async () => {
    const request = createPipelineRequest({ url: "https://graph.microsoft.com/v1.0/users" });

    await expect(createRewritingHttpClient("http://127.0.0.1:1").sendRequest(request)).rejects.toThrow("ECONNREFUSED");

    expect(request.url).toBe("https://graph.microsoft.com/v1.0/users");
  });

  it("takes a slash at the end of the simulator's address", async () => {
    await createRewritingHttpClient(`${base}/`).sendRequest(createPipelineRequest({ url: "https://a.example/b" }));

    expect(seen.pop()).toBe("GET /a.example/b");
  });

  it("leaves a loopback address alone, which is where the identity endpoint is", async () => {
    const request = createPipelineRequest({ url: `${base}/msi/token`, allowInsecureConnection: true });

    await createRewritingHttpClient("http://127.0.0.1:1").sendRequest(request);

    expect(seen.pop()).toBe("GET /msi/token");
    expect(request.allowInsecureConnection).toBe(true);
  });

  it("sends nothing to a plain http address elsewhere", async () => {
    const request = createPipelineRequest({ url: "http://169.254.169.254/metadata" });

    await expect(createRewritingHttpClient(base).sendRequest(request)).rejects.toThrow(NotLoopbackError);
  });

  it.each([
    "http://127.0.0.1:7080",
    "http://127.9.9.9",
    "http://localhost:7080",
    "http://[::1]:7080",
    "http://127.1:7080",
  ])("accepts the simulator at %s", (address) => {
    expect(() => createRewritingHttpClient(address)).not.toThrow();
  });

  it.each([
    "https://127.0.0.1:7080",
    "http://10.0.0.1:7080",
    "http://0.0.0.0:7080",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com",
    "http://127.0.0.1@example.com/",
    "http://simulator:7080",
    "127.0.0.1:7080",
    "",
  ])("refuses the simulator at %j", (address) => {
    expect(() => createRewritingHttpClient(address)).toThrow(NotLoopbackError);
  });
});
