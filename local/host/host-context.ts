import type { Clock } from "../../shared/clock.ts";
import type { Log, RegisteredFunction } from "./functions-core.ts";
import { dueAtOnce, type Outgoing } from "./messages.ts";
import type { ReplayCheck } from "./replay-check.ts";
import type { Store } from "./store.ts";

/** What every part of the host shares. */
export interface HostContext {
  functions: readonly RegisteredFunction[];
  store: Store;
  clock: Clock;
  log: Log;
  /** The value of durableClient bindings. */
  clientBinding: string;
  replayCheck: ReplayCheck | undefined;
  /** How many operations an entity gets in one invocation at most. */
  maxEntityOperationBatchSize: number;
  /** Does `work` in one transaction, then wakes whoever got a message in it. */
  commit(work: () => void): void;
}

type Trigger =
  | "orchestrationTrigger"
  | "activityTrigger"
  | "entityTrigger"
  | "eventGridTrigger"
  | "eventHubTrigger"
  | "timerTrigger";

/** Function names are case-insensitive, as in Azure. */
export function findFunction(host: HostContext, trigger: Trigger, name: string): RegisteredFunction | undefined {
  return host.functions.find((fn) => fn.trigger.type === trigger && fn.name.toLowerCase() === name.toLowerCase());
}

/** A message that can be taken at once. */
export function sendNow(host: HostContext, message: Omit<Outgoing, "visibleAt">): void {
  host.store.send({ ...message, visibleAt: dueAtOnce });
}
