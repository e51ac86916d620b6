import type { HttpClient, HttpMethods } from "@azure/core-rest-pipeline";
import type { TokenCredential } from "@azure/identity";
import type { Context, Middleware } from "@microsoft/microsoft-graph-client";
import { callTimeoutMs } from "./arm-request.ts";
import { AzureError } from "./azure-error.ts";
import type { Service } from "./service-request.ts";

type GraphClient = typeof import("@microsoft/microsoft-graph-client");

/** The client makes an error of its own of whatever is thrown, and forgets the code by which one knows that nothing was sent; not so of this. */
export function keepFault({ GraphClientError }: Pick<GraphClient, "GraphClientError">): Middleware {
  let next: Middleware | undefined;
  return {
    setNext: (middleware) => {
      next = middleware;
    },
    async execute(context) {
      try {
        await next?.execute(context);
      } catch (error) {
        throw Object.assign(new GraphClientError("no answer"), { customError: error });
      }
    },
  };
}

/**
 * Puts the token on, for the service's own address only. The client's own handler goes by the URL too, but sends without a token what
 * it does not know, and does not answer a claims challenge of continuous access evaluation (measured with 3.0.7).
 */
export function bearer(credential: TokenCredential, service: Service): Middleware {
  let next: Middleware | undefined;

  async function sendWith(context: Context, claims?: string): Promise<void> {
    const { origin } = new URL(typeof context.request === "string" ? context.request : context.request.url);
    if (origin !== service.origin) throw new Error(`no token for ${service.origin} is sent to ${origin}`);
    const challenge = claims === undefined ? {} : { claims };
    const token = await credential.getToken(service.scope, { enableCae: true, ...challenge });
    if (!token) {
      const fault = { status: 0, code: "NoToken", message: "the identity has none" };
      throw new AzureError(`get a token for ${service.scope}`, fault);
    }
    context.options = {
      ...context.options,
      headers: { ...headersOf(context), authorization: `Bearer ${token.token}` },
    };
    await next?.execute(context);
  }

  return {
    setNext: (middleware) => {
      next = middleware;
    },
    async execute(context) {
      await sendWith(context);
      const claims = context.response?.status === 401 ? challengedClaims(context.response) : undefined;
      if (claims !== undefined) await sendWith(context, claims);
    },
  };
}

/** Sends over the client that the simulated Azure needs, once: it follows no redirect and tries nothing again. */
export function transport(
  client: HttpClient,
  { createPipelineRequest, createHttpHeaders }: typeof import("@azure/core-rest-pipeline"),
): Middleware {
  return {
    async execute(context) {
      const { method, body } = context.options ?? {};
      const request = createPipelineRequest({
        url: typeof context.request === "string" ? context.request : context.request.url,
        method: methodOf(method),
        headers: createHttpHeaders({ ...headersOf(context), "accept-encoding": "gzip, deflate" }),
        timeout: callTimeoutMs,
        ...(typeof body === "string" ? { body } : {}),
      });
      const { status, headers, bodyAsText } = await client.sendRequest(request);
      context.response = new Response(bodyAsText || null, { status, headers: headers.toJSON() });
    },
  };
}

/** https://learn.microsoft.com/entra/identity-platform/claims-challenge */
function challengedClaims({ headers }: Response): string | undefined {
  const challenge = headers.get("www-authenticate") ?? "";
  const [, encoded] = /\bclaims="([A-Za-z0-9+/_-]+=*)"/.exec(challenge) ?? [];
  if (encoded === undefined || !challenge.includes("insufficient_claims")) return undefined;
  return Buffer.from(encoded, "base64").toString("utf8");
}

function headersOf({ options }: Context): Record<string, string> {
  return Object.fromEntries(new Headers(options?.headers).entries());
}

function methodOf(method: string | undefined): HttpMethods {
  switch (method) {
    case "GET":
    case "POST":
    case "PUT":
    case "PATCH":
    case "DELETE":
      return method;
    default:
      throw new TypeError(`nothing is sent with the method ${method}`);
  }
}
