import type { Strike } from "../faults.ts";
import { ArmError } from "./arm-error.ts";

/** The error that a struck call answers. Codes: facts of API Management (409, 412) and ARM's published ones. */
export function refusal({ status, retryAfterSeconds }: NonNullable<Strike["refuse"]>): ArmError {
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
  switch (status) {
    case 409:
      return new ArmError(409, "PessimisticConcurrencyConflict", "Operation on the API is in progress", {
        details: null,
        headers,
      });
    case 412:
      return new ArmError(412, "PreconditionFailed", "Resource was modified since last retrieval.", {
        details: null,
        headers,
      });
    case 429:
      return new ArmError(
        429,
        "TooManyRequests",
        "The request is being throttled: too many requests for this principal.",
        { headers },
      );
    case 500:
      return new ArmError(500, "InternalServerError", "Encountered internal server error.", { headers });
    case 503:
      return new ArmError(503, "ServerTimeout", "The request timed out; the service is temporarily unavailable.", {
        headers,
      });
  }
}
