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
