import * as z from "zod";
import { historyEvent } from "./history.ts";
import { findFunction, type HostContext, sendNow } from "./host-context.ts";
import { invokeFunction, returnedJson } from "./invoke-function.ts";
import { EntityMessage } from "./messages.ts";
import { entityKey, entityName, unknownFunction } from "./schedule-actions.ts";

const EntityAnswer = z.looseObject({
  entityExists: z.boolean(),
  entityState: z.string().optional(),
  results: z.array(z.looseObject({ isError: z.boolean(), result: z.string().optional() })),
  signals: z.array(
    z.looseObject({
      target: z.object({ name: z.string(), key: z.string() }),
      name: z.string(),
      input: z.string().optional(),
    }),
  ),
});
type EntityAnswer = z.infer<typeof EntityAnswer>;

/**
 * The operations that wait for one entity, in one invocation, up to the batch size of host.json; its state, answers and
 * signals in one transaction, which also asks for the next invocation when more wait.
 */
export async function runEntity(host: HostContext, entityId: string): Promise<void> {
  const limit = host.maxEntityOperationBatchSize;
  const found = host.store.visible("entity", entityId, host.clock.now().getTime(), limit + 1);
  const waiting = found.slice(0, limit);
  const next = found[limit];
  if (waiting.length === 0) return;
  const operations = waiting.map(({ body }) => EntityMessage.parse(body));
  const answer = await invoke(host, entityId, operations);

  host.commit(() => {
    for (const { number } of waiting) host.store.remove(number);
    if (next) host.store.handAgain(next);
    if (typeof answer !== "string") keepState(host, entityId, answer);
    operations.forEach((operation, index) => {
      reply(
        host,
        entityId,
        operation,
        typeof answer === "string" ? { isError: true, result: answer } : answer.results[index],
      );
    });
  });
}

/** The entity's answer, or why there is none. */
async function invoke(
  host: HostContext,
  entityId: string,
  operations: readonly EntityMessage[],
): Promise<EntityAnswer | string> {
  const [name, key] = [entityName(entityId), entityKey(entityId)];
  const fn = findFunction(host, "entityTrigger", name);
  if (!fn) return unknownFunction(host, "entityTrigger", "entity", name) ?? "";
  const stored = host.store.entity(entityId);
  const trigger = {
    self: { name, key },
    exists: stored !== undefined,
    ...(stored?.state ? { state: stored.state } : {}),
    batch: operations.map(({ id, op, input, caller }) => ({ id, name: op, input, isSignal: !caller })),
  };
  try {
    const options = { log: host.log, clientBinding: host.clientBinding };
    const { returnValue } = await invokeFunction(fn, { json: JSON.stringify(trigger) }, options);
    const answer = EntityAnswer.parse(JSON.parse(returnedJson(returnValue)));
    const refused = answer.signals
      .map((signal) => unknownFunction(host, "entityTrigger", "entity", signal.target.name))
      .find(Boolean);
    return refused ?? answer;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function keepState(host: HostContext, entityId: string, answer: EntityAnswer): void {
  const now = host.clock.now().getTime();
  if (answer.entityExists) host.store.putEntity(entityId, answer.entityState ?? null, now);
  else host.store.deleteEntity(entityId);
  answer.signals.forEach((signal, index) => {
    // Entity names are case-insensitive, keys are not.
    const target = `@${signal.target.name.toLowerCase()}@${signal.target.key}`;
    const body = {
      id: `${entityId}-${now}-${index}`,
      op: signal.name,
      ...(signal.input ? { input: signal.input } : {}),
    };
    sendNow(host, { queue: "entity", target, body });
  });
}

/** An answer is an EventRaised named by the request's id; the worker makes an Error of one with an exceptionType. */
function reply(
  host: HostContext,
  entityId: string,
  { id, op, caller }: EntityMessage,
  result: { isError: boolean; result?: string | undefined } | undefined,
): void {
  const failed = !result || result.isError;
  const text = `Operation '${op}' of entity ${entityId} failed: ${result?.result ?? "it gave no result"}`;
  if (failed) host.log({ level: "error", category: "Host.Durable", message: text });
  if (!caller) return;
  const answer = failed
    ? { result: JSON.stringify(text), exceptionType: "OperationErrorException" }
    : { result: result.result };
  const event = historyEvent("EventRaised", host.clock.now(), { Name: id, Input: JSON.stringify(answer) });
  const { instanceId: target, execution } = caller;
  sendNow(host, { queue: "instance", target, execution, body: { type: "event", event } });
}
