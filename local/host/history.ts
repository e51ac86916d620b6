import * as z from "zod";

/** DurableTask's numbers of the history events that this host writes. */
export const eventTypes = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationInstanceCreated: 7,
  SubOrchestrationInstanceCompleted: 8,
  SubOrchestrationInstanceFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventSent: 14,
  EventRaised: 15,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
} as const;

export type EventTypeName = keyof typeof eventTypes;

const HistoryEvent = z.looseObject({
  EventType: z.number(),
  EventId: z.number(),
  Timestamp: z.string(),
  Name: z.string().optional(),
  Input: z.string().nullish(),
  TaskScheduledId: z.number().optional(),
  TimerId: z.number().optional(),
});
export type HistoryEvent = z.infer<typeof HistoryEvent>;
export { HistoryEvent as HistoryEventSchema };

/** Events that carry no number of their own have -1, as DurableTask writes them. */
export function historyEvent(
  type: EventTypeName,
  at: Date,
  fields: Record<string, unknown> = {},
  eventId = -1,
): HistoryEvent {
  return { EventType: eventTypes[type], EventId: eventId, Timestamp: at.toISOString(), ...fields };
}

export function eventTypeName(type: number): string {
  return Object.entries(eventTypes).find(([, number]) => number === type)?.[0] ?? String(type);
}
