import * as z from "zod";
import { machineCommand } from "./machine-command.ts";

export const mdeRestrictApps = machineCommand({
  id: "mde-restrict-apps",
  summary: "Let a machine run only what Microsoft has signed.",
  target: "machine",
  selectors: ["victim-machine"],
  params: z.strictObject({}),
  d3fend: "D3-EAL",
  appRole: "Machine.RestrictExecution",
  action: { verb: "restrictCodeExecution", type: "RestrictCodeExecution" },
  inverse: { verb: "unrestrictCodeExecution", type: "UnrestrictCodeExecution" },
  effect: () => "only what Microsoft has signed runs",
});
