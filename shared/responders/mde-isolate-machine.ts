import * as z from "zod";
import { machineCommand } from "./machine-command.ts";

const Isolation = z.strictObject({
  isolation: z
    .enum(["Full", "Selective"])
    .default("Full")
    .describe(
      "Full cuts off everything but Defender; Selective leaves Outlook, Teams and Skype (Windows and macOS only)",
    ),
});

export const mdeIsolateMachine = machineCommand({
  id: "mde-isolate-machine",
  summary: "Cut a machine off from the network; Defender for Endpoint still reaches it.",
  target: "machine",
  selectors: ["victim-machine"],
  params: Isolation,
  d3fend: "D3-NI",
  appRole: "Machine.Isolate",
  action: { verb: "isolate", type: "Isolate" },
  inverse: { verb: "unisolate", type: "Unisolate" },
  body: (_, params) => ({ IsolationType: Isolation.parse(params).isolation }),
  effect: (_, params) => `isolated (${Isolation.parse(params).isolation})`,
});
