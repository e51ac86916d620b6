import { randomUUID } from "node:crypto";
import { NotSupportedLocally, type OrchestratorState, parseAction } from "./actions.ts";
import { type HistoryEvent, historyEvent } from "./history.ts";
import { findFunction, type HostContext, sendNow } from "./host-context.ts";
import { type Ending, finishInstance } from "./instances.ts";
import { type Interpretation, interpretActions } from "./interpret-actions.ts";
import { runOrchestrator } from "./run-orchestrator.ts";
import { refusalOf, schedule } from "./schedule-actions.ts";
import type { Instance } from "./store.ts";
import { takeMessages } from "./take-messages.ts";

interface Decision {
  interpretation: Interpretation | undefined;
  customStatus: string | null;
  ending: Ending | undefined;
}

/**
 * One turn of one instance: everything that waits for it is taken, the worker replays, and what follows is committed in
 * one transaction with the messages it sends. Killed at any moment, the turn has happened or it has not.
 */
export async function runTurn(host: HostContext, instanceId: string): Promise<void> {
  const now = host.clock.now();
  const { store } = host;
  const waiting = store.visible("instance", instanceId, now.getTime());
  if (waiting.length === 0) return;
  const instance = store.instance(instanceId);
  const taken = takeMessages(instance, waiting, now, host.log);
  const removeTaken = (): void => taken.numbers.forEach(store.remove);
  if (!instance || (taken.events.length === 0 && taken.terminated === undefined)) return host.commit(removeTaken);

  const past = store.history(instanceId);
  const fresh = taken.events;
  const running: Instance = {
    ...instance,
    status: taken.suspended ? "Suspended" : "Running",
    updated_at: now.getTime(),
  };
  const decision = await decide(host, running, past, fresh, taken);
  const { interpretation, ending } = decision;
  const after: Instance = { ...running, custom_status: decision.customStatus };

  host.commit(() => {
    removeTaken();
    const canceled = interpretation?.canceledTimers ?? [];
    const scheduled = (interpretation?.scheduled ?? []).map((item) =>
      schedule(
        host,
        after,
        item,
        canceled.some(({ id }) => id === item.id),
      ),
    );
    for (const { id, long } of canceled) {
      if (store.removeTimer(instanceId, instance.execution, id) && long) warnOfLongTimer(host, instance);
    }
    if (!ending && interpretation?.finished && interpretation.continueAsNew) {
      return continueAsNew(host, after, interpretation.continueAsNew);
    }
    const end = ending ? [endEvent(ending, now)] : [];
    store.appendHistory(instanceId, past.length, [
      ...fresh,
      ...scheduled,
      ...end,
      historyEvent("OrchestratorCompleted", now),
    ]);
    if (ending) finishInstance(host, after, ending);
    else store.putInstance(after);
  });
}

async function decide(
  host: HostContext,
  instance: Instance,
  past: readonly HistoryEvent[],
  fresh: readonly HistoryEvent[],
  taken: { needsRun: boolean; terminated: string | undefined },
): Promise<Decision> {
  const unchanged = { interpretation: undefined, customStatus: instance.custom_status };
  if (taken.terminated !== undefined) {
    return { ...unchanged, ending: { status: "Terminated", output: JSON.stringify(taken.terminated) } };
  }
  if (!taken.needsRun) return { ...unchanged, ending: undefined };
  try {
    const { state, interpretation } = await replay(host, instance, past, fresh);
    const customStatus = state.customStatus === undefined ? instance.custom_status : JSON.stringify(state.customStatus);
    return { interpretation, customStatus, ending: endingOf(instance, state, interpretation) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...unchanged, ending: failure(host, instance, reason) };
  }
}

async function replay(
  host: HostContext,
  instance: Instance,
  past: readonly HistoryEvent[],
  fresh: readonly HistoryEvent[],
) {
  const fn = findFunction(host, "orchestrationTrigger", instance.name);
  if (!fn) throw new Error(`The app no longer has an orchestrator named '${instance.name}'.`);
  const run = { fn, instance, past, fresh, log: host.log, clientBinding: host.clientBinding };
  const { state, count } = await runOrchestrator(run);
  const nondeterminism = await host.replayCheck?.check(run, state);
  if (nondeterminism) throw new Error(nondeterminism);
  const interpretation = interpretActions(state.actions.flat().map(parseAction), [...past, ...fresh], randomUUID);
  if (count !== undefined && interpretation.begun && !state.isDone && count !== interpretation.count) {
    throw new NotSupportedLocally(
      `a task that is listed again in a later Task.any or Task.all (the worker counts ${count} tasks, the host ${interpretation.count}). ` +
        "Azure schedules it a second time and then mixes up answers (azure-functions-durable-js#574): make new tasks for each list",
    );
  }
  const refusal = interpretation.scheduled.map((item) => refusalOf(host, item)).find((text) => text !== undefined);
  if (refusal) throw new Error(refusal);
  return { state, interpretation };
}

function endingOf(
  instance: Instance,
  state: OrchestratorState,
  { finished, continueAsNew }: Interpretation,
): Ending | undefined {
  if (!finished) return undefined;
  if (state.error !== undefined) return failureOf(instance, state.error);
  if (!state.isDone || continueAsNew) return undefined;
  return { status: "Completed", output: JSON.stringify(state.output ?? null) };
}

function failureOf(instance: Instance, reason: string): Ending {
  return { status: "Failed", output: JSON.stringify(`Orchestrator function '${instance.name}' failed: ${reason}`) };
}

function failure(host: HostContext, instance: Instance, reason: string): Ending {
  host.log({
    level: "error",
    category: "Host.Durable",
    message: `Instance ${instance.id} (${instance.name}) failed: ${reason}`,
  });
  return failureOf(instance, reason);
}

function warnOfLongTimer(host: HostContext, { id, name }: Instance): void {
  const message = `Instance ${id} (${name}) cancelled a timer of more than six days; in Azure such a one may keep the instance (azure-functions-durable-python#573).`;
  host.log({ level: "warning", category: "Host.Durable", message });
}

function endEvent({ status, output }: Ending, now: Date): HistoryEvent {
  if (status === "Terminated") return historyEvent("ExecutionTerminated", now, { Input: output });
  return historyEvent("ExecutionCompleted", now, { OrchestrationStatus: status, Result: output });
}

/**
 * A new run of the same instance with an empty history. Events that nothing has waited for go along. Azure's extension
 * keeps only those that came after continueAsNew and, for JavaScript, loses the ones it had buffered before
 * (azure-functions-durable-python#331): that is said in the log, for nobody should build on it.
 */
function continueAsNew(
  host: HostContext,
  instance: Instance,
  next: NonNullable<Interpretation["continueAsNew"]>,
): void {
  const execution = randomUUID();
  const now = host.clock.now();
  // The worker has already made JSON text of a string (Utils.processInput).
  const input = typeof next.input === "string" ? next.input : JSON.stringify(next.input ?? null);
  host.store.removeExecution(instance.id, instance.execution);
  host.replayCheck?.forget(instance.execution);
  host.store.clearHistory(instance.id);
  host.store.putInstance({ ...instance, execution, input });
  const started = historyEvent("ExecutionStarted", now, { Name: instance.name, Input: input });
  sendNow(host, { queue: "instance", target: instance.id, execution, body: { type: "event", event: started } });
  next.unprocessed.forEach((event, index) => {
    sendNow(host, { queue: "instance", target: instance.id, body: { type: "event", event } });
    if (index >= next.droppedByAzure) return;
    const message = `Instance ${instance.id} took the event "${event.Name}" through continueAsNew unprocessed; Azure would lose it there.`;
    host.log({ level: "warning", category: "Host.Durable", message });
  });
}
