import { clientKey } from "./client-address.ts";
import { literal, readLiteral } from "./csharp-literal.ts";
import type { LimitedBy, LimitRate, Scope, SeenAs } from "./fragment-entry.ts";

/**
 * Counters are shared by whoever names the same key, at any scope (MicrosoftDocs/azure-docs#95252), and on v2 one key must not have two rates:
 * so the key says whose it is, what for, and at which rate. Ids are escaped once more inside, which keeps two ids from running together;
 * what a caller chooses comes last, so that it runs into nothing.
 */
export function counterKey(entry: LimitRate): string {
  const { scope, calls, periodSeconds } = entry;
  const { who, each } = whoIsCounted(entry);
  const key = `"portcullis:${who}:${scopeName(scope)}:${calls}-per-${periodSeconds}`;
  return each === undefined ? `@(${key}")` : `@(${key}:" + ${each})`;
}

function whoIsCounted(entry: LimitRate): { who: string; each?: string } {
  switch (entry.by) {
    case "endpoint":
      return { who: "endpoint" };
    case "client-ip":
      return { who: `client:${literal(entry.clientIp.from)}${seenIn(entry.seenAs)}` };
    case "subscription":
      return { who: `subscription:${literal(literal(entry.subscriptionId))}` };
    case "each-client-ip":
      return { who: `each-client${seenIn(entry.seenAs)}`, each: clientKey(entry.seenAs) };
    case "each-subscription":
      return { who: "each-subscription", each: "context.Subscription?.Id" };
    case "each-header":
      return {
        who: `each-header:${literal(literal(entry.header))}`,
        each: `context.Request.Headers.GetValueOrDefault("${literal(entry.header)}", "")`,
      };
  }
}

function seenIn(seenAs: SeenAs | undefined): string {
  return seenAs ? `:by:${literal(literal(seenAs.header))}` : "";
}

function scopeName(scope: Scope): string {
  if (scope.kind === "service") return "service";
  const api = literal(literal(scope.apiId));
  return scope.kind === "api" ? `api:${api}` : `operation:${api}/${literal(literal(scope.operationId))}`;
}

/** Whose calls a key counts that stands outside of a condition, as far as its words go: whether it is ours to the letter is seen by comparing. */
export function readCounted(key: string): LimitedBy {
  const [, each] = /^@\("portcullis:(each-[a-z]+)[:"]/.exec(key) ?? [];
  const [, name = ""] = /GetValueOrDefault\("([\w.\\-]+)"/.exec(key) ?? [];
  switch (each) {
    case "each-client":
      return name === "" ? { by: "each-client-ip" } : { by: "each-client-ip", seenAs: { header: readLiteral(name) } };
    case "each-subscription":
      return { by: "each-subscription" };
    case "each-header":
      return { by: "each-header", header: readLiteral(name) };
    default:
      return { by: "endpoint" };
  }
}
