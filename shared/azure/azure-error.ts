/** One error for every call to Azure: what was attempted, on what, whether trying again can help, and when. */
export class AzureError extends Error {
  override readonly name = "AzureError";
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The service's own code, such as `PessimisticConcurrencyConflict`. */
  readonly code: string;
  readonly transient: boolean;
  /** What the service asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** What Microsoft's support asks for; Graph sends it in the body. */
  readonly requestId: string | undefined;

  constructor(attempted: string, fault: Fault, options?: ErrorOptions) {
    super(`could not ${attempted}: ${fault.status || "no answer"} ${fault.code} ${fault.message}`.trim(), options);
    this.status = fault.status;
    this.code = fault.code;
    this.transient = isTransient(fault);
    this.retryAfterMs = fault.retryAfterMs;
    this.requestId = fault.requestId;
  }
}

export interface Fault {
  status: number;
  code: string;
  message: string;
  retryAfterMs?: number | undefined;
  requestId?: string | undefined;
}

/** Codes that mean "busy", whatever status they come with (facts of API Management and Azure Resource Manager). */
const busyCodes = new Set([
  "PessimisticConcurrencyConflict",
  "AnotherOperationInProgress",
  "RetryableError",
  "RetryableErrorDueToAnotherOperation",
]);

function isTransient({ status, code }: Fault): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500 || busyCodes.has(code);
}

/** Azure's error body: `{"error":{"code","message","details":[{"message"}]}}`; Graph's has `innerError` with a `request-id`. */
export function readFault(status: number, body: string | null | undefined, retryAfter: string | undefined): Fault {
  let code = "";
  let message = "";
  let requestId: string | undefined;
  try {
    const parsed: unknown = JSON.parse(body ?? "");
    const error = typeof parsed === "object" && parsed !== null && "error" in parsed ? parsed.error : undefined;
    if (typeof error === "object" && error !== null) {
      if ("code" in error && typeof error.code === "string") code = error.code;
      if ("message" in error && typeof error.message === "string") message = error.message;
      if ("innerError" in error) requestId = readRequestId(error.innerError);
      if ("details" in error && Array.isArray(error.details)) {
        const details = error.details.flatMap((detail: unknown) =>
          typeof detail === "object" && detail !== null && "message" in detail && typeof detail.message === "string"
            ? [detail.message]
            : [],
        );
        if (details.length > 0) message = `${message} ${details.join(" ")}`;
      }
    }
  } catch {
    message = (body ?? "").slice(0, 200);
  }
  const seconds = retryAfter === undefined ? Number.NaN : Number(retryAfter);
  return {
    status,
    code,
    message: message.slice(0, 1000),
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
    requestId,
  };
}

function readRequestId(innerError: unknown): string | undefined {
  if (typeof innerError !== "object" || innerError === null || !("request-id" in innerError)) return undefined;
  const id = innerError["request-id"];
  return typeof id === "string" && /^[\w-]{1,64}$/.test(id) ? id : undefined;
}
