import { type Context, Hono } from "hono";
import * as z from "zod";
import type { Latency } from "./api-management/fragment-routes.ts";
import { Fault, type FaultSwitchboard, UnknownFaultTargetError } from "./faults.ts";
import type { RecordedCall } from "./recorded-call.ts";

const LatencyBody = z.strictObject({ fragmentWriteMs: z.int().nonnegative() });

export interface AdminOptions {
  faults: FaultSwitchboard;
  calls: RecordedCall[];
  latency: Latency;
}

/** `/_simulator/…`: what only a simulator has. Azure knows nothing like it, and no token is asked for. */
export function createAdmin({ faults, calls, latency }: AdminOptions): Hono {
  const admin = new Hono().basePath("/_simulator");

  admin.get("/faults", (context) => context.json(faults.list()));
  admin.put("/faults", async (context) => {
    faults.replace(z.array(Fault).parse(await json(context)));
    return context.json(faults.list());
  });
  admin.post("/faults", async (context) => context.json({ id: faults.add(Fault.parse(await json(context))) }, 201));
  admin.delete("/faults/:id?", (context) => {
    faults.clear(context.req.param("id"));
    return context.body(null, 204);
  });

  admin.get("/calls", (context) => context.json(calls));
  admin.delete("/calls", (context) => {
    calls.length = 0;
    return context.body(null, 204);
  });

  admin.get("/latency", (context) => context.json(latency));
  admin.put("/latency", async (context) => {
    Object.assign(latency, LatencyBody.parse(await json(context)));
    return context.json(latency);
  });

  admin.notFound((context) => context.json({ error: `The simulator has no ${context.req.path}.` }, 404));
  admin.onError((error, context) => {
    if (error instanceof z.ZodError) return context.json({ error: z.prettifyError(error) }, 400);
    if (error instanceof UnknownFaultTargetError || error instanceof SyntaxError)
      return context.json({ error: error.message }, 400);
    throw error;
  });
  return admin;
}

/** The parsed body, typed as what it is: unknown. */
async function json(context: Context): Promise<unknown> {
  return await context.req.json();
}
