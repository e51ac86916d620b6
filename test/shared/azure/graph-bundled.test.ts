import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createHttpHeaders } from "@azure/core-rest-pipeline";
import { build } from "esbuild";
import { expect, it } from "vitest";
import type { createGraph } from "../../../shared/azure/graph.ts";

it("Microsoft Graph is asked from the bundle as well, where a CommonJS package that is loaded lazily has no names", async () => {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-bundle-"));
  try {
    await build({
      entryPoints: { graph: join(import.meta.dirname, "../../../shared/azure/graph.ts") },
      outdir: folder,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
      logLevel: "silent",
    });
    const bundled: { createGraph: typeof createGraph } = await import(pathToFileURL(join(folder, "graph.mjs")).href);
    const graph = bundled.createGraph(async () => ({
      credential: { getToken: async () => ({ token: "token", expiresOnTimestamp: Date.now() + 60_000 }) },
      httpClient: {
        sendRequest: async (request) => ({
          request,
          status: 200,
          headers: createHttpHeaders(),
          bodyAsText: JSON.stringify({ asked: request.url, as: request.headers.get("authorization") }),
        }),
      },
    }));

    expect(await graph.get("/users")).toEqual({ asked: "https://graph.microsoft.com/v1.0/users", as: "Bearer token" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
