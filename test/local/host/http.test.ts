import { request } from "node:http";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { startHost } from "../../../local/host/host.ts";
import { createHttpRoutes } from "../../../local/host/http-routes.ts";
import { PortTaken } from "../../../local/host/http-server.ts";
import { startTestHost, temporaryFolder } from "./support.ts";

const loadApp = () => import("./apps/triggers.ts");

/** Sends a request line as it is, which fetch would not. */
function statusOfRequestTarget(url: string, target: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname, () => {
      socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    });
    socket.once("data", (data) => resolve(data.toString().split(" ")[1] ?? ""));
    socket.once("error", reject);
  });
}

function withHostHeader(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

describe("HTTP triggers", () => {
  test("pass parameters, query, headers and body to the handler, and its answer back", async () => {
    const host = await startTestHost(loadApp);

    const response = await fetch(`${host.url}/api/Things/a%20b/describe/7?x=1&x=2&y=`, {
      method: "POST",
      headers: { "x-question": "why" },
      body: "the body",
    });

    expect(response.status).toBe(201);
    expect(response.headers.get("x-answer")).toBe("yes");
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(await response.json()).toEqual({
      method: "POST",
      params: { name: "a b", id: "7" },
      query: { x: "1,2", y: "" },
      header: "why",
      body: "the body",
    });
  });

  test("find the most precise route, optional parameters, catch-alls and the function's own name", async () => {
    const host = await startTestHost(loadApp);
    const get = async (path: string) => (await fetch(`${host.url}/api/${path}`)).text();

    expect(await get("things/special/describe")).toBe("literal");
    expect(await get("things/other/describe/")).toContain('"params":{"name":"other"}');
    expect(await get("files/a/b.txt")).toBe("a/b.txt");
    expect(await get("files")).toBe("none");
    expect(await get("named")).toBe("by its name");
  });

  test("answer 404 to an unknown path and to a method no function takes, as Azure does", async () => {
    const host = await startTestHost(loadApp);

    expect((await fetch(`${host.url}/api/absent`)).status).toBe(404);
    expect((await fetch(`${host.url}/named`)).status).toBe(404);
    expect((await fetch(`${host.url}/api/readonly`, { method: "DELETE" })).status).toBe(404);
  });

  test("answer what the handler gives: a response object, bytes, nothing, or a failure", async () => {
    const host = await startTestHost(loadApp);
    const bytes = await fetch(`${host.url}/api/bytes`, { method: "POST", body: new Uint8Array([1, 0, 255]) });
    const thrown = await fetch(`${host.url}/api/throws`);

    expect((await fetch(`${host.url}/api/readonly`)).status).toBe(418);
    expect(new Uint8Array(await bytes.arrayBuffer())).toEqual(new Uint8Array([255, 0, 1]));
    expect((await fetch(`${host.url}/api/empty`)).status).toBe(204);
    expect([thrown.status, await thrown.text()]).toEqual([500, ""]);
    expect(host.log.some(({ level, message }) => level === "error" && message.includes("thrown by the handler"))).toBe(
      true,
    );
  });

  test("refuse what is not addressed to loopback, a malformed parameter and a body above 100 MB", async () => {
    const host = await startTestHost(loadApp);
    const port = new URL(host.url).port;

    expect(await withHostHeader(`${host.url}/api/named`, "attacker.example")).toBe(403);
    expect(await withHostHeader(`${host.url}/api/named`, "127.0.0.1.attacker.example")).toBe(403);
    expect(await withHostHeader(`${host.url}/api/named`, `localhost:${port}`)).toBe(200);
    expect(await withHostHeader(`${host.url}/api/named`, `[::1]:${port}`)).toBe(200);
    expect((await fetch(`${host.url}/api/things/%E0%A4%A/describe`)).status).toBe(400);
    expect(await statusOfRequestTarget(host.url, "http://attacker.example/api/named")).toBe("400");
    expect(await statusOfRequestTarget(host.url, "//attacker.example/api/named")).toBe("400");
    expect(await statusOfRequestTarget(host.url, "/api/named")).toBe("200");
    const large = await fetch(`${host.url}/api/bytes`, {
      method: "POST",
      body: new Uint8Array(101 * 1024 * 1024),
    }).catch(() => undefined);
    expect(large === undefined || large.status === 413).toBe(true);
  });

  test("refuse a route constraint by its name", async () => {
    const [fn] = (await startTestHost(loadApp)).functions;
    if (!fn) throw new Error("the app has no function");
    const constrained = { ...fn, trigger: { ...fn.trigger, route: "runs/{n:int}" } };

    expect(() => createHttpRoutes([constrained], "api")).toThrow('"{n:int}"');
  });

  test("two functions on one route are a mistake that is told", async () => {
    const [fn] = (await startTestHost(loadApp)).functions;
    if (!fn) throw new Error("the app has no function");
    const routes = ["a/{x}", "A/{y}"].map((route) => ({ ...fn, name: route, trigger: { ...fn.trigger, route } }));

    expect(() => createHttpRoutes(routes, "api")).toThrow('Functions "a/{x}" and "A/{y}" have the same route');
  });

  test("a taken port is said with its number", async () => {
    const host = await startTestHost(loadApp);
    const port = Number(new URL(host.url).port);
    const second = startHost({ stateFile: `${temporaryFolder()}/state.db`, port, loadApp });

    await expect(second).rejects.toThrow(PortTaken);
    await expect(second).rejects.toMatchObject({ port, message: expect.stringContaining(String(port)) });
  });

  test("two hosts do not share a state file", async () => {
    const stateFile = `${temporaryFolder()}/state.db`;
    await startTestHost(loadApp, { stateFile });

    await expect(startTestHost(loadApp, { stateFile })).rejects.toThrow("Another host uses the state file");
  });
});
