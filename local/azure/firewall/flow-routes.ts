import { Hono } from "hono";
import * as z from "zod";
import { type FirewallDataPlane, Flow, UnknownFirewallError } from "./data-plane.ts";

const Question = Flow.extend({ firewall: z.string() });

/** Whether a firewall would let a flow through: the traffic of a play, which no real socket carries. Azure has nothing like it. */
export function flowRoutes({ decide }: FirewallDataPlane): Hono {
  const flows = new Hono();
  flows.post("/_simulator/flows", async (context) => {
    const body: unknown = await context.req.json();
    return context.json(decide(Question.parse(body)));
  });
  flows.onError((error, context) => {
    if (error instanceof z.ZodError) return context.json({ error: z.prettifyError(error) }, 400);
    if (error instanceof SyntaxError) return context.json({ error: error.message }, 400);
    if (error instanceof UnknownFirewallError) return context.json({ error: error.message }, 404);
    throw error;
  });
  return flows;
}
