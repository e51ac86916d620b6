import { parseArgs } from "node:util";
import * as z from "zod";
import { isApiManagementService, parseArmId } from "../shared/arm-id.ts";
import { createApiManagement } from "../shared/azure/api-management.ts";
import { connectAsOperator } from "../shared/azure/connection.ts";
import { systemClock } from "../shared/clock.ts";
import { Settings } from "../shared/config.ts";
import { bootstrapService, removeBootstrap } from "../shared/reconcile/bootstrap-service.ts";

const usage = `usage: npm run bootstrap -- --service ARM_ID [--service ARM_ID …] [--dry-run] [--remove]

Installs Portcullis in an API Management service, once: an empty policy fragment, and one line in the global policy that includes it.
Everything else in the policy stays as it is. --dry-run shows the change, --remove takes the line out again.`;

const { values } = parseArgs({
  options: {
    service: { type: "string", multiple: true, default: [] },
    "dry-run": { type: "boolean", default: false },
    remove: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
const unusable = values.service.filter((id) => {
  const parsed = parseArmId(id);
  return !parsed || !isApiManagementService(parsed);
});

if (values.help || values.service.length === 0 || unusable.length > 0) {
  for (const id of unusable) console.error(`not the ARM id of an API Management service: ${JSON.stringify(id)}`);
  console.error(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  const simulated = z
    .object({ PORTCULLIS_SIMULATED_AZURE: Settings.shape.PORTCULLIS_SIMULATED_AZURE })
    .parse(process.env);
  const apiManagement = createApiManagement(() => connectAsOperator(simulated));
  const dryRun = values["dry-run"];
  for (const service of values.service) {
    try {
      const work = values.remove ? removeBootstrap : bootstrapService;
      const { actions, diff } = await work(service, { apiManagement, clock: systemClock, dryRun });
      console.log(
        `${service}\n${actions.length === 0 ? "nothing to do" : actions.map((action) => `${dryRun ? "would " : ""}${action}`).join("\n")}`,
      );
      if (diff) console.log(diff);
    } catch (error) {
      console.error(`${service}: ${error instanceof Error ? error.message : "failed"}`);
      process.exitCode = 1;
    }
  }
}
