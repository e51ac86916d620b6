import { rmSync } from "node:fs";
import { build } from "esbuild";

const createRequireBanner =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

rmSync("dist", { recursive: true, force: true });
await build({
  entryPoints: { main: "functions/index.ts" },
  outdir: "dist",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22",
  minify: true,
  keepNames: true,
  sourcemap: true,
  legalComments: "none",
  // The Functions worker answers to this name itself; a bundled copy would register nothing.
  external: ["@azure/functions-core"],
  banner: { js: createRequireBanner },
});
