import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with one line that says how it went in plain words, for readers that know no Vitest. */
const closingLine: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const count = (state: string) => states.filter((one) => one === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length;
    console.log(`${count("passed")} passed, ${count("failed") + broken} failed, ${count("skipped")} skipped`);
  },
};

// biome-ignore lint/style/noDefaultExport: Vitest loads a reporter by its default export.
export default closingLine;
