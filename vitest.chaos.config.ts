import { defineConfig } from "vitest/config";

/** `npm run chaos`: what takes minutes and is the same claim as in test/e2e, made at every point instead of a few. */
export default defineConfig({
  test: {
    include: ["test/chaos/**/*.test.ts"],
    globalSetup: ["test/support/azurite.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
