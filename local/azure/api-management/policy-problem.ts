import { ArmError, type ArmErrorDetail } from "../resource-manager/arm-error.ts";
import type { MarkupElement } from "./markup/markup.ts";

/** One reason why a policy is refused, in the words API Management publishes. `target` is the element (Azure/apiops#668). */
export function problemIn(element: MarkupElement, reason: string): ArmErrorDetail {
  const { name, line, column } = element;
  return {
    code: "ValidationError",
    target: name,
    message: `Error in element '${name}' on line ${line}, column ${column}: ${reason}`,
  };
}

/** A reason that belongs to the document as a whole. */
export function problemInDocument(reason: string): ArmErrorDetail {
  return { code: "ValidationError", target: "representation", message: reason };
}

export function validationError(details: readonly ArmErrorDetail[]): ArmError {
  return new ArmError(400, "ValidationError", "One or more fields contain incorrect values:", { details });
}
