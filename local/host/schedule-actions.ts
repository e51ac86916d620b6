import { type HistoryEvent, historyEvent } from "./history.ts";
import { findFunction, type HostContext, sendNow } from "./host-context.ts";
import { createInstance, isFinished } from "./instances.ts";
import { dueAtOnce } from "./messages.ts";
import type { Scheduled } from "./scheduled.ts";
import type { Instance } from "./store.ts";

/** Why the orchestrator may not ask for this; the extension fails the instance then (ThrowIfFunctionDoesNotExist). */
export function refusalOf(host: HostContext, item: Scheduled): string | undefined {
  switch (item.kind) {
    case "timer":
      return undefined;
    case "activity":
      return unknownFunction(host, "activityTrigger", "activity", item.name);
    case "subOrchestration":
      if (item.instanceId?.startsWith("@")) return "Orchestration instance ids must not start with @.";
      return unknownFunction(host, "orchestrationTrigger", "orchestrator", item.name);
    case "operation":
      return unknownFunction(host, "entityTrigger", "entity", entityName(item.entity));
  }
}

export function unknownFunction(
  host: HostContext,
  trigger: "activityTrigger" | "orchestrationTrigger" | "entityTrigger",
  kind: string,
  name: string,
): string | undefined {
  if (findFunction(host, trigger, name)) return undefined;
  const known = host.functions.filter((fn) => fn.trigger.type === trigger).map((fn) => `'${fn.name}'`);
  return `The function '${name}' doesn't exist, is disabled, or is not an ${kind} function. Known ${kind} functions: ${known.join(", ") || "none"}.`;
}

/** `@name@key`, the id under which the extension keeps an entity. */
export function entityName(entityId: string): string {
  return entityId.slice(1, entityId.indexOf("@", 1));
}

export function entityKey(entityId: string): string {
  return entityId.slice(entityId.indexOf("@", 1) + 1);
}

/** Must run inside a commit. Sends what was asked for and returns the event that records it. */
export function schedule(host: HostContext, instance: Instance, item: Scheduled, isCanceled: boolean): HistoryEvent {
  const now = host.clock.now();
  const { id: taskId } = item;
  const { id: target, execution } = instance;
  switch (item.kind) {
    case "activity": {
      const { name, input } = item;
      sendNow(host, { queue: "activity", target, execution, body: { taskId, name, input } });
      return historyEvent("TaskScheduled", now, { Name: name }, taskId);
    }
    case "timer": {
      const FireAt = item.fireAt.toISOString();
      const event = historyEvent("TimerFired", now, { TimerId: taskId, FireAt });
      const visibleAt = item.fireAt.getTime();
      if (!isCanceled) {
        host.store.send({
          queue: "instance",
          target,
          execution,
          visibleAt,
          timerId: taskId,
          body: { type: "event", event },
        });
      }
      return historyEvent("TimerCreated", now, { FireAt }, taskId);
    }
    case "subOrchestration": {
      // Named as DurableTask names them: the parent's run and the number of the call.
      const id = item.instanceId ?? `${execution.replaceAll("-", "")}:${taskId.toString(16).padStart(4, "0")}`;
      const input = JSON.stringify(item.input ?? null);
      const { name, version } = item;
      const running = host.store.instance(id);
      if (running && !isFinished(running)) {
        const Reason = `An orchestration with the instance id ${id} is already running.`;
        const event = historyEvent("SubOrchestrationInstanceFailed", now, {
          TaskScheduledId: taskId,
          Reason,
          Details: Reason,
        });
        sendNow(host, { queue: "instance", target, execution, body: { type: "event", event } });
      } else {
        createInstance(host, { id, name, input, version, parent: { instanceId: target, execution, taskId } });
      }
      return historyEvent("SubOrchestrationInstanceCreated", now, { Name: name, InstanceId: id, Input: input }, taskId);
    }
    case "operation": {
      const { entity, op, requestId: id, answer } = item;
      const input = item.input === undefined ? undefined : JSON.stringify(item.input);
      const caller = answer ? { caller: { instanceId: target, execution } } : {};
      const body = { id, op, ...(input === undefined ? {} : { input }), ...caller };
      host.store.send({ queue: "entity", target: entity, visibleAt: item.at?.getTime() ?? dueAtOnce, body });
      const Input = JSON.stringify({
        id,
        op,
        signal: !answer,
        input,
        parent: target,
        parentExecution: execution,
        due: item.at,
      });
      return historyEvent("EventSent", now, { Name: "op", InstanceId: entity, Input }, taskId);
    }
  }
}
