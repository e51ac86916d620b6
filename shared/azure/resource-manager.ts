import { armEndpoint, type Pipeline, sendOver } from "./arm-request.ts";
import type { Connection } from "./connection.ts";
import { openOnce } from "./opened.ts";
import { readAnswer, readOperation } from "./read-answer.ts";
import { requestUrl } from "./request-url.ts";
import type { AskService } from "./service-request.ts";

const clients = { network: openNetwork, apiManagement: openApiManagement };

/**
 * Raw JSON to Resource Manager over the pipelines of the SDK clients, one for each subscription: what lies in Microsoft.Network goes
 * over @azure/arm-network, all else over @azure/arm-apimanagement.
 */
export function createArmRequest(connection: () => Promise<Connection>): AskService {
  const opened = new Map<string, (attempt: string) => Promise<Pipeline>>();
  return async (request) => {
    const { attempt, path } = request;
    const url = requestUrl(attempt, path, armEndpoint);
    const { pathname } = new URL(url);
    const [, subscriptionId] =
      /^\/subscriptions\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\//i.exec(pathname) ?? [];
    if (subscriptionId === undefined) throw new TypeError(`${attempt}: its path names no subscription`);
    const kind = /\/providers\/Microsoft\.Network\//i.test(pathname) ? "network" : "apiManagement";
    const key = `${kind} ${subscriptionId.toLowerCase()}`;
    const open = opened.get(key) ?? openOnce(async () => clients[kind](await connection(), subscriptionId));
    opened.set(key, open);
    const raw = await sendOver(await open(attempt), { ...request, url });
    const answer = readAnswer(request, raw);
    const operation = answer.status === 404 ? undefined : readOperation(request, raw, armEndpoint);
    return { ...answer, ...(operation === undefined ? {} : { operation }) };
  };
}

async function openNetwork({ credential, httpClient }: Connection, subscriptionId: string): Promise<Pipeline> {
  const [{ NetworkManagementClient }, sdk] = await Promise.all([
    import("@azure/arm-network"),
    import("@azure/core-rest-pipeline"),
  ]);
  const { pipeline } = new NetworkManagementClient(credential, subscriptionId, { retryOptions: { maxRetries: 0 } });
  pipeline.removePolicy({ name: sdk.redirectPolicyName });
  // This generation of clients keeps its HTTP client to itself.
  return { sendRequest: pipeline.sendRequest.bind(pipeline, httpClient ?? sdk.createDefaultHttpClient()) };
}

async function openApiManagement({ credential, httpClient }: Connection, subscriptionId: string): Promise<Pipeline> {
  const [{ ApiManagementClient }, sdk] = await Promise.all([
    import("@azure/arm-apimanagement"),
    import("@azure/core-rest-pipeline"),
  ]);
  const client = new ApiManagementClient(credential, subscriptionId, {
    retryOptions: { maxRetries: 0 },
    ...(httpClient ? { httpClient } : {}),
  });
  client.pipeline.removePolicy({ name: sdk.redirectPolicyName });
  return client;
}
