import type { Client } from "@microsoft/microsoft-graph-client";
import * as z from "zod";
import { AzureError, type Fault, readFault } from "./azure-error.ts";
import type { Connection } from "./connection.ts";
import { bearer, graphOrigin, transport } from "./graph-middleware.ts";

export { odataText } from "./odata.ts";

type Query = Readonly<Record<string, string>>;

interface GraphOptions {
  /** For the error: "read the user 6ea9…". */
  attempt?: string;
  headers?: Readonly<Record<string, string>>;
}

export interface GraphPage {
  value: Readonly<Record<string, unknown>>[];
  /** Where the next page is; give it to `page` as it is. */
  nextLink: string | undefined;
  /** When Graph answered, by its own clock. */
  servedAt: Date | undefined;
}

/**
 * Microsoft Graph v1.0 as plain JSON. A path is below the version (`/users/…`), its parts encoded by the caller; a nextLink is taken
 * in its place. Every call is sent once and throws {@link AzureError}: waiting and trying again belong to the caller.
 */
export interface Graph {
  get(pathOrNextLink: string, query?: Query, options?: GraphOptions): Promise<unknown>;
  post(path: string, body: unknown, query?: Query, options?: GraphOptions): Promise<unknown>;
  /** One page of a collection. */
  page(pathOrNextLink: string, query?: Query, options?: GraphOptions): Promise<GraphPage>;
  /** A whole collection; throws when it has more pages than are plausible. */
  list(path: string, query?: Query, options?: GraphOptions): Promise<GraphPage["value"]>;
}

/** A link that Graph's answer gave and that does not lead to Graph. No token goes there. */
export class ForeignLinkError extends Error {
  override readonly name = "ForeignLinkError";
}

const version = "v1.0";
const mostPages = 50;

const Collection = z.object({
  value: z.array(z.record(z.string(), z.unknown())),
  "@odata.nextLink": z.string().optional(),
});

export function createGraph(connection: () => Promise<Connection>): Graph {
  let opened: Promise<Client> | undefined;

  function client(): Promise<Client> {
    const opening = opened ?? open(connection);
    opened = opening;
    // What failed once is tried again by the next call.
    opening.catch(() => {
      if (opened === opening) opened = undefined;
    });
    return opening;
  }

  async function send(method: "get" | "post", url: string, body: unknown, { attempt, headers = {} }: GraphOptions) {
    const attempted = attempt ?? `${method} ${url.split("?")[0]}`;
    const { ResponseType } = await loadClient();
    let response: Response;
    let text: string;
    try {
      const request = (await client()).api(url).responseType(ResponseType.RAW);
      // Without it the members that came later, such as microsoftDefenderForCloud, read unknownFutureValue.
      request.headers({ prefer: "include-unknown-enum-members", accept: "application/json", ...headers });
      response = method === "post" ? await request.post(body) : await request.get();
      text = await response.text();
    } catch (error) {
      throw new AzureError(attempted, noAnswer(error), { cause: error });
    }
    const { status } = response;
    if (!response.ok) {
      throw new AzureError(attempted, readFault(status, text, response.headers.get("retry-after") ?? undefined));
    }
    return {
      attempted,
      status,
      body: parse(attempted, status, text),
      servedAt: readDate(response.headers.get("date")),
    };
  }

  async function page(pathOrNextLink: string, query?: Query, options: GraphOptions = {}): Promise<GraphPage> {
    const { attempted, status, body, servedAt } = await send("get", urlOf(pathOrNextLink, query), undefined, options);
    const collection = Collection.safeParse(body);
    // To read an answer that is no collection as an empty one would lose what is in it.
    if (!collection.success) {
      throw new AzureError(attempted, { status, code: "UnexpectedAnswer", message: "the answer is no collection" });
    }
    const { value, "@odata.nextLink": nextLink } = collection.data;
    return { value, nextLink, servedAt };
  }

  return {
    page,
    get: async (pathOrNextLink, query, options = {}) =>
      (await send("get", urlOf(pathOrNextLink, query), undefined, options)).body,
    post: async (path, body, query, options = {}) => (await send("post", urlOf(path, query), body, options)).body,
    async list(path, query, options) {
      const all: GraphPage["value"] = [];
      let next: string | undefined = path;
      for (let pages = 0; next !== undefined; pages++) {
        if (pages === mostPages) throw new Error(`gave up on ${path} of Microsoft Graph after ${mostPages} pages`);
        const answer: GraphPage = await page(next, next === path ? query : undefined, options);
        all.push(...answer.value);
        next = answer.nextLink;
      }
      return all;
    },
  };
}

/** A CommonJS package: loaded lazily out of the bundle it has a default export and no names. */
async function loadClient() {
  return (await import("@microsoft/microsoft-graph-client")).default;
}

async function open(connection: () => Promise<Connection>): Promise<Client> {
  const { credential, httpClient } = await connection();
  const { Client, TelemetryHandler } = await loadClient();
  const pipeline = await import("@azure/core-rest-pipeline");
  // No RetryHandler: the client's own repeats every method, POST included, and sleeps in the process.
  return Client.initWithMiddleware({
    baseUrl: graphOrigin,
    defaultVersion: version,
    middleware: [
      bearer(credential),
      new TelemetryHandler(),
      transport(httpClient ?? pipeline.createDefaultHttpClient(), pipeline),
    ],
  });
}

/** The whole address, encoded here because the client puts query values into it as they are. */
function urlOf(pathOrNextLink: string, query: Query = {}): string {
  const url = pathOrNextLink.startsWith("/")
    ? new URL(`${graphOrigin}/${version}${pathOrNextLink}`)
    : URL.canParse(pathOrNextLink)
      ? new URL(pathOrNextLink)
      : undefined;
  if (url?.origin !== graphOrigin || url.username || !url.pathname.startsWith(`/${version}/`)) {
    const where = url ? url.origin : "something that is no address";
    throw new ForeignLinkError(`refused to follow a link of Microsoft Graph that leads to ${where}`);
  }
  const added = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const search = [url.search.slice(1), ...added].filter(Boolean).join("&");
  return `${url.origin}${url.pathname}${search ? `?${search}` : ""}`;
}

function parse(attempted: string, status: number, text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AzureError(attempted, { status, code: "UnexpectedAnswer", message: "the answer is no JSON" }, { cause });
  }
}

function readDate(text: string | null): Date | undefined {
  const date = new Date(text ?? "");
  return Number.isNaN(date.getTime()) ? undefined : date;
}

function noAnswer(error: unknown): Fault {
  const message = error instanceof Error ? error.message : "the request failed";
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
  return { status: 0, code, message: message.slice(0, 500) };
}
