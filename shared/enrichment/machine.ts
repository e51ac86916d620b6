import type { Alert } from "../alerts/alert.ts";
import type { Entity } from "../alerts/entity.ts";
import { isMachineId } from "../alerts/ids.ts";
import { sameArmId } from "../arm-id.ts";
import type { Endpoint, Machine } from "../azure/endpoint.ts";
import type { MachineFact } from "../playbooks/facts.ts";
import { attackersFirst } from "./attackers-first.ts";
import { ask, askAbout, type Budget, type Cache, createCache, keep, type LookUp, Miss } from "./look-up.ts";

type Host = Extract<Entity, { kind: "host" }>;
type MachineReads = Pick<Endpoint, "machine" | "machinesByDnsName" | "machinesByNamePrefix">;

const limit = 5;
/** Windows cuts a computer's name after these, whatever the virtual machine is called in Azure. */
const windowsNameLength = 15;

/** Looks for the one active machine that each host of an alert is; anything but exactly one is a miss that says how many and why. */
export function createMachineLookUp(endpoint: MachineReads, budget: Budget) {
  const cache: Cache<Machine[]> = createCache(budget.clock);

  return (alert: Alert): Promise<LookUp<MachineFact>> => {
    const hosts = attackersFirst(alert.entities.filter((entity): entity is Host => entity.kind === "host"));
    return askAbout(hosts, { limit, noun: "host" }, (host) =>
      ask(labelOf(host), budget, () => findMachine(host, endpoint, cache)),
    );
  };
}

function labelOf({ fqdn, mdeDeviceId, resourceId, name, foundAt }: Host): string {
  return fqdn ?? mdeDeviceId ?? resourceId ?? name ?? foundAt;
}

/** The surest id first. A surer one that leads nowhere is no reason to ask a weaker one to overrule it, only to ask it as well. */
async function findMachine(host: Host, endpoint: MachineReads, cache: Cache<Machine[]>): Promise<MachineFact> {
  const { mdeDeviceId, resourceId, fqdn } = host;
  if (mdeDeviceId !== undefined) {
    const records = await keep(cache, `id ${mdeDeviceId.toLowerCase()}`, async () => {
      const found = await endpoint.machine(mdeDeviceId);
      return found ? [found] : [];
    });
    return checked(theActive(records, `has the id ${mdeDeviceId}`), "mdeDeviceId", host);
  }
  if (resourceId !== undefined && isMachineId(resourceId)) {
    const records = await recordsOfVm(resourceId, endpoint, cache);
    if (records.length > 0 || !isDnsName(fqdn)) {
      return checked(theActive(records, `belongs to ${resourceId}`), "vmResourceId", host);
    }
  }
  if (isDnsName(fqdn)) {
    const name = fqdn.toLowerCase();
    const records = await keep(cache, `dns ${name}`, async () =>
      (await endpoint.machinesByDnsName(fqdn)).filter(({ dnsName }) => dnsName?.toLowerCase() === name),
    );
    return checked(theActive(records, `is called ${fqdn}`), "dnsName", host);
  }
  throw new Miss("a short name alone identifies no machine, and the alert gives no other id that Defender knows");
}

/** Defender cannot be asked for an ARM id: machines whose names begin like the virtual machine's are read, and the id decides. */
async function recordsOfVm(resourceId: string, endpoint: MachineReads, cache: Cache<Machine[]>): Promise<Machine[]> {
  const name = resourceId.slice(resourceId.lastIndexOf("/") + 1).toLowerCase();
  // Rules of Microsoft.Compute and Microsoft.HybridCompute; anything else is no machine's name and is not searched for.
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name)) throw new Miss("the ARM id does not end in a machine's name");
  const prefix = name.slice(0, windowsNameLength);
  // Thousands may begin like that: only the machine's own records are kept.
  return keep(cache, `vm ${resourceId.toLowerCase()}`, async () =>
    (await endpoint.machinesByNamePrefix(prefix)).filter(
      ({ vmResourceId }) => vmResourceId !== undefined && sameArmId(vmResourceId, resourceId),
    ),
  );
}

function isDnsName(fqdn: string | undefined): fqdn is string {
  return fqdn !== undefined && /^(?=.{3,253}$)[a-z0-9_-]+(\.[a-z0-9_-]+)+$/i.test(fqdn);
}

/**
 * Of several records of one machine (re-imaged hosts leave their old ones) the one that is active and onboarded. Not if there are
 * several such, and not if another was seen after it: then nobody can tell from here which one is meant.
 */
function theActive(found: readonly Machine[], whatItIs: string): Machine {
  // A name that is asked for in both letter cases gives a record twice.
  const records = [...new Map(found.map((record) => [record.id.toLowerCase(), record])).values()];
  if (records.length === 0) throw new Miss(`no machine in Defender for Endpoint ${whatItIs}`);
  const active = records.filter((record) => isActive(record) && isOnboarded(record));
  const [only, ...others] = active;
  if (!only) {
    const states = records.map(({ healthStatus, onboardingStatus }) => `${healthStatus}, ${onboardingStatus}`);
    throw new Miss(`none of the ${records.length} that ${whatItIs} is active and onboarded (${states.join("; ")})`);
  }
  if (others.length > 0) throw new Miss(`${active.length} active machines: each of them ${whatItIs}`);
  const later = records.filter((record) => record !== only && isOnboarded(record) && seen(record) > seen(only));
  if (later.length > 0) throw new Miss(`the active machine that ${whatItIs} was seen before another of its records`);
  return only;
}

function isActive({ healthStatus }: Machine): boolean {
  return healthStatus.toLowerCase() === "active";
}

function isOnboarded({ onboardingStatus }: Machine): boolean {
  return onboardingStatus.toLowerCase() === "onboarded";
}

function seen({ lastSeen }: Machine): number {
  const at = Date.parse(lastSeen ?? "");
  return Number.isNaN(at) ? 0 : at;
}

/** Two ids of one host that lead to different machines name none. */
function checked(machine: Machine, matchedBy: MachineFact["matchedBy"], host: Host): MachineFact {
  const differs = (theirs: string | undefined, ours: string | undefined) =>
    theirs !== undefined && ours !== undefined && theirs.toLowerCase() !== ours.toLowerCase();
  const vmId = host.resourceId !== undefined && isMachineId(host.resourceId) ? host.resourceId : undefined;
  if (differs(machine.vmResourceId, vmId)) {
    throw new Miss(`the machine ${machine.id} belongs to another virtual machine than the alert names`);
  }
  if (differs(machine.aadDeviceId, host.azureAdDeviceId)) {
    throw new Miss(`the machine ${machine.id} is another Entra device than the alert names`);
  }
  const { id, dnsName, vmResourceId, lastSeen, deviceValue, group, tags } = machine;
  return { id, matchedBy, dnsName, vmResourceId, lastSeen, deviceValue, group, tags: [...tags] };
}
