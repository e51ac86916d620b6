import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Log, RegisteredFunction, TypedData } from "./functions-core.ts";

const ReturnValue = z.looseObject({
  json: z.string().optional(),
  string: z.string().optional(),
  int: z.number().optional(),
  double: z.number().optional(),
  bytes: z.instanceof(Uint8Array).optional(),
  http: z.unknown().optional(),
});
export type ReturnValue = z.infer<typeof ReturnValue>;

const Response = z.looseObject({ returnValue: ReturnValue.nullish() });

export interface InvocationOptions {
  log: Log;
  /** Value of every durableClient input binding, as JSON. */
  clientBinding: string;
  triggerMetadata?: Record<string, TypedData>;
  /** Given from the first retry of a retry policy on. */
  retryContext?: { retryCount: number; maxRetryCount: number } | undefined;
  /** Wraps the call of the handler itself; what is synchronous in the handler happens inside. */
  around?: <T>(call: () => T) => T;
}

export interface InvocationResult {
  returnValue: ReturnValue | undefined;
  /** The InvocationContext the handler saw. */
  context: unknown;
}

/** One invocation, driven through the programming model of the real package as the Functions worker drives it. */
export async function invokeFunction(
  fn: RegisteredFunction,
  data: TypedData,
  options: InvocationOptions,
): Promise<InvocationResult> {
  const invocationId = randomUUID();
  const inputData = Object.entries(fn.bindings)
    .filter(([, binding]) => binding.direction === "in")
    .map(([name, binding]) => ({
      name,
      data: binding.type === "durableClient" ? { string: options.clientBinding } : data,
    }));
  const model = fn.model.getInvocationModel({
    invocationId,
    metadata: fn.metadata,
    request: {
      inputData,
      triggerMetadata: options.triggerMetadata ?? {},
      retryContext: options.retryContext,
      traceContext: undefined,
    },
    log: (level: string, category: string, message: string) =>
      options.log({
        level,
        category: category === "user" ? `Function.${fn.name}.User` : `Function.${fn.name}`,
        message,
      }),
  });
  const { context, inputs } = await model.getArguments();
  const call = () => model.invokeFunction(context, inputs, fn.callback);
  const result = await (options.around ? options.around(call) : call());
  const response = Response.parse(await model.getResponse(context, result));
  return { returnValue: response.returnValue ?? undefined, context };
}

const suppliedInputs = ["durableClient"];
const supportedTriggers = [
  "httpTrigger",
  "eventGridTrigger",
  "eventHubTrigger",
  "timerTrigger",
  "orchestrationTrigger",
  "activityTrigger",
  "entityTrigger",
];

/** What of a function's bindings this host cannot serve; undefined when all is well. */
export function unsupportedBinding(fn: RegisteredFunction): string | undefined {
  if (!supportedTriggers.includes(fn.trigger.type)) return `trigger "${fn.trigger.type}" of function "${fn.name}"`;
  for (const [name, binding] of Object.entries(fn.bindings)) {
    if (name === fn.trigger.name) continue;
    const served =
      binding.direction === "in" ? suppliedInputs.includes(binding.type) : isHttpReturn(fn, name, binding.type);
    if (!served) return `${binding.direction}put binding "${binding.type}" of function "${fn.name}"`;
  }
  return undefined;
}

function isHttpReturn(fn: RegisteredFunction, name: string, type: string): boolean {
  return name === "$return" && type.toLowerCase() === "http" && fn.trigger.type === "httpTrigger";
}

/** JSON text of what a handler returned; nothing returned is null, as in Azure. */
export function returnedJson(value: ReturnValue | undefined): string {
  if (!value) return "null";
  if (value.json !== undefined) return value.json;
  if (value.string !== undefined) return JSON.stringify(value.string);
  if (value.int !== undefined) return String(value.int);
  if (value.double !== undefined) return String(value.double);
  throw new Error("The local host does not carry binary return values; return JSON.");
}
