import * as z from "zod";
import { type GraphTenant, openGraphTenant } from "../../../support/a-graph-tenant.ts";

const Body = z.looseObject({
  error: z.looseObject({ code: z.string(), message: z.string() }).optional(),
});

interface GraphAnswer {
  status: number;
  headers: Headers;
  /** Undefined where the answer has none. */
  body: z.infer<typeof Body> | undefined;
}

export interface OpenGraph extends GraphTenant {
  /** As an application with the permissions that the tenant's state says, and a fresh token. */
  ask(request: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<GraphAnswer>;
  /** Status and, of an error, its code. */
  told(request: string, body?: unknown): Promise<string>;
}

/** The simulated Microsoft Graph over HTTP: `ask("PATCH /users/6ea9…", { accountEnabled: false })`. */
export async function openGraph(start?: string): Promise<OpenGraph> {
  const tenant = await openGraphTenant(start);
  const { credential } = await tenant.connection();

  async function ask(request: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
    const [method = "", address = ""] = request.split(/ (.*)/);
    const token = await credential.getToken("https://graph.microsoft.com/.default");
    const path = address.replace("https://graph.microsoft.com/v1.0", "");
    const response = await fetch(`${tenant.azure.url}/graph.microsoft.com/v1.0${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token?.token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : Body.parse(JSON.parse(text)),
    };
  }

  return {
    ...tenant,
    ask,
    async told(request, body) {
      const answer = await ask(request, body);
      return [answer.status, answer.body?.error?.code].filter(Boolean).join(" ");
    },
  };
}
