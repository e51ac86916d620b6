import type * as z from "zod";
import { badRequest, GraphFailure, notSimulated } from "./graph-failure.ts";
import type { GraphCall } from "./route.ts";

interface Expected<T> {
  schema: z.ZodType<T>;
  /** `User`: what the refusal calls it. */
  resource: string;
  /** The code of a refused property: the directory has its own. */
  code: "BadRequest" | "Request_BadRequest";
  /** Properties that Graph would take and that are not played. */
  unplayed?: readonly string[];
}

/** The body of a write. That of an empty one is real (microsoft-graph-docs-contrib#7083), the other sentences are composed. */
export function readBody<T>(
  { header, body, url }: GraphCall,
  { schema, resource, code, unplayed = [] }: Expected<T>,
): T {
  if (body === undefined) throw badRequest("Empty Payload. JSON content expected.");
  if (!/^application\/json\b/i.test(header("content-type") ?? "")) {
    throw badRequest("Entity only allows writes with a JSON Content-Type header.");
  }
  const known = unplayed.find((name) => typeof body === "object" && body !== null && Object.hasOwn(body, name));
  if (known !== undefined) throw notSimulated(`${known} in the body of ${url.pathname}`);
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const message =
    issue?.code === "unrecognized_keys"
      ? `Invalid property '${issue.keys[0]}'.`
      : issue === undefined || issue.path.length === 0
        ? `The body holds nothing to write to the resource '${resource}'.`
        : `Invalid value specified for property '${issue.path.join(".")}' of resource '${resource}'.`;
  throw new GraphFailure(400, code, message);
}
