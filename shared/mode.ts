import * as z from "zod";

/** `enforce` acts; `observe` does every read and guardrail, shows the requests it would send, and sends none. */
export const Mode = z.enum(["observe", "enforce"]);
export type Mode = z.infer<typeof Mode>;

/** The most cautious of several modes. */
export function cautious(...modes: readonly Mode[]): Mode {
  return modes.includes("observe") ? "observe" : "enforce";
}
