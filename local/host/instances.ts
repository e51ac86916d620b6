import { randomUUID } from "node:crypto";
import { historyEvent } from "./history.ts";
import { type HostContext, sendNow } from "./host-context.ts";
import type { Instance, Status } from "./store.ts";

export interface NewInstance {
  id: string;
  name: string;
  /** JSON text. */
  input: string;
  version?: string | undefined;
  parent?: Instance["parent"];
}

const finishedStatuses: readonly Status[] = ["Completed", "Failed", "Terminated"];

export function isFinished(instance: Instance): boolean {
  return finishedStatuses.includes(instance.status);
}

/** Must run inside a commit. A finished instance of the same id is overwritten, which is the extension's default. */
export function createInstance(host: HostContext, { id, name, input, version, parent = null }: NewInstance): void {
  const now = host.clock.now();
  const execution = randomUUID();
  host.store.deleteInstance(id);
  host.store.putInstance({
    ...{ id, execution, name, status: "Pending", input, output: null, custom_status: null, parent },
    ...{ created_at: now.getTime(), updated_at: now.getTime() },
  });
  const event = historyEvent("ExecutionStarted", now, {
    Name: name,
    Input: input,
    ...(version ? { Version: version } : {}),
  });
  sendNow(host, { queue: "instance", target: id, execution, body: { type: "event", event } });
}

export interface Ending {
  status: "Completed" | "Failed" | "Terminated";
  /** JSON text. */
  output: string;
}

/** Must run inside a commit. Tells the parent, and takes away what waits for this run. */
export function finishInstance(host: HostContext, instance: Instance, ending: Ending): void {
  const now = host.clock.now();
  host.store.putInstance({ ...instance, ...ending, updated_at: now.getTime() });
  host.store.removeExecution(instance.id, instance.execution);
  host.replayCheck?.forget(instance.execution);
  if (!instance.parent) return;
  const { instanceId: target, execution, taskId } = instance.parent;
  const event =
    ending.status === "Completed"
      ? historyEvent("SubOrchestrationInstanceCompleted", now, { TaskScheduledId: taskId, Result: ending.output })
      : historyEvent("SubOrchestrationInstanceFailed", now, {
          TaskScheduledId: taskId,
          Reason: String(JSON.parse(ending.output)),
          Details: `Instance ${instance.id} ended as ${ending.status}.`,
        });
  sendNow(host, { queue: "instance", target, execution, body: { type: "event", event } });
}
