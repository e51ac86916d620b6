import { Hono } from "hono";
import * as z from "zod";
import type { Clock } from "../../../shared/clock.ts";
import type { EndpointState } from "./endpoint-state.ts";
import { machineFlow } from "./machine-actions.ts";

const Question = z.strictObject({ machineId: z.string(), destination: z.enum(["defender", "outlook", "anywhere"]) });

/** Whether a machine still reaches the network: the traffic of a play, which no real machine sends. */
export function machineFlowRoutes(state: EndpointState, clock: Clock): Hono {
  const flows = new Hono();
  flows.post("/_simulator/flows/machine", async (context) => {
    const asked = Question.safeParse(await context.req.json());
    if (!asked.success) return context.json({ error: z.prettifyError(asked.error) }, 400);
    const { machineId, destination } = asked.data;
    return context.json({ flow: machineFlow(state, machineId, destination, clock.now()) });
  });
  return flows;
}
