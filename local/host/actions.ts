import * as z from "zod";

/** What an orchestrator uses and this host does not offer. Its message is what the failed instance shows. */
export class NotSupportedLocally extends Error {
  override name = "NotSupportedLocally";
  constructor(what: string) {
    super(
      `The local host does not support ${what}; run this with Azure Functions Core Tools (func start) or in Azure.`,
    );
  }
}

const RetryOptions = z.object({
  firstRetryIntervalInMilliseconds: z.number(),
  maxNumberOfAttempts: z.number(),
  backoffCoefficient: z.number().default(1),
  maxRetryIntervalInMilliseconds: z.number().default(Number.POSITIVE_INFINITY),
  retryTimeoutInMilliseconds: z.unknown().optional(),
});
export type RetryOptions = z.infer<typeof RetryOptions>;

const Call = { functionName: z.string(), input: z.unknown().optional() };
const SubOrchestration = { ...Call, instanceId: z.string().nullish(), version: z.string().nullish() };
const Operation = { instanceId: z.string(), operation: z.string(), input: z.unknown().optional() };

const SimpleAction = z.discriminatedUnion("actionType", [
  z.object({ actionType: z.literal(0), ...Call }),
  z.object({ actionType: z.literal(1), ...Call, retryOptions: RetryOptions }),
  z.object({ actionType: z.literal(2), ...SubOrchestration }),
  z.object({ actionType: z.literal(3), ...SubOrchestration, retryOptions: RetryOptions }),
  z.object({ actionType: z.literal(4), input: z.unknown().optional() }),
  z.object({ actionType: z.literal(5), fireAt: z.iso.datetime(), isCanceled: z.boolean().default(false) }),
  z.object({ actionType: z.literal(6), externalEventName: z.string() }),
  z.object({ actionType: z.literal(7), ...Operation }),
  z.object({ actionType: z.literal(9), ...Operation }),
  z.object({ actionType: z.literal(10), ...Operation, fireAt: z.iso.datetime() }),
]);
type SimpleAction = z.infer<typeof SimpleAction>;
type CompoundAction = { actionType: 11 | 12; compoundActions: Action[] };
export type Action = SimpleAction | CompoundAction;

const AnyAction = z.looseObject({ actionType: z.number(), compoundActions: z.array(z.unknown()).optional() });

const unsupported: Record<number, string> = {
  8: "callHttp (action type 8)",
  13: "entity locks, context.df.lock (action type 13)",
  14: "entity locks, DurableLock.release (action type 14)",
};

export function parseAction(raw: unknown): Action {
  const { actionType, compoundActions } = AnyAction.parse(raw);
  if (actionType === 11 || actionType === 12) {
    return { actionType, compoundActions: (compoundActions ?? []).map(parseAction) };
  }
  const parsed = SimpleAction.safeParse(raw);
  if (parsed.success) {
    const action = parsed.data;
    // The extension stops retrying then without the timer that the worker waits for: such an instance would hang in Azure.
    if ("retryOptions" in action && action.retryOptions.retryTimeoutInMilliseconds !== undefined) {
      throw new NotSupportedLocally("retryTimeoutInMilliseconds in RetryOptions");
    }
    return action;
  }
  throw new NotSupportedLocally(
    unsupported[actionType] ?? `action type ${actionType} as it was sent: ${parsed.error.message}`,
  );
}

/** A short text for messages: `callActivity "x"`, `createTimer`. */
export function describeAction(action: Action): string {
  switch (action.actionType) {
    case 0:
    case 1:
      return `callActivity "${action.functionName}"`;
    case 2:
    case 3:
      return `callSubOrchestrator "${action.functionName}"`;
    case 4:
      return "continueAsNew";
    case 5:
      return `createTimer(${action.fireAt})`;
    case 6:
      return `waitForExternalEvent "${action.externalEventName}"`;
    case 7:
      return `callEntity ${action.instanceId} "${action.operation}"`;
    case 9:
    case 10:
      return `signalEntity ${action.instanceId} "${action.operation}"`;
    case 11:
    case 12: {
      const children = action.compoundActions.map(describeAction).join(", ");
      return `Task.${action.actionType === 11 ? "any" : "all"}[${children}]`;
    }
  }
}

const OrchestratorState = z.looseObject({
  isDone: z.boolean(),
  actions: z.array(z.array(z.unknown())),
  output: z.unknown().optional(),
  customStatus: z.unknown().optional(),
  error: z.string().optional(),
});
export type OrchestratorState = z.infer<typeof OrchestratorState>;

export function parseOrchestratorState(json: string): OrchestratorState {
  return OrchestratorState.parse(JSON.parse(json));
}
