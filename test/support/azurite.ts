import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startChild } from "../../local/child.ts";
import { freePorts } from "../../local/ports.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Of one Azurite table service for the whole run; tests keep apart by the prefix of their tables. */
    tableEndpoint: string;
  }
}

/** Starts the table service before the first test and ends it after the last. */
export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-test-"));
  const { tables } = await freePorts();
  const script = join(import.meta.dirname, "../../local/azurite.ts");
  const azurite = await startChild("Azurite", [script, "--port", `${tables}`], {
    env: {},
    logFile: join(folder, "azurite.log"),
  });
  provide("tableEndpoint", String(azurite.ready.endpoint));
  return async () => {
    await azurite.stop();
    rmSync(folder, { recursive: true });
  };
}
