import type { Strike } from "../faults.ts";

/** An answer that is an error in Microsoft Graph's shape: https://learn.microsoft.com/graph/errors */
export class GraphFailure extends Error {
  override name = "GraphFailure";
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Record<string, string> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

export function badRequest(message: string): GraphFailure {
  return new GraphFailure(400, "BadRequest", message);
}

export function notSimulated(what: string): GraphFailure {
  return new GraphFailure(501, "NotSimulated", `The simulated Microsoft Graph does not serve ${what}.`);
}

/** The real one of Entra: https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/5864 */
export function directoryRefusal(): GraphFailure {
  return new GraphFailure(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
}

export function absentResource(id: string): GraphFailure {
  return new GraphFailure(
    404,
    "Request_ResourceNotFound",
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}

/** What each part of Graph says to who lacks the application permission. The sentence of `/security` is composed. */
export function missingPermission(path: string, permissions: readonly string[]): GraphFailure {
  switch (path.split("/")[1]?.toLowerCase()) {
    case "security":
      return new GraphFailure(
        403,
        "Forbidden",
        `Missing application roles. API required roles: ${permissions.join(",")}.`,
      );
    case "identityprotection":
      // Seen of conditional access, which the same service keeps: https://github.com/hugobatista/zerotrust-ca-powertoys/issues/8
      return new GraphFailure(
        403,
        "AccessDenied",
        "You cannot perform the requested operation, required scopes are missing in the token.",
      );
    default:
      return directoryRefusal();
  }
}

/** A fault that was asked for. */
export function struck({ status, retryAfterSeconds }: NonNullable<Strike["refuse"]>): GraphFailure {
  const headers: Record<string, string> =
    retryAfterSeconds === undefined ? {} : { "retry-after": `${retryAfterSeconds}` };
  switch (status) {
    case 409:
      return new GraphFailure(409, "Conflict", "The request conflicts with another one.", headers);
    case 412:
      return new GraphFailure(412, "PreconditionFailed", "The resource has changed.", headers);
    case 429:
      return new GraphFailure(429, "TooManyRequests", "Too many requests.", headers);
    case 500:
      return new GraphFailure(500, "InternalServerError", "The server encountered an internal error.", headers);
    case 503:
      return new GraphFailure(503, "ServiceUnavailable", "The service is temporarily unavailable.", headers);
  }
}
