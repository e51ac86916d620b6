import { createHash } from "node:crypto";
import type { Alert } from "./alert.ts";

/**
 * The same for one finding that arrives under two ids, or undefined where no such thing happens. Defender for Endpoint's alerts on
 * Azure machines reach us through Defender for Cloud and through XDR, with different ids and unsynchronised states: what they share is
 * the title, the machine and, nearly, the time.
 */
export function fingerprint({ source, title, entities }: Alert): string | undefined {
  if (source !== "defender-for-endpoint") return undefined;
  const machines = new Set(
    entities.flatMap((entity) =>
      entity.kind === "host" && entity.role === "victim" && entity.resourceId ? [entity.resourceId.toLowerCase()] : [],
    ),
  );
  const [machine, ...others] = machines;
  if (machine === undefined || others.length > 0) return undefined;
  const words = title.toLowerCase().replaceAll(/\s+/g, " ").trim();
  return createHash("sha256").update(`${source}\n${words}\n${machine}`).digest("hex").slice(0, 32);
}
