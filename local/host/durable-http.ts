import { randomUUID } from "node:crypto";
import { isTrue, listEntities, purgeInstances, queryInstances } from "./durable-queries.ts";
import { durablePrefixes, managementUrls } from "./durable-urls.ts";
import { historyEvent } from "./history.ts";
import { type HostContext, sendNow } from "./host-context.ts";
import { type HttpAnswer, type HttpCall, jsonAnswer } from "./http-server.ts";
import { instanceStatus } from "./instance-status.ts";
import { createInstance, isFinished } from "./instances.ts";
import type { InstanceMessage } from "./messages.ts";
import { unknownFunction } from "./schedule-actions.ts";
import type { Instance } from "./store.ts";

const message = (status: number, text: string): HttpAnswer => jsonAnswer(status, { Message: text });

/** The Durable extension's HTTP API: one handler behind the public webhook and the worker's RPC prefix (HttpApiHandler.cs). */
export async function answerDurable(call: HttpCall, host: HostContext, hubName: string): Promise<HttpAnswer> {
  const prefix = durablePrefixes.find((it) => call.url.pathname.toLowerCase().startsWith(it)) ?? "";
  const [collection, ...rest] = call.url.pathname
    .slice(prefix.length)
    .split("/")
    .filter(Boolean)
    .map(decodeURIComponent);
  const { method } = call;
  const [first, second, third] = rest;
  if (collection === "orchestrators" && method === "POST" && first && rest.length <= 2) {
    return startInstance(call, host, hubName, first, second);
  }
  if (collection === "instances" && !first) {
    if (method === "GET") return queryInstances(call, host);
    if (method === "DELETE") return purgeInstances(call, host);
  }
  if (collection === "instances" && first)
    return answerInstance(call, host, { instanceId: first, operation: second, event: third });
  if (collection === "entities" && method === "GET") {
    return first && second !== undefined ? readEntity(host, entityId(first, second)) : listEntities(call, host, first);
  }
  if (collection === "entities" && first && second && (method === "POST" || method === "DELETE")) {
    return signalEntity(call, host, first, second);
  }
  return { status: 404 };
}

/** JSON text of a body: null when it is empty, undefined when it is not JSON. */
function jsonText(body: Buffer): string | null | undefined {
  const text = body.toString("utf8");
  if (text.trim() === "") return null;
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The id of an instance that runs answers 409, as the extension does; a finished one is overwritten, its default. */
function startInstance(
  call: HttpCall,
  host: HostContext,
  hubName: string,
  name: string,
  wantedId: string | undefined,
): HttpAnswer {
  const unknown = unknownFunction(host, "orchestrationTrigger", "orchestrator", name);
  if (unknown) return message(400, unknown);
  const input = jsonText(call.body);
  if (input === undefined) return message(400, "Invalid JSON content");
  const id = wantedId ?? randomUUID().replaceAll("-", "");
  if (id.startsWith("@")) return message(400, "Orchestration instance ids must not start with @.");
  const existing = host.store.instance(id);
  if (existing && !isFinished(existing)) {
    return message(409, `An Orchestration instance with the status ${existing.status} already exists: ${id}.`);
  }
  if (call.url.searchParams.has("timeout"))
    return message(501, "The local host does not wait for the end of an instance (timeout).");
  const version = call.url.searchParams.get("version") ?? undefined;
  host.commit(() => createInstance(host, { id, name, input: input ?? "null", version }));
  const payload = managementUrls(call.url.origin, hubName, id);
  return jsonAnswer(202, payload, { Location: payload.statusQueryGetUri ?? "", "Retry-After": "10" });
}

interface InstanceCall {
  instanceId: string;
  operation: string | undefined;
  event: string | undefined;
}

function answerInstance(call: HttpCall, host: HostContext, { instanceId, operation, event }: InstanceCall): HttpAnswer {
  const { method } = call;
  const instance = host.store.instance(instanceId);
  const wanted = operation?.toLowerCase();
  if (!wanted && method !== "GET" && method !== "DELETE") return { status: 404 };
  if (wanted && method !== "POST") return { status: 404 };
  if (!instance) return { status: 404 };
  if (!wanted) return method === "GET" ? readInstance(call, host, instance) : purgeInstance(host, instance);
  const reason = call.url.searchParams.get("reason") ?? "";
  switch (wanted) {
    case "raiseevent":
      return event ? raiseEvent(call, host, instance, event) : { status: 404 };
    case "terminate":
    case "suspend":
    case "resume":
      return sendTo(host, instance, { type: wanted, reason });
    case "rewind":
      // 410 is what the HTTP API is documented to answer; the newest source of the extension has 412.
      if (instance.status !== "Failed")
        return message(410, `Only failed instances can be rewound; this one is ${instance.status}.`);
      return message(501, "The local host does not support rewind; start the instance anew.");
    case "restart":
      return message(501, "The local host does not support restart; start the instance anew.");
    default:
      return { status: 404 };
  }
}

function readInstance(call: HttpCall, host: HostContext, instance: Instance): HttpAnswer {
  const query = call.url.searchParams;
  const document = instanceStatus(host, instance, {
    showInput: !query.has("showInput") || isTrue(query.get("showInput")),
    showHistory: isTrue(query.get("showHistory")),
    showHistoryOutput: isTrue(query.get("showHistoryOutput")),
  });
  if (!isFinished(instance)) return jsonAnswer(202, document, { Location: call.url.href, "Retry-After": "5" });
  const alarming = instance.status === "Failed" && isTrue(query.get("returnInternalServerErrorOnFailure"));
  return jsonAnswer(alarming ? 500 : 200, document);
}

/** 412 comes from the source of Azure's extension (HttpApiHandler.cs, HandleDeleteHistoryByIdRequestAsync). */
function purgeInstance(host: HostContext, instance: Instance): HttpAnswer {
  if (!isFinished(instance))
    return message(412, `Only finished instances can be purged; ${instance.id} is ${instance.status}.`);
  host.commit(() => host.store.deleteInstance(instance.id));
  return jsonAnswer(200, { instancesDeleted: 1 });
}

function sendTo(host: HostContext, instance: Instance, body: InstanceMessage): HttpAnswer {
  if (isFinished(instance)) return { status: 410 };
  host.commit(() => sendNow(host, { queue: "instance", target: instance.id, body }));
  return { status: 202 };
}

function raiseEvent(call: HttpCall, host: HostContext, instance: Instance, name: string): HttpAnswer {
  if (isFinished(instance)) return { status: 410 };
  if (!isJson(call)) return message(400, "Only application/json request content is supported");
  const input = jsonText(call.body);
  if (input === undefined) return message(400, "Invalid JSON content");
  const event = historyEvent("EventRaised", host.clock.now(), { Name: name, Input: input });
  return sendTo(host, instance, { type: "event", event });
}

function isJson(call: HttpCall): boolean {
  return /^application\/json\s*(;|$)/i.test(call.headers["content-type"] ?? "");
}

/** Entity names are case-insensitive, keys are not; `$` in a URL is the empty key. */
function entityId(name: string, key: string): string {
  return `@${name.toLowerCase()}@${key === "$" ? "" : key}`;
}

function readEntity(host: HostContext, id: string): HttpAnswer {
  const entity = host.store.entity(id);
  return entity ? jsonAnswer(200, JSON.parse(entity.state ?? "null")) : { status: 404 };
}

function signalEntity(call: HttpCall, host: HostContext, name: string, key: string): HttpAnswer {
  const unknown = unknownFunction(host, "entityTrigger", "entity", name);
  if (unknown) return message(400, unknown);
  const op = call.method === "DELETE" ? "delete" : (call.url.searchParams.get("op") ?? "");
  // What is not sent as JSON is a string, as in the extension.
  const input = isJson(call)
    ? jsonText(call.body)
    : call.body.length > 0
      ? JSON.stringify(call.body.toString("utf8"))
      : null;
  if (input === undefined) return message(400, "Could not parse JSON content");
  const body = { id: randomUUID(), op, ...(input === null ? {} : { input }) };
  host.commit(() => sendNow(host, { queue: "entity", target: entityId(name, key), body }));
  return { status: 202 };
}
