import { Hono } from "hono";
import type { DeliveryRecords, EventGridFaults } from "./deliveries.ts";

/** The simulator's own window on what Event Grid holds. Azure has nothing like it. */
export function createEventGridAdmin(records: DeliveryRecords, faults: Readonly<EventGridFaults>): Hono {
  const admin = new Hono();
  admin.get("/_simulator/event-grid", (context) =>
    context.json({
      stats: records.stats,
      faults,
      pending: [...records.pending],
      delivered: records.delivered,
      deadLetters: records.deadLetters,
    }),
  );
  return admin;
}
