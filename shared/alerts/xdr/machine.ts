import type { Role } from "../entity.ts";
import { meant } from "../fields.ts";
import { isMachineId, readFqdn, readGuid, readMdeDeviceId, readResourceId } from "../ids.ts";
import type { Findings } from "./findings.ts";

/** A machine as the Defender APIs write it, each id under the field that is meant for it. */
export interface RawMachine {
  mdeDeviceId?: { raw: unknown; foundAt: string };
  azureAdDeviceId?: unknown;
  /** Fully qualified, but for machines without a domain: then it is the bare name. */
  dnsName?: unknown;
  hostName?: unknown;
  dnsDomain?: unknown;
  resourceId?: unknown;
}

export function addMachine({ entities, notes }: Findings, role: Role, raw: RawMachine, foundAt: string): void {
  const mdeDeviceId = readMdeDeviceId(raw.mdeDeviceId?.raw);
  if (raw.mdeDeviceId && !mdeDeviceId && meant(raw.mdeDeviceId.raw))
    notes.push(`${raw.mdeDeviceId.foundAt}: not a machine id of Defender for Endpoint, ignored`);
  const resourceId = readResourceId(raw.resourceId);
  const isMachine = resourceId !== undefined && isMachineId(resourceId);
  if (resourceId && !isMachine) entities.add("azure-resource", role, { resourceId }, foundAt);
  entities.add(
    "host",
    role,
    {
      ...namesOf(raw),
      resourceId: isMachine ? resourceId : undefined,
      mdeDeviceId,
      azureAdDeviceId: readGuid(raw.azureAdDeviceId),
    },
    foundAt,
  );
}

function namesOf({ dnsName, hostName, dnsDomain }: RawMachine): { name: string | undefined; fqdn: string | undefined } {
  const whole = meant(dnsName);
  const fqdn = readFqdn(whole);
  const name = meant(hostName) ?? (whole?.includes(".") ? undefined : whole);
  const domain = meant(dnsDomain);
  return { name, fqdn: fqdn ?? (name && domain ? readFqdn(`${name}.${domain}`) : undefined) };
}
