import { parse, toSeconds } from "iso8601-duration";
import * as z from "zod";

/** An ISO 8601 duration of days and below (`PT4H`, `P1D`): a month has no fixed length, so it cannot say when a block ends. */
export const Duration = z
  .string()
  .regex(
    /^P(?!$)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/,
    "expected an ISO 8601 duration of days or less, such as PT4H or P1D",
  )
  .regex(/[1-9]/, "expected a duration that is not over at once, such as PT4H or P1D");

export function milliseconds(duration: string): number {
  return toSeconds(parse(Duration.parse(duration))) * 1000;
}
