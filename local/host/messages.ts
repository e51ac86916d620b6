import * as z from "zod";
import { HistoryEventSchema } from "./history.ts";

/** What waits for an orchestration. `execution` ties an answer to the run that asked for it; a later run never sees it. */
export const InstanceMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("event"), event: HistoryEventSchema }),
  z.object({ type: z.literal("terminate"), reason: z.string() }),
  z.object({ type: z.literal("suspend"), reason: z.string() }),
  z.object({ type: z.literal("resume"), reason: z.string() }),
]);
export type InstanceMessage = z.infer<typeof InstanceMessage>;

/** One activity to run. `input` is what the worker's action held. */
export const ActivityMessage = z.object({ taskId: z.number(), name: z.string(), input: z.unknown().optional() });
export type ActivityMessage = z.infer<typeof ActivityMessage>;

/** One operation for an entity; with `caller`, somebody waits for the answer. */
export const EntityMessage = z.object({
  id: z.string(),
  op: z.string(),
  input: z.string().optional(),
  caller: z.object({ instanceId: z.string(), execution: z.string() }).optional(),
});
export type EntityMessage = z.infer<typeof EntityMessage>;

/** The `visibleAt` of a message that waits for no time: it stays due when the clock is set back. */
export const dueAtOnce = 0;

export type QueueName = "instance" | "activity" | "entity";

export interface Outgoing {
  queue: QueueName;
  /** Instance id or entity id; of an activity, the instance that called it. */
  target: string;
  visibleAt: number;
  body: InstanceMessage | ActivityMessage | EntityMessage;
  execution?: string | undefined;
  timerId?: number;
}
