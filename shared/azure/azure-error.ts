/** One error for every call to Azure: what was attempted, on what, whether trying again can help, and when. */
export class AzureError extends Error {
  override readonly name = "AzureError";
  /** "isolate the machine 0a1b…". */
  readonly attempted: string;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** The service's own code, such as `PessimisticConcurrencyConflict`. */
  readonly code: string;
  readonly transient: boolean;
  /** The request may have taken effect all the same: look before it is sent again. */
  readonly ambiguous: boolean;
  /** The service refuses this to applications, as Entra does where an administrator is concerned: it is for a person to do. */
  readonly needsHuman: boolean;
  /** What the service asked to wait, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** What Microsoft's support asks for. */
  readonly requestId: string | undefined;

  constructor(attempted: string, fault: Fault, options?: ErrorOptions) {
    const { status, code } = fault;
    // A service's message is somebody else's text, and may repeat an attacker's.
    const said = [status || "no answer", code, oneLine(fault.message).slice(0, longestMessage)].filter(Boolean);
    super(`could not ${oneLine(attempted)}: ${said.join(" ")}`, options);
    this.attempted = attempted;
    this.status = status;
    this.code = code;
    this.transient = isTransient(fault);
    this.ambiguous = isAmbiguous(fault);
    this.needsHuman = status === 403 && code === "Authorization_RequestDenied";
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

const longestMessage = 500;

/** Codes that mean "busy", whatever status they come with. */
const busyCodes = new Set([
  // API Management: an import or write of the same API is under way.
  "PessimisticConcurrencyConflict",
  "AnotherOperationInProgress",
  // Defender for Endpoint, with 400: https://learn.microsoft.com/defender-endpoint/api/run-live-response
  "ActiveRequestAlreadyExists",
]);

/** `RetryableErrorDueToAnotherOperation`; `FirewallPolicyRuleCollectionGroupUpdateNotAllowedWhenUpdatingOrDeleting` and its kind. */
const busyFamilies = /^(?:RetryableError\w*|FirewallPolicy\w*NotAllowedWhenUpdatingOrDeleting)$/;

function isTransient({ status, code }: Fault): boolean {
  return (
    status === 0 || status === 408 || status === 429 || status >= 500 || busyCodes.has(code) || busyFamilies.test(code)
  );
}

/** There was no connection, or no token, so that nothing was sent. */
const unsentCodes = new Set([
  "NoConnection",
  "NoToken",
  "NoTokenInTime",
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** Of 2xx only what could not be understood becomes an error: the service did what it was asked. */
function isAmbiguous({ status, code }: Fault): boolean {
  if (status === 0) return !unsentCodes.has(code);
  return status === 408 || status >= 500 || (status >= 200 && status < 300);
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
}
