import * as z from "zod";
import { machineCommand } from "./machine-command.ts";

const Scan = z.strictObject({ scan: z.enum(["Quick", "Full"]).default("Quick").describe("How much is scanned") });

export const mdeScanMachine = machineCommand({
  id: "mde-scan-machine",
  summary: "Have a machine scanned by Defender Antivirus.",
  target: "machine",
  selectors: ["victim-machine"],
  params: Scan,
  momentary: "a scan leaves nothing standing",
  appRole: "Machine.Scan",
  action: { verb: "runAntiVirusScan", type: "RunAntiVirusScan" },
  body: (_, params) => ({ ScanType: Scan.parse(params).scan }),
  effect: (_, params) => `scanned (${Scan.parse(params).scan})`,
});
