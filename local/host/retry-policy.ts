import * as z from "zod";

const Count = z.int().min(-1);
const Interval = z.looseObject({ seconds: z.number().nonnegative() });

/** As @azure/functions hands it to the host (RpcRetryOptions). */
const RetryOptions = z.discriminatedUnion("retryStrategy", [
  z.looseObject({ retryStrategy: z.literal("fixedDelay"), maxRetryCount: Count, delayInterval: Interval }),
  z.looseObject({
    retryStrategy: z.literal("exponentialBackoff"),
    maxRetryCount: Count,
    minimumInterval: Interval,
    maximumInterval: Interval,
  }),
]);

/** https://learn.microsoft.com/azure/azure-functions/functions-bindings-error-pages#retry-policies */
export interface RetryPolicy {
  /** -1 for without end. The count is kept in memory: a new host begins again. */
  maxRetryCount: number;
  /** How long to wait before a retry, the first being 1. */
  delayMs(retry: number, random: () => number): number;
}

export function readRetryPolicy(options: unknown): RetryPolicy {
  const policy = RetryOptions.parse(options);
  const { maxRetryCount } = policy;
  if (policy.retryStrategy === "fixedDelay") {
    return { maxRetryCount, delayMs: () => policy.delayInterval.seconds * 1000 };
  }
  const minimum = policy.minimumInterval.seconds * 1000;
  const maximum = policy.maximumInterval.seconds * 1000;
  if (minimum > maximum) throw new RangeError("The minimum interval of a retry policy is greater than its maximum.");
  return {
    maxRetryCount,
    // As RandomizedExponentialBackoffStrategy of the WebJobs SDK: the minimum, and from the second on twice as much more each, ±20 %.
    delayMs: (retry, random) =>
      retry === 1 ? minimum : Math.min(minimum + (0.8 + 0.4 * random()) * 2 ** (retry - 2) * minimum, maximum),
  };
}
