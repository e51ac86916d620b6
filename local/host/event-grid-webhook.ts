import * as z from "zod";
import { findFunction, type HostContext } from "./host-context.ts";
import { type HttpAnswer, type HttpCall, jsonAnswer } from "./http-server.ts";
import { invokeFunction } from "./invoke-function.ts";

const ValidationData = z.looseObject({ validationCode: z.string() });
const ValidationEvent = z.looseObject({
  // In a CloudEvent the data is JSON inside a string (HttpRequestProcessor.cs).
  data: z.union([ValidationData, z.string().transform(parseJson).pipe(ValidationData)]),
});
const Events = z.union([z.array(z.looseObject({})), z.looseObject({}).transform((event) => [event])]);

/** `/runtime/webhooks/EventGrid?functionName=X`, with the handshakes and the status rules of the Event Grid extension. */
export async function answerEventGrid(call: HttpCall, host: HostContext): Promise<HttpAnswer> {
  const name = call.url.searchParams.get("functionName") ?? "";
  const fn = findFunction(host, "eventGridTrigger", name);
  if (!fn) return { status: 404, body: `cannot find function: '${name}'` };
  if (call.method === "OPTIONS") return allowOrigin(call);
  if (call.method !== "POST") return { status: 404 };

  const kind = call.headers["aeg-event-type"]?.toLowerCase();
  if (kind === "unsubscribe") return { status: 202 };
  if (kind !== "subscriptionvalidation" && kind !== "notification") {
    return {
      status: 400,
      body: `aeg-event-type "${call.headers["aeg-event-type"] ?? ""}" is not one this endpoint takes.`,
    };
  }
  const events = parseEvents(call.body);
  if (typeof events === "string") return { status: 400, body: events };
  if (kind === "subscriptionvalidation") {
    const validation = ValidationEvent.safeParse(events[0]);
    if (!validation.success) return { status: 400, body: "The validation event has no data.validationCode." };
    return jsonAnswer(200, { validationResponse: validation.data.data.validationCode });
  }

  // One invocation an event, all at once; one failure makes Event Grid send the whole delivery again.
  const outcomes = await Promise.allSettled(
    events.map((event) =>
      invokeFunction(fn, { json: JSON.stringify(event) }, { log: host.log, clientBinding: host.clientBinding }),
    ),
  );
  const failures = outcomes.filter((outcome) => outcome.status === "rejected");
  for (const { reason } of failures) {
    const message = reason instanceof Error ? (reason.stack ?? reason.message) : String(reason);
    host.log({ level: "error", category: `Function.${fn.name}`, message });
  }
  return { status: failures.length > 0 ? 500 : 202 };
}

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: "custom", message: "data is not JSON" });
    return z.NEVER;
  }
}

/** CloudEvents abuse protection: Event Grid asks whether it may deliver before it does. */
function allowOrigin(call: HttpCall): HttpAnswer {
  const origin = call.headers["webhook-request-origin"];
  if (!origin) return { status: 400, body: "The handshake needs the header WebHook-Request-Origin." };
  return { status: 200, headers: { "WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*" } };
}

function parseEvents(body: Buffer): Record<string, unknown>[] | string {
  try {
    const events = Events.safeParse(JSON.parse(body.toString("utf8")));
    return events.success ? events.data : "The body must be an event or an array of events.";
  } catch (error) {
    return `The body is not JSON: ${error instanceof Error ? error.message : error}`;
  }
}
