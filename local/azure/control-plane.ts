import type { HttpBindings } from "@hono/node-server";
import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import { type Context, Hono } from "hono";
import type { Clock } from "../../shared/clock.ts";
import type { FaultSwitchboard, Strike } from "./faults.ts";
import type { Identity } from "./identity.ts";
import type { RecordedCall } from "./recorded-call.ts";
import { refusal } from "./resource-manager/refusals.ts";
import type { ResourceManager } from "./resource-manager/resource-manager.ts";
import type { SimulatedHost } from "./simulated-host.ts";

/** Operation ids of what is not in ARM's specification, for faults and for the record. */
export const otherOperations = ["ManagedIdentity_GetToken", "EventGrid_Publish"];

export interface ControlPlaneOptions {
  clock: Clock;
  faults: FaultSwitchboard;
  calls: RecordedCall[];
  identity: Identity;
  resourceManager: ResourceManager;
  /** Takes requests for `<topic>.<region>-1.eventgrid.azure.net`, the host being the first segment of the path. */
  eventGrid: Hono | undefined;
  hosts: readonly SimulatedHost[];
  closing: AbortSignal;
}

/** Far more than a test or the bench makes; a simulator that serves for days forgets the oldest. */
const rememberCalls = 50_000;

type Call = Context<{ Bindings: HttpBindings }>;

interface Exchange {
  host: string;
  path: string;
  operationId: string;
  permissions?: readonly string[];
  answer(strike: Strike): Promise<Response>;
}

/** One listener for every control-plane host: the first segment of the path is the production host name. */
export function createControlPlane(options: ControlPlaneOptions): Hono<{ Bindings: HttpBindings }> {
  const { clock, faults, calls, closing } = options;
  const app = new Hono<{ Bindings: HttpBindings }>();

  app.all("*", async (context) => {
    const exchange = exchangeFor(context, options);
    const at = clock.now();
    const strike = faults.strike(exchange.operationId);
    if (strike.delayMs > 0) await clock.sleep(strike.delayMs, closing);
    const response = strike.drop === "before" ? undefined : await exchange.answer(strike);

    const { host, path, operationId, permissions = [] } = exchange;
    const ifMatch = context.req.header("if-match");
    const dropped = response === undefined || strike.drop !== undefined;
    calls.push({
      at,
      method: context.req.method,
      host,
      path,
      operationId,
      permissions,
      status: dropped ? "dropped" : response.status,
      ...(ifMatch === undefined ? {} : { ifMatch }),
    });
    if (calls.length > rememberCalls) calls.shift();
    if (!dropped) return response;
    context.env.incoming.socket.destroy();
    return RESPONSE_ALREADY_SENT;
  });

  app.onError((error, context) => {
    console.error(`simulated Azure: ${context.req.method} ${context.req.url} failed`, error);
    return context.json(
      { error: { code: "SimulatorFailed", message: `The simulated Azure itself failed: ${error.message}` } },
      500,
    );
  });
  return app;
}

function exchangeFor(context: Call, options: ControlPlaneOptions): Exchange {
  const url = new URL(context.req.url);
  const [, host = "", ...rest] = url.pathname.split("/");
  const path = `/${rest.join("/")}${url.search}`;
  const header = (name: string) => context.req.header(name);

  if (url.pathname === "/msi/token") {
    const answer = async (strike: Strike) => {
      if (strike.refuse !== undefined) return errorResponse(strike.refuse);
      const { status, body } = options.identity.answerTokenRequest({ url, header });
      return Response.json(body, { status });
    };
    return { host: "msi", path: `/token${url.search}`, operationId: "ManagedIdentity_GetToken", answer };
  }
  if (host.toLowerCase() === "management.azure.com") return managementExchange(context, path, options.resourceManager);
  if (host.toLowerCase().endsWith(".eventgrid.azure.net") && options.eventGrid !== undefined) {
    const { eventGrid } = options;
    const answer = async (strike: Strike) =>
      strike.refuse === undefined ? eventGrid.fetch(context.req.raw, context.env) : errorResponse(strike.refuse);
    return { host, path, operationId: "EventGrid_Publish", answer };
  }
  const service = options.hosts.find(({ serves }) => serves(host.toLowerCase()));
  if (service) return hostExchange(context, host.toLowerCase(), path, service);
  const message = `The simulated Azure has no host '${host}'. The first segment of the path is the production host, such as /management.azure.com/subscriptions/….`;
  const answer = async () => Response.json({ error: { code: "HostNotSimulated", message } }, { status: 404 });
  return { host, path, operationId: "unknown host", answer };
}

function managementExchange(context: Call, path: string, resourceManager: ResourceManager): Exchange {
  const { method } = context.req;
  const url = new URL(`https://management.azure.com${path}`);
  return {
    host: url.host,
    path,
    operationId: resourceManager.operationOf(method, url) ?? "not simulated",
    permissions: resourceManager.permissionsOf(method, url),
    answer: async (strike) => {
      const text = await context.req.text();
      const request = { method, url, header: (name: string) => context.req.header(name), text };
      const { status, headers = {}, body } = resourceManager.answer(request, strike);
      const empty = body === undefined || method === "HEAD";
      return empty ? new Response(null, { status, headers }) : Response.json(body, { status, headers });
    },
  };
}

function hostExchange(context: Call, host: string, path: string, service: SimulatedHost): Exchange {
  const { method } = context.req;
  const url = new URL(`https://${host}${path}`);
  return {
    host,
    path,
    operationId: service.operationOf(method, url) ?? "not simulated",
    permissions: service.permissionsOf?.(method, url) ?? [],
    answer: async (strike) => {
      const text = await context.req.text();
      const header = (name: string) => context.req.header(name);
      const { status, headers = {}, body } = await service.answer({ method, url, header, text }, strike);
      return body === undefined ? new Response(null, { status, headers }) : Response.json(body, { status, headers });
    },
  };
}

function errorResponse(refuse: NonNullable<Strike["refuse"]>): Response {
  const error = refusal(refuse);
  return Response.json(error.body(), { status: error.status, headers: error.headers });
}
