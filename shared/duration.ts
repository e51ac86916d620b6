import { parse, toSeconds } from "iso8601-duration";
import * as z from "zod";

const pattern = /^P(?!$)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/;
/** Whoever wants a block for longer wants a policy of their own. */
const longestDays = 3650;

/** An ISO 8601 duration of days and below (`PT4H`, `P1D`): a month has no fixed length, so it cannot say when a block ends. */
export const Duration = z
  .string()
  .regex(pattern, "expected an ISO 8601 duration of days or less, such as PT4H or P1D")
  .refine((text) => {
    const wanted = pattern.test(text) ? toSeconds(parse(text)) : 1;
    return wanted > 0 && wanted <= longestDays * 86_400;
  }, `expected more than nothing and at most P${longestDays}D`);

export function milliseconds(duration: string): number {
  return toSeconds(parse(Duration.parse(duration))) * 1000;
}
