import { readFileSync } from "node:fs";
import * as z from "zod";
import { referencePath } from "../../../support/reference-material.ts";

const Schema = z.object({
  $ref: z.string().optional(),
  type: z.string().optional(),
  get properties() {
    return z.record(z.string(), Schema).optional();
  },
  get items() {
    return Schema.optional();
  },
  minLength: z.number().optional(),
  maxLength: z.number().optional(),
  pattern: z.string().optional(),
});
type Schema = z.infer<typeof Schema>;

const Response = z.object({ schema: Schema.optional(), headers: z.record(z.string(), z.unknown()).default({}) });

const Operation = z.object({ operationId: z.string(), responses: z.record(z.string(), Response) });

const Specification = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  definitions: z.record(z.string(), Schema).default({}),
});

export interface PublishedOperation {
  operationId: string;
  method: string;
  path: string;
  responses: z.infer<typeof Operation>["responses"];
}

export interface PublishedSpecification {
  operations: PublishedOperation[];
  /** What in a body contradicts the answer documented for a status; `default` stands for every error. */
  contradictions(operation: PublishedOperation, status: number, body: unknown): string[];
}

export function readSpecification(file: string): PublishedSpecification {
  const { paths, definitions } = Specification.parse(
    JSON.parse(readFileSync(referencePath("arm-specs", file) ?? file, "utf8")),
  );
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method !== "parameters")
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, ...Operation.parse(operation) })),
  );
  return {
    operations,
    contradictions(operation, status, body) {
      const documented = operation.responses[status] ?? (status >= 400 ? operation.responses.default : undefined);
      if (documented === undefined) return [`status ${status} is not documented for ${operation.operationId}`];
      if (documented.schema === undefined) return [];
      return check(body, documented.schema, definitions, "body");
    },
  };
}

/** As much of JSON Schema as the specification uses; a property that is not documented is a contradiction too. */
function check(value: unknown, schema: Schema, definitions: Record<string, Schema>, at: string): string[] {
  if (schema.$ref !== undefined) {
    const found = definitions[schema.$ref.replace("#/definitions/", "")];
    return found === undefined ? [`${at}: ${schema.$ref} is not defined`] : check(value, found, definitions, at);
  }
  if (schema.type === "array") {
    // API Management is known to answer `"details": null`.
    if (value === null && at.endsWith(".details")) return [];
    if (!Array.isArray(value)) return [`${at}: not an array`];
    return value.flatMap((item, index) => check(item, schema.items ?? {}, definitions, `${at}[${index}]`));
  }
  if (schema.type === "object") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${at}: not an object`];
    return Object.entries(value).flatMap(([key, inner]) => {
      const property = schema.properties?.[key];
      if (property === undefined) return [`${at}.${key}: not documented`];
      return check(inner, property, definitions, `${at}.${key}`);
    });
  }
  if (schema.type !== undefined && typeof value !== schema.type) return [`${at}: ${typeof value}, not ${schema.type}`];
  if (typeof value !== "string") return [];
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = schema;
  const long = value.length >= minLength && value.length <= maxLength;
  return long && (pattern === undefined || new RegExp(pattern).test(value)) ? [] : [`${at}: '${value}' breaks a limit`];
}

/** What in an answer contradicts the operation's documentation: status, headers or body. */
export function contradictions(
  subset: PublishedSpecification | undefined,
  operation: PublishedOperation | undefined,
  answer: { status: number; headers: Headers; body: unknown },
): string[] {
  if (subset === undefined || operation === undefined) return ["the operation is not in the specification"];
  const missing = Object.keys(operation.responses[answer.status]?.headers ?? {}).filter(
    (header) => !answer.headers.has(header),
  );
  const body = operation.method === "HEAD" ? [] : subset.contradictions(operation, answer.status, answer.body);
  return [...missing.map((header) => `header ${header} is missing`), ...body];
}
