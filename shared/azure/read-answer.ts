import type { AzureAnswer, AzureRequest } from "./ask.ts";
import { AzureError } from "./azure-error.ts";
import { notJson, readFault, readRetryAfter } from "./fault.ts";

/** An answer as it came over HTTP, whichever client sent the request. */
export interface RawAnswer {
  status: number;
  text: string;
  headers: { get(name: string): string | null | undefined };
}

type Asked = Pick<AzureRequest, "attempt" | "method">;

/** Answers 404 to a GET as a status; throws {@link AzureError} for everything else but success. */
export function readAnswer({ attempt, method }: Asked, raw: RawAnswer): AzureAnswer {
  const { status, text, headers } = raw;
  if (status === 404 && method === "GET") return { status, body: undefined };
  if (status < 200 || status >= 300) throw new AzureError(attempt, readFault(raw));
  const etag = headers.get("etag");
  const retryAfterMs = readRetryAfter(headers);
  return {
    status,
    ...(etag ? { etag } : {}),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    body: parse(attempt, status, text),
  };
}

/**
 * Where Resource Manager wants to be asked how an operation goes. https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
 * A token goes to Resource Manager and to nobody else, whatever a header says.
 */
export function readOperation({ attempt }: Asked, { status, headers }: RawAnswer, origin: string): string | undefined {
  const link = headers.get("azure-asyncoperation") || headers.get("location");
  if (!link) return undefined;
  const url = URL.canParse(link, origin) ? new URL(link, origin) : undefined;
  if (url?.origin === origin) return `${url.pathname}${url.search}`;
  const where = url ? url.origin : "something that is no address";
  const message = `how it goes would have to be asked of ${where}`;
  throw new AzureError(attempt, { status, code: "ForeignOperation", message });
}

function parse(attempt: string, status: number, text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw notJson(attempt, status);
  }
}
