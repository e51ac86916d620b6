import { createHash } from "node:crypto";
import { ArmError } from "../resource-manager/arm-error.ts";
import type { ArmCall } from "../resource-manager/route.ts";
import type { FirewallState } from "./firewall-state.ts";

/** The answers of Microsoft.Network that its resource types have in common. */

export function missing(type: string, name: string | undefined): ArmError {
  return new ArmError(404, "ResourceNotFound", `The Resource 'Microsoft.Network/${type}/${name}' was not found.`);
}

/** Published code and wording: the body as a whole, and what in it could not be read. */
export function unreadable(message: string): ArmError {
  return new ArmError(400, "InvalidRequestFormat", "Cannot parse the request.", {
    details: [{ code: "InvalidJson", message }],
  });
}

export function busy({ retryAfterSeconds }: FirewallState, uri?: string): ArmError {
  const at = uri === undefined ? "" : ` To retrieve status of the operation use uri: ${uri}.`;
  const message = `Another operation on this or dependent resource is in progress.${at}`;
  return new ArmError(429, "RetryableErrorDueToAnotherOperation", message, {
    headers: { "retry-after": String(retryAfterSeconds) },
  });
}

/**
 * Documented for other resources of Microsoft.Network, and honoured here for those of firewalls as well; whoever relies on it alone is
 * wrong in Azure perhaps.
 */
export function checkEtag({ header }: ArmCall, existing: { id: string; etag: string } | undefined): void {
  const asked = header("if-match");
  if (asked === undefined || (existing && (asked === "*" || asked === existing.etag))) return;
  throw new ArmError(412, "PreconditionFailed", "Precondition failed.", {
    details: [
      {
        code: "PreconditionFailedEtagMismatch",
        message: `Etag provided in if-match header ${asked} does not match etag ${existing?.etag} of resource ${existing?.id}.`,
      },
    ],
  });
}

/** For what a test may change in place: another content, another tag. */
export function etagOf(content: unknown): string {
  return `W/"${createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 32)}"`;
}

const namePattern = /^\w(?:[\w.-]{0,78}\w)?$/;

export function checkName(name: string): void {
  if (namePattern.test(name)) return;
  throw new ArmError(
    400,
    "InvalidResourceName",
    `Resource name ${name} is invalid. The name can be up to 80 characters long. It must begin with a word character, and it must end with a word character. The name may contain word characters or '.', '-', '_'.`,
  );
}
