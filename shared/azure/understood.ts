import type * as z from "zod";
import type { AzureAnswer } from "./ask.ts";
import { AzureError } from "./azure-error.ts";

/** The body as the schema reads it. An answer that is not understood is an error, never taken for an empty one. */
export function understood<T>(
  attempt: string,
  { status, body }: Pick<AzureAnswer, "status" | "body">,
  schema: z.ZodType<T>,
): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map(({ path }) => path.join(".")).slice(0, 5);
  throw new AzureError(attempt, {
    status,
    code: "UnexpectedAnswer",
    message: `the answer was not understood at ${fields.join(", ") || "its beginning"}`,
  });
}
