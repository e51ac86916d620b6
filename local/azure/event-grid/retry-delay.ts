const seconds = [10, 30, 60, 5 * 60, 10 * 60, 30 * 60, 60 * 60];

/**
 * How long Event Grid waits after the `attempts`-th failure: 10 s, 30 s, 1 m, 5 m, 10 m, 30 m, then hourly, each with a small
 * randomisation (here up to a tenth). https://learn.microsoft.com/azure/event-grid/delivery-and-retry. The "delayed delivery"
 * of an endpoint that has been failing for long is not simulated.
 */
export function retryDelayMs(attempts: number, random: () => number): number {
  const base = seconds[Math.min(attempts, seconds.length) - 1] ?? 10;
  return Math.round(base * 1000 * (1 + random() / 10));
}
