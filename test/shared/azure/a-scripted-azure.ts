import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { HttpClient, PipelineRequest } from "@azure/core-rest-pipeline";
import type { Ask } from "../../../shared/azure/ask.ts";
import { createAsk } from "../../../shared/azure/create-ask.ts";
import { createRewritingHttpClient } from "../../../shared/azure/rewriting-http-client.ts";

interface Received {
  method: string;
  /** Begins with the host that was meant. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** All of Azure's hosts in one server on this machine that answers as it is told, and the product's way to it. */
export interface ScriptedAzure {
  ask: Ask;
  /** The same way, to a machine on which nobody listens. */
  nowhere: Ask;
  received: Received[];
  /** What the clients gave to HTTP. */
  sent: PipelineRequest[];
  answerWith(status: number, body?: string, headers?: Record<string, string>): void;
  /** Cuts every connection instead of answering. */
  fallSilent(): void;
  forget(): void;
  close(): void;
}

export async function openScriptedAzure(): Promise<ScriptedAzure> {
  const received: Received[] = [];
  const sent: PipelineRequest[] = [];
  let answer: (response: ServerResponse) => void = (response) => response.destroy();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url: path = "", headers } = request;
      received.push({ method, path, headers, body: Buffer.concat(chunks).toString() });
      answer(response);
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  return {
    ask: anAsk(createRewritingHttpClient(`http://127.0.0.1:${port}`), sent),
    nowhere: anAsk(createRewritingHttpClient("http://127.0.0.1:1"), sent),
    received,
    sent,
    answerWith(status, body = "", headers = {}) {
      answer = (response) => {
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(body);
      };
    },
    fallSilent() {
      answer = (response) => response.destroy();
    },
    forget() {
      received.length = 0;
      sent.length = 0;
    },
    close: () => void server.close(),
  };
}

/** The token names the identity and what it is for. */
function anAsk(http: HttpClient, sent: PipelineRequest[]): Ask {
  const httpClient: HttpClient = {
    sendRequest: (request) => {
      sent.push(request);
      return http.sendRequest(request);
    },
  };
  const as = (identity: string) => async () => ({
    credential: {
      getToken: async (scopes: string | string[]) => ({
        token: `${identity}${[scopes].flat().join()}`,
        expiresOnTimestamp: Date.now() + 3_600_000,
      }),
    },
    httpClient,
  });
  return createAsk(as(""), {
    cloudAppsUrl: "https://contoso.eu2.portal.cloudappsecurity.com/",
    applicationsConnection: as("second "),
  });
}
