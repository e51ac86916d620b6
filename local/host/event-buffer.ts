import { createTask, type Task } from "./action-task.ts";
import type { HistoryEvent } from "./history.ts";

export interface EventBuffer {
  /** Events that came and that nothing has waited for yet. */
  readonly buffered: HistoryEvent[];
  raise(event: HistoryEvent): void;
  waitFor(name: string): Task;
}

/** External events and answers of entities, matched by name as the extension does (DurableOrchestrationContext.cs). */
export function createEventBuffer(): EventBuffer {
  const waiters = new Map<string, Task[]>();
  const buffered: HistoryEvent[] = [];

  /** Several waits on one name are a stack: the newest gets the event. */
  function raise(event: HistoryEvent): void {
    const task = waiters.get(event.Name ?? "")?.pop();
    if (task) task.settle(false);
    else buffered.push(event);
  }

  return {
    buffered,
    raise,
    waitFor(name) {
      const task = createTask();
      waiters.set(name, [...(waiters.get(name) ?? []), task]);
      const early = buffered.findIndex((event) => event.Name === name);
      const [event] = early >= 0 ? buffered.splice(early, 1) : [];
      if (event) raise(event);
      return task;
    },
  };
}
