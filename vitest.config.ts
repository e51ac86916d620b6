import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/chaos/**", "test/browser/**"],
    globalSetup: ["test/support/azurite.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
