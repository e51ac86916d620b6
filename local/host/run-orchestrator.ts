import * as z from "zod";
import { type OrchestratorState, parseOrchestratorState } from "./actions.ts";
import type { Log, RegisteredFunction } from "./functions-core.ts";
import type { HistoryEvent } from "./history.ts";
import { invokeFunction, returnedJson } from "./invoke-function.ts";
import type { Instance } from "./store.ts";

// Schema 3 is what the worker calls V4; durations are Azure Storage's, which interpret-actions.ts counts with too.
const protocol = {
  upperSchemaVersion: 3,
  upperSchemaVersionNew: 3,
  longRunningTimerIntervalDuration: "3.00:00:00",
  maximumShortTimerDuration: "6.00:00:00",
  defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
};

// durable-functions attaches the state of a failed orchestrator to the error's message behind this label.
const stateLabel = "\n\n$OutOfProcData$:";

const Executed = z.looseObject({
  df: z.looseObject({ taskOrchestratorExecutor: z.looseObject({ sequenceNumber: z.number() }) }),
});

export interface Execution {
  state: OrchestratorState;
  /** How many EventIds the worker has given; undefined where it cannot be seen. */
  count: number | undefined;
}

export interface OrchestratorRun {
  fn: RegisteredFunction;
  instance: Instance;
  past: readonly HistoryEvent[];
  fresh: readonly HistoryEvent[];
  log: Log;
  clientBinding: string;
}

/** Lets the worker's real executor replay the whole history, and returns what it would do next. */
export async function runOrchestrator(run: OrchestratorRun, around?: <T>(call: () => T) => T): Promise<Execution> {
  const { fn, instance } = run;
  const trigger = {
    ...protocol,
    instanceId: instance.id,
    parentInstanceId: instance.parent?.instanceId,
    isReplaying: run.past.length > 0,
    input: JSON.parse(instance.input ?? "null"),
    history: [
      ...run.past.map((event) => ({ ...event, IsPlayed: true })),
      ...run.fresh.map((event) => ({ ...event, IsPlayed: false })),
    ],
  };
  const options = { log: run.log, clientBinding: run.clientBinding, ...(around ? { around } : {}) };
  try {
    const { returnValue, context } = await invokeFunction(fn, { json: JSON.stringify(trigger) }, options);
    const executed = Executed.safeParse(context);
    return {
      state: parseOrchestratorState(returnedJson(returnValue)),
      count: executed.success ? executed.data.df.taskOrchestratorExecutor.sequenceNumber : undefined,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const at = message.indexOf(stateLabel);
    if (at < 0) throw error;
    return { state: parseOrchestratorState(message.slice(at + stateLabel.length)), count: undefined };
  }
}
