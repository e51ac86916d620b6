import { sendOver } from "./arm-request.ts";
import type { AzureAnswer, AzureRequest } from "./ask.ts";
import type { Connection } from "./connection.ts";
import { openOnce } from "./opened.ts";
import { readAnswer } from "./read-answer.ts";
import { requestUrl } from "./request-url.ts";

/** A request to a service that is settled already. Its path may be a whole address of that service, as links to a next page are. */
export type ServiceRequest = Omit<AzureRequest, "service">;

/** Answers 404 to a GET as a status; throws {@link AzureError} for every other failure. */
export type AskService = (request: ServiceRequest) => Promise<AzureAnswer>;

export interface Service {
  /** `https://HOST`, without a path. */
  origin: string;
  /** What the token is for; of Defender's services it is not the host's own name. */
  scope: string;
}

/** Requests as raw JSON to a service that has no SDK. Nothing is tried twice here: waiting is the caller's. */
export function createServiceRequest(connection: () => Promise<Connection>, { origin, scope }: Service): AskService {
  const open = openOnce(async () => {
    const sdk = await import("@azure/core-rest-pipeline");
    const { credential, httpClient = sdk.createDefaultHttpClient() } = await connection();
    const pipeline = sdk.createPipelineFromOptions({ retryOptions: { maxRetries: 0 } });
    // The token goes to the service and to nobody it points to.
    pipeline.removePolicy({ name: sdk.redirectPolicyName });
    pipeline.addPolicy(sdk.bearerTokenAuthenticationPolicy({ credential, scopes: scope }));
    return { sendRequest: pipeline.sendRequest.bind(pipeline, httpClient) };
  });
  return async (request) => {
    const url = requestUrl(request.attempt, request.path, origin);
    return readAnswer(request, await sendOver(await open(request.attempt), { ...request, url }));
  };
}
