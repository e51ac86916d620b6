import * as z from "zod";
import { machineCommand } from "./machine-command.ts";

export const mdeCollectPackage = machineCommand({
  id: "mde-collect-package",
  summary: "Collect the investigation package of a machine, before evidence is lost.",
  target: "machine",
  selectors: ["victim-machine"],
  params: z.strictObject({}),
  momentary: "collecting changes nothing at the machine",
  appRole: "Machine.CollectForensics",
  action: { verb: "collectInvestigationPackage", type: "CollectInvestigationPackage" },
  effect: () => "investigation package collected",
});
