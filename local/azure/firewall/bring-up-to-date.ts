import { type FirewallState, nameOf, newEtag, type SimulatedIpGroup } from "./firewall-state.ts";
import { firewallsNaming } from "./references.ts";

/** Ends what is over by now: new lists and rules come into force, or the write has failed and the old ones stay. */
export function bringUpToDate(state: FirewallState, now: Date): void {
  for (const group of [...state.ipGroups]) {
    if (group.write && group.write.until <= now.getTime()) endGroupWrite(state, group, group.write);
  }
  for (const policy of state.policies) {
    for (const group of policy.ruleCollectionGroups) {
      const { write } = group;
      if (!write || write.until > now.getTime()) continue;
      if (!write.fails) Object.assign(group, write.next);
      group.provisioningState = write.fails ? "Failed" : "Succeeded";
      delete group.write;
      const message = `Put on Firewall Policy ${nameOf(policy.id)} Failed with 1 faulted referenced firewalls`;
      endOperation(state, write.operation, write.fails ? { code: "FirewallPolicyUpdateFailed", message } : undefined);
    }
  }
}

/** A group may have failed although its firewalls still say Succeeded, and although it shows the new list. */
function endGroupWrite(
  state: FirewallState,
  group: SimulatedIpGroup,
  { operation, fails, deletes = false }: NonNullable<SimulatedIpGroup["write"]>,
): void {
  const faulted = firewallsNaming(state, group.id).length;
  const message = `Put on IP Groups ${nameOf(group.id)} Failed with ${faulted} faulted referenced firewalls`;
  endOperation(state, operation, fails ? { code: "IpGroupsUpdateFailed", message } : undefined);
  delete group.write;
  if (deletes) {
    state.ipGroups.splice(state.ipGroups.indexOf(group), 1);
    return;
  }
  group.state = fails ? "Failed" : "Succeeded";
  group.etag = newEtag();
  if (!fails) group.inForce = group.stored;
  else if (!state.failedWriteKeepsList) group.stored = group.inForce;
}

function endOperation(state: FirewallState, id: string, error: { code: string; message: string } | undefined): void {
  const operation = state.operations.get(id);
  if (!operation) return;
  operation.status = error ? "Failed" : "Succeeded";
  if (error) operation.error = error;
}
