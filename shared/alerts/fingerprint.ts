import { createHash } from "node:crypto";
import type { Alert, Family } from "./alert.ts";

export interface Fingerprint {
  id: string;
  /** Over which of the two ways it came; two alerts of one way are two findings. */
  way: "cloud" | "xdr";
  attackers: string[];
}

const throughCloud: ReadonlySet<Family> = new Set([
  "arm-2022-01-01",
  "arm-2019-01-01",
  "flat",
  "log-analytics",
  "activity-log",
]);

/**
 * What one finding that arrives under two ids has in common, or undefined where no such thing happens. Defender for Endpoint's alerts on
 * Azure machines reach us through Defender for Cloud and through XDR, with different ids and unsynchronised states: they share the
 * title, the machine and, nearly, the time.
 */
export function fingerprint({ source, family, sample, title, entities }: Alert): Fingerprint | undefined {
  if (source !== "defender-for-endpoint") return undefined;
  const machines = new Set(
    entities.flatMap((entity) =>
      entity.kind === "host" && entity.role === "victim" && entity.resourceId ? [entity.resourceId.toLowerCase()] : [],
    ),
  );
  const [machine, ...others] = machines;
  if (machine === undefined || others.length > 0) return undefined;
  const words = title.toLowerCase().replaceAll(/\s+/g, " ").trim();
  const attackers = entities.flatMap((entity) =>
    entity.kind === "ip" && entity.role === "attacker" ? [entity.address] : [],
  );
  return {
    id: createHash("sha256").update(`${sample}\n${words}\n${machine}`).digest("hex").slice(0, 32),
    way: throughCloud.has(family) ? "cloud" : "xdr",
    attackers,
  };
}
