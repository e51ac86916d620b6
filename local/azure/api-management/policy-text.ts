import * as z from "zod";
import { ArmError, type ArmErrorDetail } from "../resource-manager/arm-error.ts";
import { expressionProblems } from "./expression-problems.ts";
import type { Encoding, Markup, MarkupElement } from "./markup/markup.ts";
import { parseMarkup } from "./markup/parse-markup.ts";
import { MarkupError } from "./markup/scanner.ts";
import { writeMarkup } from "./markup/write-markup.ts";
import { namedValueProblems } from "./named-value-references.ts";
import type { Scope } from "./policy-catalogue.ts";
import { problemInDocument, validationError } from "./policy-problem.ts";
import { fragmentProblems, policyProblems } from "./policy-validation.ts";
import type { ApiManagementService } from "./store.ts";

const KiB = 1024;

const PolicyBody = z.object({
  properties: z.object({
    format: z.string().default("xml"),
    value: z.string(),
    description: z.string().max(1000).optional(),
  }),
});
export type PolicyBody = z.infer<typeof PolicyBody>["properties"];

/** The `properties` of a policy or fragment that is being written. */
export function readPolicyBody(body: unknown): PolicyBody {
  const parsed = PolicyBody.safeParse(body);
  if (parsed.success) return parsed.data.properties;
  const details = parsed.error.issues.map((issue) => ({
    code: "ValidationError",
    target: issue.path.at(-1)?.toString() ?? "representation",
    message: `${issue.path.join(".") || "The request body"}: ${issue.message}`,
  }));
  throw validationError(details);
}

/** The normalised `format=xml` text of a policy document that API Management would take; throws the 400 otherwise. */
export function acceptPolicy(body: PolicyBody, service: ApiManagementService, scope: Scope): string {
  const limit = service.sku === "Consumption" ? 16 * KiB : 256 * KiB;
  if (Buffer.byteLength(body.value) > limit) {
    throw validationError([
      problemInDocument(
        `The policy document is larger than ${limit / KiB} KiB, the limit of the '${service.sku}' sku.`,
      ),
    ]);
  }
  const markup = parse(body, (reason) => validationError([problemInDocument(reason)]));
  return normalised(markup, service, policyProblems(markup.root, service, scope));
}

/** The same for a fragment. Consumption's 16 KiB is applied to it too: stricter than what is documented, which is nothing. */
export function acceptFragment(body: PolicyBody, service: ApiManagementService): string {
  const limit = service.sku === "Consumption" ? 16 * KiB : 512 * KiB;
  if (Buffer.byteLength(body.value) > limit) {
    throw validationError([
      problemInDocument(
        `The policy fragment is larger than ${limit / KiB} KiB, the limit of the '${service.sku}' sku.`,
      ),
    ]);
  }
  // A fragment that is not XML is reported without details (Azure/apiops#160, #204).
  const markup = parse(body, (reason) => {
    return new ArmError(400, "ValidationError", `The policy fragment is not a valid XML: ${reason}`, { details: null });
  });
  return normalised(markup, service, fragmentProblems(markup.root, service));
}

/** Stored text in the format asked for; a stored document is always well-formed. */
export function presentAs(xml: string, encoding: Encoding): string {
  return encoding === "xml" ? xml : writeMarkup(parseMarkup(xml, "xml"), "rawxml");
}

/** `?format=` of a GET: `xml` unless asked otherwise. */
export function readFormat(url: URL): Encoding {
  return encodingOf(url.searchParams.get("format") ?? "xml");
}

/** The tree of stored text. */
export function rootOf(xml: string): MarkupElement {
  return parseMarkup(xml, "xml").root;
}

function parse(body: PolicyBody, toError: (reason: string) => ArmError): Markup {
  try {
    return parseMarkup(body.value, encodingOf(body.format));
  } catch (error) {
    if (error instanceof MarkupError) throw toError(error.message);
    throw error;
  }
}

function normalised(markup: Markup, service: ApiManagementService, problems: readonly ArmErrorDetail[]): string {
  const all = [
    ...problems,
    ...expressionProblems(markup.root),
    ...namedValueProblems(markup.root, service.namedValues),
  ];
  if (all.length > 0) throw validationError(all);
  return writeMarkup(markup, "xml");
}

function encodingOf(format: string): Encoding {
  if (format === "xml" || format === "rawxml") return format;
  if (format === "xml-link" || format === "rawxml-link") {
    throw new ArmError(
      501,
      "NotSimulated",
      `The simulated Azure does not fetch policies from links (format '${format}').`,
    );
  }
  throw validationError([
    { code: "ValidationError", target: "format", message: `The format '${format}' is not known.` },
  ]);
}
