import type { Entities } from "../entities.ts";
import type { Role } from "../entity.ts";
import { type Field, join, meant } from "../fields.ts";
import { isMachineId, readGuid, readHostNames, readMdeDeviceId, readResourceId } from "../ids.ts";

/** A machine as the Defender APIs write it, each id under the field that is meant for it. */
interface RawMachine {
  mdeDeviceId?: Field | undefined;
  azureAdDeviceId?: unknown;
  /** Fully qualified, but for machines without a domain: then it is the bare name. */
  dnsName?: unknown;
  hostName?: unknown;
  dnsDomain?: unknown;
  resourceId?: unknown;
}

/** `at`: the path of what holds the machine's fields; `foundAt`, if that is not the place to show. */
export function addMachine(entities: Entities, role: Role, raw: RawMachine, at: string, foundAt = at): void {
  const id = raw.mdeDeviceId;
  const mdeDeviceId = readMdeDeviceId(id?.value);
  if (id && !mdeDeviceId && meant(id.value))
    entities.notes.push(`${join(at, id.key)}: not a machine id of Defender for Endpoint, ignored`);
  const resourceId = readResourceId(raw.resourceId);
  const isMachine = resourceId !== undefined && isMachineId(resourceId);
  if (resourceId && !isMachine) entities.add("azure-resource", role, { resourceId }, foundAt);
  const whole = meant(raw.dnsName);
  const name = meant(raw.hostName) ?? (whole?.includes(".") ? undefined : whole);
  const detail = {
    ...readHostNames(name, meant(raw.dnsDomain), whole),
    resourceId: isMachine ? resourceId : undefined,
    mdeDeviceId,
    azureAdDeviceId: readGuid(raw.azureAdDeviceId),
  };
  entities.add("host", role, detail, foundAt);
}

/** An address of a device of ours: a victim's wherever else in the alert it stands. */
export function addOwnAddress(entities: Entities, raw: unknown, foundAt: string): void {
  if (raw !== undefined && raw !== null && raw !== "") entities.address("victim", raw, foundAt);
}
