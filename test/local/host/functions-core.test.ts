import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { loadFunctions } from "../../../local/host/functions-core.ts";
import { startTestHost, temporaryFolder } from "./support.ts";

describe("loading an app", () => {
  test("lists functions with their triggers and bindings without starting anything", async () => {
    const functions = await loadFunctions(() => import("./apps/triggers.ts"));

    const describeFunction = functions.find((fn) => fn.name === "describe");
    expect(describeFunction?.trigger).toMatchObject({
      type: "httpTrigger",
      route: "things/{name}/describe/{id?}",
      authLevel: "function",
    });
    expect(describeFunction?.bindings.$return).toMatchObject({ type: "http", direction: "out" });
    expect(functions.find((fn) => fn.name === "onEvent")?.trigger.type).toBe("eventGridTrigger");
    expect(functions.find((fn) => fn.name === "hello")?.trigger.type).toBe("orchestrationTrigger");
  });

  test("gives the same functions to a second host of the process, although the module runs only once", async () => {
    const first = await loadFunctions(() => import("./apps/triggers.ts"));
    const other = await loadFunctions(() => import("./apps/timers.ts"));
    const again = await loadFunctions(() => import("./apps/triggers.ts"));

    expect(again).toBe(first);
    expect(other.map((fn) => fn.name)).toEqual(["minutely", "atStart"]);
  });

  test("works for a bundle made as the product's is, with its own copy of the packages", async () => {
    const outdir = temporaryFolder();
    await build({
      entryPoints: { main: join(import.meta.dirname, "apps/triggers.ts") },
      outdir,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      format: "esm",
      platform: "node",
      external: ["@azure/functions-core"],
      banner: {
        js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
      },
    });
    const bundle = pathToFileURL(join(outdir, "main.mjs")).href;

    const host = await startTestHost(() => import(bundle));

    expect(host.functions.map((fn) => fn.name)).toContain("onEvent");
    const response = await host.post("/api/starts", { from: "the bundle" });
    expect(response.status).toBe(202);
  });

  test("several hosts run one app side by side, each with its own state", async () => {
    const hosts = await Promise.all([1, 2, 3].map(() => startTestHost(() => import("./apps/triggers.ts"))));

    const answers = await Promise.all(hosts.map((host, index) => host.run("hello", "same-id", index)));

    expect(answers.map(({ output }) => output)).toEqual([0, 1, 2]);
  });

  test("says why when nothing was registered or a trigger is not one it serves", async () => {
    const queue = () => import("./apps/queue.ts");

    await expect(startTestHost(queue)).rejects.toThrow('trigger "queueTrigger" of function "fromQueue"');
  });
});
