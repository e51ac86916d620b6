import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../../local/ports.ts";
import { serviceId } from "../../../local/scenarios/world.ts";
import { type Stack, type StackOptions, startStack } from "../../../local/stack.ts";
import { systemClock } from "../../../shared/clock.ts";
import { bootstrapService } from "../../../shared/reconcile/bootstrap-service.ts";
import { apiManagementAt } from "./simulated-identity.ts";

export interface TestStack extends Stack {
  hostLog(): string;
}

/** What npm start starts, on ports and in a folder of its own, with the enforcement point installed and replay checked. */
export async function aStack(options: Pick<StackOptions, "settings" | "fragmentWriteMs"> = {}): Promise<TestStack> {
  const folder = mkdtempSync(join(tmpdir(), "portcullis-e2e-"));
  // The pollers would bring alerts of their own into what a test counts.
  const settings = { PORTCULLIS_POLL_SCHEDULE: "0 0 0 1 1 *", ...options.settings };
  const stack = await startStack({ ...options, settings, ports: await freePorts(), folder, replayCheck: true });
  const close = async () => {
    await stack.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const apiManagement = apiManagementAt(stack.azureUrl);
    await bootstrapService(serviceId, { apiManagement, clock: systemClock, dryRun: false });
  } catch (error) {
    await close();
    throw error;
  }
  return { ...stack, close, hostLog: () => readFileSync(join(folder, "host.log"), "utf8") };
}
