import * as z from "zod";
import { AzureError } from "./azure-error.ts";
import type { Connection } from "./connection.ts";
import { readFault } from "./fault.ts";
import { createGraphSender } from "./graph-request.ts";
import { readAnswer } from "./read-answer.ts";
import { graphService } from "./services.ts";

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
  const request = createGraphSender(connection, graphService);

  async function send(method: "GET" | "POST", path: string, body: unknown, { attempt, headers = {} }: GraphOptions) {
    const attempted = attempt ?? `${method} ${path.split("?")[0]}`;
    const raw = await request({ attempt: attempted, method, path, headers, body });
    // Whoever asks for a page or a collection does not expect that there is none.
    if (raw.status === 404) throw new AzureError(attempted, readFault(raw));
    const { status, body: answer } = readAnswer({ attempt: attempted, method }, raw);
    return { attempted, status, body: answer, servedAt: readDate(raw.headers.get("date")) };
  }

  async function page(pathOrNextLink: string, query?: Query, options: GraphOptions = {}): Promise<GraphPage> {
    const { attempted, status, body, servedAt } = await send("GET", urlOf(pathOrNextLink, query), undefined, options);
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
      (await send("GET", urlOf(pathOrNextLink, query), undefined, options)).body,
    post: async (path, body, query, options = {}) => (await send("POST", urlOf(path, query), body, options)).body,
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

/** The whole address, encoded here because the client puts query values into it as they are. */
function urlOf(pathOrNextLink: string, query: Query = {}): string {
  const url = pathOrNextLink.startsWith("/")
    ? new URL(`${graphService.origin}/${version}${pathOrNextLink}`)
    : URL.canParse(pathOrNextLink)
      ? new URL(pathOrNextLink)
      : undefined;
  if (url?.origin !== graphService.origin || url.username || !url.pathname.startsWith(`/${version}/`)) {
    const where = url ? url.origin : "something that is no address";
    throw new ForeignLinkError(`refused to follow a link of Microsoft Graph that leads to ${where}`);
  }
  const added = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  const search = [url.search.slice(1), ...added].filter(Boolean).join("&");
  return `${url.origin}${url.pathname}${search ? `?${search}` : ""}`;
}

function readDate(text: string | null | undefined): Date | undefined {
  const date = new Date(text ?? "");
  return Number.isNaN(date.getTime()) ? undefined : date;
}
