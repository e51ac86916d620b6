import { historyEvent } from "./history.ts";
import { findFunction, type HostContext, sendNow } from "./host-context.ts";
import { invokeFunction, returnedJson } from "./invoke-function.ts";
import { ActivityMessage } from "./messages.ts";

/**
 * Runs one activity and records its answer in the transaction that takes its message away: a host killed before has the
 * activity run again, a host killed after does not.
 */
export async function runActivity(host: HostContext, messageNumber: number): Promise<void> {
  const message = host.store.message(messageNumber);
  if (!message) return;
  const activity = ActivityMessage.parse(message.body);
  const answer = await call(host, activity, message.target);
  const now = host.clock.now();
  const event =
    "result" in answer
      ? historyEvent("TaskCompleted", now, { TaskScheduledId: activity.taskId, Result: answer.result })
      : historyEvent("TaskFailed", now, { TaskScheduledId: activity.taskId, ...answer });
  host.commit(() => {
    host.store.remove(messageNumber);
    const execution = message.execution ?? undefined;
    sendNow(host, { queue: "instance", target: message.target, execution, body: { type: "event", event } });
  });
}

type Answer = { result: string } | { Reason: string; Details: string };

async function call(host: HostContext, { name, input }: ActivityMessage, instanceId: string): Promise<Answer> {
  const failed = (reason: string, details: string): Answer => {
    const Reason = `Activity function '${name}' failed: ${reason}`;
    host.log({ level: "error", category: `Function.${name}`, message: `${Reason} (instance ${instanceId})` });
    return { Reason, Details: details };
  };
  const fn = findFunction(host, "activityTrigger", name);
  if (!fn) return failed("the app no longer has this activity.", "");
  // The worker has already made JSON text of a string (Utils.processInput).
  const data = { string: typeof input === "string" ? input : JSON.stringify(input ?? null) };
  try {
    const { returnValue } = await invokeFunction(fn, data, {
      log: host.log,
      clientBinding: host.clientBinding,
      triggerMetadata: { instanceId: { string: instanceId } },
    });
    return { result: returnedJson(returnValue) };
  } catch (error) {
    const [reason, details] = error instanceof Error ? [error.message, error.stack ?? ""] : [String(error), ""];
    return failed(reason, details);
  }
}
