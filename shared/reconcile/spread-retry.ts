import { createHash } from "node:crypto";

const most = 0.2;

/**
 * The wait of milliseconds that a busy service asked for, and up to a fifth more, never less. Points that were told to wait at the same
 * moment do not come back at the same moment; all who wait for one point do, so that one pass answers them. The same each time, as
 * nothing here may be left to chance.
 */
export function spreadRetry(ms: number, pointKey: string): number {
  const share = createHash("sha256").update(pointKey).digest().readUInt32BE() / 0xffffffff;
  return Math.round(ms * (1 + most * share));
}
