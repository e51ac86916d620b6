import type { FragmentEntry, Scope } from "./fragment-entry.ts";

/** The C# expressions of the fragment. Ids and addresses enter them only as string literals that nothing can break out of. */

/**
 * The inside of a C# string literal. Ids come from Azure, where others name things: anything but plain characters becomes
 * \uXXXX, so that no quote, brace, `@(`, `{{name}}` (a named value), line end or XML ever stands in the policy's text.
 */
function literal(text: string): string {
  return text.replace(/[^A-Za-z0-9._-]/g, (char) => `\\u${hex(char.charCodeAt(0))}`);
}

function hex(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, "0");
}

function readLiteral(literalText: string): string {
  return literalText.replace(/\\u([0-9A-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

export function scopeCondition(scope: Exclude<Scope, { kind: "service" }>): string {
  const api = `context.Api.Id == "${literal(scope.apiId)}"`;
  if (scope.kind === "api") return `@(${api})`;
  return `@(${api} && context.Operation.Id == "${literal(scope.operationId)}")`;
}

const scopePattern = /^@\(context\.Api\.Id == "([\w.\\-]+)"(?: && context\.Operation\.Id == "([\w.\\-]+)")?\)$/;

/** Only what scopeCondition writes, to the letter. */
export function readScopeCondition(condition: string): Exclude<Scope, { kind: "service" }> | undefined {
  const [, api, operation] = scopePattern.exec(condition) ?? [];
  if (api === undefined) return undefined;
  const apiId = readLiteral(api);
  const scope =
    operation === undefined
      ? ({ kind: "api", apiId } as const)
      : ({ kind: "operation", apiId, operationId: readLiteral(operation) } as const);
  return scopeCondition(scope) === condition ? scope : undefined;
}

export function clientCondition(address: string): string {
  return `@(context.Request.IpAddress == "${literal(address)}")`;
}

/** The address as it stands there, not yet checked to be one. */
export function readClientCondition(condition: string): string | undefined {
  return /^@\(context\.Request\.IpAddress == "([A-Za-z0-9._-]+)"\)$/.exec(condition)?.[1];
}

/**
 * Counters are shared by whoever names the same key, at any scope (MicrosoftDocs/azure-docs#95252), and on v2 one key must not have two rates:
 * so the key says whose it is, what for, and at which rate. Ids are escaped once more inside, which keeps two ids from running together.
 */
export function counterKey({ scope, clientIp, calls, periodSeconds }: RateLimit): string {
  const who = clientIp ? `client:${literal(clientIp.from)}` : "endpoint";
  return `@("portcullis:${who}:${scopeName(scope)}:${calls}-per-${periodSeconds}")`;
}

export type RateLimit = Extract<FragmentEntry, { kind: "limit-rate" }>;

function scopeName(scope: Scope): string {
  if (scope.kind === "service") return "service";
  const api = literal(literal(scope.apiId));
  return scope.kind === "api" ? `api:${api}` : `operation:${api}/${literal(literal(scope.operationId))}`;
}
