import { EventHubDelivery } from "../event-hub-delivery.ts";
import { type EventHubBinding, type EventHubInput, inputsOf, isFor, readEventHubBinding } from "./event-hub-binding.ts";
import { AppNotLoadable, type RegisteredFunction } from "./functions-core.ts";
import { findFunction, type HostContext } from "./host-context.ts";
import { type HttpAnswer, type HttpCall, jsonAnswer } from "./http-server.ts";
import { invokeFunction } from "./invoke-function.ts";

export interface EventHubTriggers {
  /** Answers 200 when the batch may be checkpointed, and anything else when it must come again. */
  answer(call: HttpCall): Promise<HttpAnswer>;
  close(late: Promise<void>): Promise<void>;
}

interface Run {
  lost: AbortController;
  over: Promise<unknown>;
}

/**
 * Event Hub triggers, with the rules of EventHubListener.PartitionProcessor.cs: the batches of one partition run one after another; a
 * batch is checkpointed after the function ended, well or badly, and not before its retry policy is through; and it is not
 * checkpointed when the host stops or the partition was taken over meanwhile. Fetching, load balancing and batch sizes are the hub's here.
 */
export function createEventHubTriggers(host: HostContext, random: () => number = Math.random): EventHubTriggers {
  const bindings = new Map(
    host.functions.filter((fn) => fn.trigger.type === "eventHubTrigger").map((fn) => [fn.name, bindingOf(fn)]),
  );
  const runs = new Map<string, Run>();
  let closed = false;

  /** Whether the partition may move on. */
  async function run(fn: RegisteredFunction, inputs: readonly EventHubInput[], lost: AbortSignal): Promise<boolean> {
    for (const input of inputs) {
      if (lost.aborted) return false;
      await invoke(fn, input, lost);
    }
    return !lost.aborted;
  }

  async function invoke(
    fn: RegisteredFunction,
    { data, triggerMetadata }: EventHubInput,
    lost: AbortSignal,
  ): Promise<void> {
    const { log, clientBinding, clock } = host;
    const { retry: policy } = fn;
    const maxRetryCount = policy?.maxRetryCount ?? 0;
    for (let retryCount = 0; !lost.aborted; retryCount++) {
      const retryContext = policy && retryCount > 0 ? { retryCount, maxRetryCount } : undefined;
      try {
        await invokeFunction(fn, data, { log, clientBinding, triggerMetadata, retryContext });
        return;
      } catch (error) {
        const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
        log({ level: "error", category: `Function.${fn.name}`, message });
      }
      if (!policy || (maxRetryCount !== -1 && retryCount >= maxRetryCount)) {
        log({
          level: "error",
          category: `Function.${fn.name}`,
          message: `given up after ${retryCount} retries; the partition moves on, and what was in the batch is not seen again`,
        });
        return;
      }
      await clock.sleep(policy.delayMs(retryCount + 1, random), lost);
    }
  }

  /** A batch that comes while another of its partition runs means that its sender is a new one: the older run has lost the partition. */
  async function takeOver(key: string, work: (lost: AbortSignal) => Promise<boolean>): Promise<boolean> {
    const before = runs.get(key);
    before?.lost.abort();
    const lost = new AbortController();
    const result = Promise.resolve(before?.over).then(() => work(lost.signal));
    const mine: Run = { lost, over: result.catch(() => undefined) };
    runs.set(key, mine);
    try {
      return await result;
    } finally {
      if (runs.get(key) === mine) runs.delete(key);
    }
  }

  return {
    async answer(call) {
      const name = call.url.searchParams.get("functionName") ?? "";
      const fn = findFunction(host, "eventHubTrigger", name);
      const binding = fn && bindings.get(fn.name);
      if (!fn || !binding) return { status: 404, body: `cannot find function: '${name}'` };
      if (call.method !== "POST") return { status: 405, headers: { allow: "POST" } };
      const delivery = parse(call.body);
      if (typeof delivery === "string") return { status: 400, body: delivery };
      if (!isFor(delivery, binding)) {
        const { fullyQualifiedNamespace, eventHubName, consumerGroup } = binding;
        return {
          status: 409,
          body: `${fn.name} listens to ${fullyQualifiedNamespace}/${eventHubName} as ${consumerGroup}, not to what this comes from.`,
        };
      }
      if (closed) return { status: 503 };
      const inputs = inputsOf(delivery, binding);
      const done = await takeOver(`${fn.name} ${delivery.partitionId}`, (lost) => run(fn, inputs, lost));
      return done ? jsonAnswer(200, { checkpoint: true }) : { status: 503 };
    },
    async close(late) {
      closed = true;
      for (const { lost } of runs.values()) lost.abort();
      await Promise.race([Promise.all([...runs.values()].map(({ over }) => over)), late]);
    },
  };
}

function bindingOf(fn: RegisteredFunction): EventHubBinding {
  try {
    return readEventHubBinding(fn, process.env);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause;
    throw new AppNotLoadable(
      `Event Hub function "${fn.name}" cannot run: ${why} Set it, or AzureWebJobs.${fn.name}.Disabled to true.`,
      { cause },
    );
  }
}

function parse(body: Buffer): EventHubDelivery | string {
  try {
    const delivery = EventHubDelivery.safeParse(JSON.parse(body.toString("utf8")));
    return delivery.success ? delivery.data : `The body is not a delivery: ${delivery.error.message}`;
  } catch (error) {
    return `The body is not JSON: ${error instanceof Error ? error.message : error}`;
  }
}
