import * as z from "zod";
import { AzureError, type Fault } from "./azure-error.ts";
import type { RawAnswer } from "./read-answer.ts";

const text = z.string().optional().catch(undefined);

/** `{"error":{"code","message","details":[{"message"}]}}`; Graph adds `innerError`, Defender for Endpoint names the request in `target`. */
const Refusal = z.object({
  code: text,
  message: text,
  target: text,
  innerError: z.object({ "request-id": text }).optional().catch(undefined),
  details: z
    .array(z.object({ message: text }).catch({}))
    .optional()
    .catch(undefined),
});

/** Gateways in front of a service write `message` without an envelope, Defender for Cloud Apps `detail`. */
const Body = z.object({
  error: Refusal.optional().catch(undefined),
  code: text,
  message: text,
  detail: text,
});

/** What a service refused, in its own words. Of a body in no known form nothing is repeated: who knows what stands in it. */
export function readFault({ status, text: body, headers }: RawAnswer): Fault {
  const { error, ...bare } = readBody(body);
  const details = (error?.details ?? []).map(({ message }) => message);
  const message = [error?.message ?? bare.message ?? bare.detail, ...details].filter(Boolean).join(" ");
  const code = error?.code ?? bare.code ?? "";
  return {
    status,
    code,
    message: message || code || body.trim() === "" ? message : "an answer in no known form",
    retryAfterMs: readRetryAfter(headers),
    requestId: [
      // https://learn.microsoft.com/defender-endpoint/api/common-errors; of other services it is the name of a field.
      error?.target !== undefined && isGuid(error.target) ? error.target : undefined,
      headers.get("x-ms-request-id"),
      headers.get("request-id"),
      error?.innerError?.["request-id"],
    ].find((id): id is string => typeof id === "string" && isPlain(id)),
  };
}

/** Milliseconds; given in seconds, or as a date that is compared with the service's own clock: https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
export function readRetryAfter(headers: RawAnswer["headers"]): number | undefined {
  const given = headers.get("retry-after")?.trim();
  if (!given) return undefined;
  const seconds = Number(given);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(given) - Date.parse(headers.get("date") ?? "");
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** A request that got no answer, or one that the SDK could not read. */
export function noAnswer(attempted: string, error: unknown): AzureError {
  const { name = "", message = "the request failed" } = error instanceof Error ? error : {};
  const code = codeOf(error);
  // The SDK's message repeats the whole body, so neither it nor its error is kept.
  if (code === "PARSE_ERROR") return notJson(attempted, statusOf(error));
  const fault =
    name === "AbortError"
      ? { status: 0, code: "NoAnswerInTime", message: "the service gave none in time" }
      : { status: 0, code: credentialErrors.has(name) ? "NoToken" : code, message };
  return new AzureError(attempted, fault, { cause: error });
}

/** Without the parser's error as its cause, which quotes what it could not read. */
export function notJson(attempted: string, status: number): AzureError {
  return new AzureError(attempted, { status, code: "UnexpectedAnswer", message: "the answer is no JSON" });
}

const credentialErrors = new Set([
  "CredentialUnavailableError",
  "AuthenticationError",
  "AuthenticationRequiredError",
  "AggregateAuthenticationError",
]);

function readBody(body: string): z.infer<typeof Body> {
  try {
    return Body.catch({}).parse(JSON.parse(body));
  } catch {
    return {};
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function statusOf(error: unknown): number {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number" ? error.statusCode : 0;
}

/** Anything but an id stays out of the logs. */
function isPlain(id: string): boolean {
  return /^[\w-]{1,64}$/.test(id);
}

function isGuid(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
}
