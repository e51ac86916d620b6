import { defineConfig } from "vitest/config";
import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with one line that says how it went, for readers that know no Vitest. */
const closingLine: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const states = modules.flatMap((module) => Array.from(module.children.allTests(), (test) => test.result().state));
    const count = (state: string) => states.filter((one) => one === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length;
    console.log(`${count("passed")} passed, ${count("failed") + broken} failed, ${count("skipped")} skipped`);
  },
};

/** They replace a module or set what a process has only one of, so each gets a process of its own. */
const alone = [
  "test/e2e/**/*.test.ts",
  "test/local/azure/identity.test.ts",
  "test/shared/azure/endpoint.test.ts",
  "test/shared/azure/token-limit.test.ts",
  "test/shared/reconcile/include-fragment-proof.test.ts",
  "test/shared/webhook/constant-time.test.ts",
];
const elsewhere = ["test/chaos/**", "test/browser/**"];

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "alone", include: alone, exclude: elsewhere } },
      {
        extends: true,
        // Loading every module anew for every file would take longer than the tests themselves.
        test: { name: "together", include: ["test/**/*.test.ts"], exclude: [...elsewhere, ...alone], isolate: false },
      },
    ],
    globalSetup: ["test/support/azurite.ts"],
    reporters: ["default", closingLine],
    // Much of what the tests wait for are other processes, so a core need not be kept free.
    maxWorkers: "100%",
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
