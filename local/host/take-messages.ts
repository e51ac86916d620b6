import type { Log } from "./functions-core.ts";
import { eventTypes, type HistoryEvent, historyEvent } from "./history.ts";
import { isFinished } from "./instances.ts";
import { InstanceMessage } from "./messages.ts";
import type { Instance, StoredMessage } from "./store.ts";

export interface Taken {
  /** Messages that this turn uses up. */
  numbers: number[];
  /** The turn's new events, OrchestratorStarted first; empty when there was nothing to do. */
  events: HistoryEvent[];
  /** Whether one of them is for the orchestrator's code. */
  needsRun: boolean;
  suspended: boolean;
  terminated: string | undefined;
}

/** Turns what waits for an instance into the new events of one turn. */
export function takeMessages(
  instance: Instance | undefined,
  waiting: readonly StoredMessage[],
  now: Date,
  log: Log,
): Taken {
  const taken: Taken = {
    numbers: [],
    events: [],
    needsRun: false,
    suspended: instance?.status === "Suspended",
    terminated: undefined,
  };
  const held: { number: number; event: HistoryEvent }[] = [];
  const use = (number: number, event: HistoryEvent): void => {
    taken.numbers.push(number);
    // What starts a run comes first, even if an event that was raised before continue-as-new has waited longer.
    if (event.EventType === eventTypes.ExecutionStarted) taken.events.unshift(event);
    else taken.events.push(event);
    taken.needsRun = true;
  };

  for (const { number, target, body, execution } of waiting) {
    const message = InstanceMessage.parse(body);
    if (!instance || isFinished(instance) || (execution !== null && execution !== instance.execution)) {
      taken.numbers.push(number);
      const what = message.type === "event" ? (message.event.Name ?? "an answer") : message.type;
      log({
        level: "debug",
        category: "Host.Durable",
        message: `Discarded ${what} for ${target}: that run has ended.`,
      });
      continue;
    }
    switch (message.type) {
      case "terminate":
        taken.numbers.push(number);
        taken.terminated ??= message.reason;
        break;
      case "suspend":
        taken.numbers.push(number);
        if (!taken.suspended) taken.events.push(historyEvent("ExecutionSuspended", now, { Reason: message.reason }));
        taken.suspended = true;
        break;
      case "resume":
        taken.numbers.push(number);
        if (!taken.suspended) break;
        taken.events.push(historyEvent("ExecutionResumed", now, { Reason: message.reason }));
        taken.suspended = false;
        for (const it of held.splice(0)) use(it.number, it.event);
        break;
      case "event": {
        const event = { ...message.event, Timestamp: now.toISOString() };
        if (taken.suspended) held.push({ number, event });
        else use(number, event);
        break;
      }
    }
  }
  if (taken.events.length > 0) taken.events.unshift(historyEvent("OrchestratorStarted", now));
  return taken;
}
