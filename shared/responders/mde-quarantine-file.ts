import * as z from "zod";
import { machineCommand } from "./machine-command.ts";

export const mdeQuarantineFile = machineCommand({
  id: "mde-quarantine-file",
  summary: "Stop a file's processes on a machine and put it into quarantine.",
  target: "file",
  selectors: ["malicious-file"],
  params: z.strictObject({}),
  d3fend: "D3-FEV",
  irreversible: "Defender for Endpoint has no request that restores a file; a person can, in the portal",
  appRole: "Machine.StopAndQuarantine",
  action: { verb: "StopAndQuarantineFile", type: "StopAndQuarantineFile" },
  // The action takes SHA-1 only: https://learn.microsoft.com/defender-endpoint/api/stop-and-quarantine-file
  body: (target) => (target.kind === "file" ? { Sha1: target.sha1 } : {}),
  isAbout: ({ relatedFileInfo }, target) =>
    target.kind === "file" && relatedFileInfo?.fileIdentifier?.toLowerCase() === target.sha1.toLowerCase(),
  effect: () => "stopped and in quarantine",
});
