import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { loadFunctions } from "../../local/host/functions-core.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string): unknown => JSON.parse(readFileSync(join(root, path), "utf8"));

test("the built bundle registers the functions, triggers and bindings of the list", async () => {
  const functions = await loadFunctions(() => import(pathToFileURL(join(root, "dist/main.mjs")).href));

  const registered = Object.fromEntries(
    functions.map(({ name, trigger, bindings }) => {
      const { route, methods, authLevel, schedule } = trigger;
      const others = Object.values(bindings).filter((binding) => binding !== trigger && binding.name !== trigger.name);
      return [
        name,
        {
          trigger: trigger.type,
          route,
          methods,
          authLevel,
          schedule,
          bindings: others.length > 0 ? others.map(({ type }) => type).sort() : undefined,
        },
      ];
    }),
  );
  expect(JSON.parse(JSON.stringify(registered))).toEqual(read("test/functions/registered-functions.json"));
});

test("package.json and host.json lead the Functions host to the bundle", () => {
  expect(read("package.json")).toMatchObject({ type: "module", main: "dist/main.mjs" });
  expect(read("host.json")).toMatchObject({
    version: "2.0",
    extensionBundle: { id: "Microsoft.Azure.Functions.ExtensionBundle" },
  });
});
