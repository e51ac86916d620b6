import { ArmError } from "../resource-manager/arm-error.ts";
import type { ArmCall } from "../resource-manager/route.ts";
import { validationError } from "./policy-problem.ts";

let versions = 0x3208;

/** A fresh tag in the form API Management uses: eight bytes, base64, quoted. */
export function nextEntityTag(): string {
  versions += 1;
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(versions, 4);
  return `"${bytes.toString("base64")}"`;
}

/** The tag as a header carries it. A hand-written world may leave the quotes out. */
export function quotedTag(tag: string): string {
  return tag.startsWith('"') ? tag : `"${tag}"`;
}

/**
 * The preconditions of a PUT. The specification says If-Match is required when updating, yet pipelines in the field update
 * without it (Azure/apiops sends none), so it is optional here and `*` or nothing overwrites. `*` may create too, as the
 * published examples do. `If-None-Match: *` is plain HTTP: create only.
 */
export function checkWritePreconditions(call: ArmCall, current: string | undefined): void {
  if (call.header("if-none-match") === "*" && current !== undefined) throw modified();
  const expected = call.header("if-match");
  if (expected !== undefined && expected !== "*" && !anyMatches(expected, current)) throw modified();
}

/** The preconditions where If-Match is required: of a DELETE, and of a PATCH of a subscription or a user. A resource that is not there needs no tag. */
export function checkRequiredIfMatch(call: ArmCall, current: string): void {
  const expected = call.header("if-match");
  if (expected === undefined) {
    throw validationError([
      {
        code: "ValidationError",
        target: "If-Match",
        message: "The If-Match header is required to change or delete this entity.",
      },
    ]);
  }
  if (expected !== "*" && !anyMatches(expected, current)) throw modified();
}

/** Status 412 is what callers must go by: the code has been reported as `ValidationError` too (Azure/azure-powershell#3817). */
function modified(): ArmError {
  return new ArmError(412, "PreconditionFailed", "Resource was modified since last retrieval.", { details: null });
}

function anyMatches(header: string, current: string | undefined): boolean {
  if (current === undefined) return false;
  return header.split(",").some((tag) => bare(tag) === bare(current));
}

function bare(tag: string): string {
  return tag
    .trim()
    .replace(/^W\//, "")
    .replace(/^"(.*)"$/, "$1");
}
