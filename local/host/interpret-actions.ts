import * as z from "zod";
import { createCompoundTask, createTask, settledTask, type Task } from "./action-task.ts";
import { type Action, describeAction, NotSupportedLocally, type RetryOptions } from "./actions.ts";
import { createEventBuffer } from "./event-buffer.ts";
import { type EventTypeName, eventTypes, type HistoryEvent } from "./history.ts";
import type { Scheduled } from "./scheduled.ts";

export interface Interpretation {
  scheduled: Scheduled[];
  /** Timers that the orchestrator has cancelled, by number. */
  canceledTimers: { id: number; long: boolean }[];
  /** True when every action has been carried out; only then may the instance end. */
  finished: boolean;
  /** True when the last action has been begun, so that the worker and the host must have given the same numbers. */
  begun: boolean;
  continueAsNew: { input: unknown; unprocessed: HistoryEvent[]; droppedByAzure: number } | undefined;
  /** How many EventIds have been given. */
  count: number;
}

class NonDeterministicOrchestration extends Error {
  override name = "NonDeterministicOrchestration";
}

const EntityRequest = z.looseObject({ id: z.string() });
const day = 86_400_000;
// Azure Storage's limits, which the worker is told as well (orchestration-turn.ts).
const maximumShortTimer = 6 * day;
const longTimerInterval = 3 * day;

/**
 * The worker lists every action since the start. The Durable extension carries the list out one action after the other,
 * each awaited, over the same history, and so finds what is new and which number it has
 * (OutOfProcOrchestrationShim.cs, ProcessAsyncActionsV2). This does the same, step by step, because the worker finds
 * its open tasks by these numbers.
 */
export function interpretActions(
  actions: readonly Action[],
  history: readonly HistoryEvent[],
  newRequestId: () => string,
): Interpretation {
  const recorded = new Map(history.filter((event) => event.EventId >= 0).map((event) => [event.EventId, event]));
  const openTasks = new Map<number, Task>();
  const events = createEventBuffer();
  const result: Interpretation = {
    scheduled: [],
    canceledTimers: [],
    finished: false,
    begun: false,
    continueAsNew: undefined,
    count: 0,
  };
  let now = new Date(0);
  let current = 0;
  let splitting = 0;

  /** Gives the next number, and says which event of the history holds it already. */
  function nextNumber(type: EventTypeName, name: string | undefined): { id: number; known: HistoryEvent | undefined } {
    const id = result.count++;
    const known = recorded.get(id);
    if (known && (known.EventType !== eventTypes[type] || (name !== undefined && known.Name !== name))) {
      const was = `${Object.keys(eventTypes).find((key) => eventTypes[key as EventTypeName] === known.EventType)} "${known.Name ?? ""}"`;
      throw new NonDeterministicOrchestration(
        `Non-deterministic orchestration: its history has ${was} as number ${id}, and now it asks for ${type} "${name ?? ""}" there.`,
      );
    }
    return { id, known };
  }

  function open(id: number): Task {
    const task = createTask();
    openTasks.set(id, task);
    return task;
  }

  function startActivity(name: string, input: unknown): Task {
    const { id, known } = nextNumber("TaskScheduled", name);
    if (!known) result.scheduled.push({ kind: "activity", id, name, input });
    return open(id);
  }

  function startSubOrchestration(action: Extract<Action, { actionType: 2 | 3 }>): Task {
    const { functionName: name, input } = action;
    const { id, known } = nextNumber("SubOrchestrationInstanceCreated", name);
    const instanceId = action.instanceId ?? undefined;
    const version = action.version ?? undefined;
    if (!known) result.scheduled.push({ kind: "subOrchestration", id, name, input, instanceId, version });
    return open(id);
  }

  function startShortTimer(fireAt: Date): { id: number; task: Task } {
    const { id, known } = nextNumber("TimerCreated", undefined);
    if (!known) result.scheduled.push({ kind: "timer", id, fireAt });
    return { id, task: open(id) };
  }

  function startTimer(fireAt: Date, isCanceled: boolean): Task {
    const remaining = () => fireAt.getTime() - now.getTime();
    const whole = createTask();
    const long = remaining() > maximumShortTimer;
    if (long) splitting++;
    // A long timer becomes several, each with a number of its own.
    const step = (): void => {
      const { id, task } = startShortTimer(
        new Date(now.getTime() + (long ? Math.min(remaining(), longTimerInterval) : remaining())),
      );
      if (isCanceled) result.canceledTimers.push({ id, long });
      task.onSettled(() => {
        // As in the worker, only a long one looks at the time again: the clock may have been set back since it was due.
        if (long && remaining() > 0) return step();
        if (long) splitting--;
        whole.settle(false);
      });
    };
    step();
    return whole;
  }

  function startWithRetry(start: () => Task, retry: RetryOptions): Task {
    const whole = createTask();
    splitting++;
    const end = (failed: boolean): void => {
      splitting--;
      whole.settle(failed);
    };
    const attempt = (number: number): void => {
      start().onSettled((failed) => {
        if (!failed) return end(false);
        const delay = Math.min(
          retry.firstRetryIntervalInMilliseconds * retry.backoffCoefficient ** (number - 1),
          retry.maxRetryIntervalInMilliseconds,
        );
        // DurableTask waits after the last attempt too, and the worker's RetryableTask expects it.
        startShortTimer(new Date(now.getTime() + delay)).task.onSettled(() =>
          number < retry.maxNumberOfAttempts ? attempt(number + 1) : end(true),
        );
      });
    };
    attempt(1);
    return whole;
  }

  function startOperation(action: Extract<Action, { actionType: 7 | 9 | 10 }>): Task {
    const { id, known } = nextNumber("EventSent", "op");
    const answer = action.actionType === 7;
    const requestId = known ? EntityRequest.parse(JSON.parse(known.Input ?? "null")).id : newRequestId();
    const at = action.actionType === 10 ? new Date(action.fireAt) : undefined;
    const { instanceId: entity, operation: op, input } = action;
    if (!known) result.scheduled.push({ kind: "operation", id, entity, op, input, requestId, answer, at });
    return answer ? events.waitFor(requestId) : settledTask();
  }

  function start(action: Action): Task {
    switch (action.actionType) {
      case 0:
        return startActivity(action.functionName, action.input);
      case 1:
        return startWithRetry(() => startActivity(action.functionName, action.input), action.retryOptions);
      case 2:
        return startSubOrchestration(action);
      case 3:
        return startWithRetry(() => startSubOrchestration(action), action.retryOptions);
      case 4:
        result.continueAsNew = {
          input: action.input,
          unprocessed: events.buffered,
          droppedByAzure: events.buffered.length,
        };
        return settledTask();
      case 5:
        return startTimer(new Date(action.fireAt), action.isCanceled);
      case 6:
        return events.waitFor(action.externalEventName);
      case 7:
      case 9:
      case 10:
        return startOperation(action);
      case 11:
      case 12:
        return createCompoundTask(action.compoundActions.map(start), action.actionType === 11);
    }
  }

  function carryOn(): void {
    for (; current < actions.length; current++) {
      const action = actions[current];
      const task = action && start(action);
      if (task && !task.settled) {
        task.onSettled(() => {
          current++;
          carryOn();
        });
        return;
      }
    }
    result.finished = true;
  }

  for (const event of history) {
    switch (event.EventType) {
      case eventTypes.OrchestratorStarted:
        // As in the worker (TaskOrchestrationExecutor.js), an orchestration's time never goes back.
        now = new Date(Math.max(now.getTime(), Date.parse(event.Timestamp)));
        break;
      case eventTypes.ExecutionStarted:
        carryOn();
        break;
      case eventTypes.TaskCompleted:
      case eventTypes.SubOrchestrationInstanceCompleted:
        openTasks.get(event.TaskScheduledId ?? -1)?.settle(false);
        break;
      case eventTypes.TaskFailed:
      case eventTypes.SubOrchestrationInstanceFailed:
        openTasks.get(event.TaskScheduledId ?? -1)?.settle(true);
        break;
      case eventTypes.TimerFired:
        openTasks.get(event.TimerId ?? -1)?.settle(false);
        break;
      case eventTypes.EventRaised:
        events.raise(event);
        break;
    }
  }

  result.begun = current >= actions.length - 1;
  const blocked = actions[current];
  if (!result.begun && blocked?.actionType === 12 && splitting > 0) {
    throw new NotSupportedLocally(
      `going on after a failure inside ${describeAction(blocked)} while another of its tasks still has retries or a long timer: Azure would number what follows differently`,
    );
  }
  return result;
}
