import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { describe, expect, test } from "vitest";
import { breaches, type SourceFile } from "./support/import-rules.ts";

const root = join(import.meta.dirname, "..");
const files: SourceFile[] = ["functions", "shared", "local", "scripts", "test", "bench"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => {
      const path = `${folder}/${name.split(sep).join("/")}`;
      return { path, text: readFileSync(join(root, path), "utf8") };
    }),
);

describe("imports run one way", () => {
  test("the whole tree keeps the rules", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(breaches(files)).toEqual([]);
  });

  // A checker that sees nothing also reports no breach: each rule is proved by a file that breaks it.
  test.each([
    ["functions/planted.ts", 'import { x } from "../local/stack.ts";', "nothing imports local/ and test/"],
    ["shared/alerts/planted.ts", 'import { x } from "../../test/support/x.ts";', "nothing imports local/ and test/"],
    [
      "shared/ledger/planted.ts",
      'import { x } from "../../functions/names.ts";',
      "shared/ knows nothing of functions/",
    ],
    [
      "shared/reconcile/planted.ts",
      'import * as df from "durable-functions";',
      "Functions packages belong to functions/",
    ],
    [
      "shared/response/planted.ts",
      'import type { TokenCredential } from "@azure/identity";',
      "Azure SDKs belong to shared/azure/",
    ],
    ["functions/planted.ts", 'const x = await import("@azure/arm-network");', "Azure SDKs belong to shared/azure/"],
    [
      "functions/planted.ts",
      'import { Client } from "@microsoft/microsoft-graph-client";',
      "Azure SDKs belong to shared/azure/",
    ],
    [
      "shared/azure/planted.ts",
      'import { TableClient } from "@azure/data-tables";',
      "loaded by the activity that needs them",
    ],
    [
      "shared/alerts/planted.ts",
      'import type { ListedApi } from "../azure/api-management.ts";',
      "alerts may not import azure",
    ],
    [
      "shared/playbooks/planted.ts",
      'import {\n  type ListedApi,\n} from "../azure/api-management.ts";',
      "playbooks may not import azure",
    ],
    ["shared/guardrails/planted.ts", 'export { x } from "../azure/fresh.ts";', "guardrails may not import azure"],
    [
      "shared/azure/planted.ts",
      'import { x } from "../reconcile/write-fragment.ts";',
      "azure may not import reconcile",
    ],
    [
      "shared/response/planted.ts",
      'import { assemble } from "../portcullis.ts";',
      "only functions/ put the product together",
    ],
    ["shared/mode.ts", 'import { x } from "./alerts/alert.ts";', "files in shared/ directly import no folder"],
    ["shared/azure/planted.ts", "const mode = process.env.PORTCULLIS_MODE;", "reads process.env"],
    [
      "functions/planted.ts",
      'import { decide } from "../shared/playbooks/decide.ts";\ndf.app.orchestration("x", y);',
      "types and durable-functions only",
    ],
    ["functions/planted.ts", 'const at = Date.now();\ndf.app.orchestration("x", y);', "no clock, randomness or I/O"],
  ])("a planted breach in %s is seen: %s", (path, text, complaint) => {
    expect(breaches([{ path, text }]).join("\n")).toContain(complaint);
  });
});
