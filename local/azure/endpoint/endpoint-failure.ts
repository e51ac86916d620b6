import { randomUUID } from "node:crypto";
import type { HostAnswer } from "../simulated-host.ts";

/** An error in the service's shape: https://learn.microsoft.com/defender-endpoint/api/common-errors */
export function fail(status: number, code: string, message: string): HostAnswer {
  return { status, body: { error: { code, message, target: randomUUID() } } };
}
