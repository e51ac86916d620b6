import type { Clock } from "../../../shared/clock.ts";
import { ArmError } from "../resource-manager/arm-error.ts";
import type { ArmAnswer, ArmCall, ArmRoute } from "../resource-manager/route.ts";
import { speakVersion } from "../resource-manager/speak-version.ts";
import { bringUpToDate } from "./bring-up-to-date.ts";
import {
  type FirewallState,
  nameOf,
  newEtag,
  type SimulatedIpGroup,
  sameId,
  simulatedIpGroup,
} from "./firewall-state.ts";
import { firewallApiVersions } from "./firewall-versions.ts";
import { readIpGroupBody, readTags } from "./ip-group-body.ts";
import { busy, checkEtag, checkName, missing } from "./network-failure.ts";
import { beginOperation, operationRoutes, regionOf } from "./network-operations.ts";
import { page } from "./page.ts";
import { firewallsNaming, policiesNaming } from "./references.ts";

const provider =
  "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}/providers/Microsoft.Network/ipGroups";
const path = `${provider}/{ipGroupsName}`;
/** "Up to 20 IP Groups at once": https://learn.microsoft.com/azure/firewall/ip-groups */
const mostAtOnce = 20;

/**
 * IP Groups as Microsoft.Network plays them: whole replacement, an operation that takes minutes where firewalls go by the group, and a
 * group that may fail while its firewall says Succeeded. Not played: the weight of rules, the number of groups.
 */
export function ipGroupRoutes(state: FirewallState, clock: Clock): ArmRoute[] {
  const route = (operationId: string, method: string, at: string, answer: (call: ArmCall) => ArmAnswer): ArmRoute => ({
    operationId,
    method,
    path: at,
    answer(call) {
      speakVersion(call, "ipGroups", firewallApiVersions);
      bringUpToDate(state, clock.now());
      return answer(call);
    },
  });
  const list = (call: ArmCall) => {
    const prefix = `${call.url.pathname.split("/providers/")[0]}/`.toLowerCase();
    const here = state.ipGroups.filter(({ id }) => id.toLowerCase().startsWith(prefix));
    return page(
      call,
      here.map((group) => present(group, state)),
      state,
    );
  };
  return [
    route("IpGroups_Get", "GET", path, (call) => shown(200, find(state, call), state)),
    route("IpGroups_CreateOrUpdate", "PUT", path, (call) => put(call, state, clock.now())),
    route("IpGroups_UpdateGroups", "PATCH", path, (call) => patch(call, state)),
    route("IpGroups_Delete", "DELETE", path, (call) => remove(call, state, clock.now())),
    route("IpGroups_ListByResourceGroup", "GET", provider, list),
    route("IpGroups_List", "GET", "/subscriptions/{subscriptionId}/providers/Microsoft.Network/ipGroups", list),
    ...operationRoutes(state).map((one) => ({
      ...one,
      answer(call: ArmCall) {
        bringUpToDate(state, clock.now());
        return one.answer(call);
      },
    })),
  ];
}

function lookUp(state: FirewallState, { params }: ArmCall): { id: string; existing: SimulatedIpGroup | undefined } {
  const id = path.replaceAll(/\{(\w+)\}/g, (_, param: string) => params[param] ?? "");
  return { id, existing: state.ipGroups.find((group) => sameId(group.id, id)) };
}

function find(state: FirewallState, call: ArmCall): SimulatedIpGroup {
  const { id, existing } = lookUp(state, call);
  if (existing) return existing;
  throw missing("ipGroups", nameOf(id));
}

function put(call: ArmCall, state: FirewallState, now: Date): ArmAnswer {
  const { location, tags, entries } = readIpGroupBody(call.body, state);
  const { id, existing } = lookUp(state, call);
  checkName(nameOf(id));
  if (existing && regionOf(existing.location) !== regionOf(location)) throw elsewhere(existing, location);
  checkEtag(call, existing);
  refuseWhileBusy(state, existing);
  if (state.ipGroups.filter(({ write }) => write !== undefined).length >= mostAtOnce) throw busy(state);

  const group = existing ?? simulatedIpGroup({ id, location });
  if (!existing) state.ipGroups.push(group);
  const attached = firewallsNaming(state, group.id).length > 0;
  const { attachedMs, unattachedMs } = state.latency;
  const operation = beginOperation(state, call, { resourceId: group.id, location, end: "azure-asyncoperation" });
  group.tags = tags;
  group.stored = entries;
  group.state = "Updating";
  group.etag = newEtag();
  const until = now.getTime() + (attached ? attachedMs : unattachedMs);
  group.write = { operation: operation.id, until, fails: call.failOperation };
  const answer = shown(existing ? 200 : 201, group, state);
  return { ...answer, headers: { ...answer.headers, ...operation.headers } };
}

function refuseWhileBusy(state: FirewallState, group: SimulatedIpGroup | undefined): void {
  if (group?.write) throw busy(state, `operations/${group.write.operation}`);
}

/** Resource Manager's own, for every provider. */
function elsewhere({ id, location }: SimulatedIpGroup, asked: string): ArmError {
  return new ArmError(
    409,
    "InvalidResourceLocation",
    `The resource '${nameOf(id)}' already exists in location '${location}'. A resource with the same name cannot be created in location '${asked}'.`,
  );
}

function patch(call: ArmCall, state: FirewallState): ArmAnswer {
  const group = find(state, call);
  const tags = readTags(call.body);
  checkEtag(call, group);
  group.tags = tags;
  group.etag = newEtag();
  return shown(200, group, state);
}

/** Codes: Azure/azure-rest-api-specs#25739 for policies, Azure/azure-cli-extensions#1670 for classic firewalls. */
function remove(call: ArmCall, state: FirewallState, now: Date): ArmAnswer {
  const { existing: group } = lookUp(state, call);
  if (!group) return { status: 204 };
  checkEtag(call, group);
  refuseWhileBusy(state, group);
  const users = policiesNaming(state, group.id).length > 0 ? "FirewallPolicy" : "Resource";
  if (users === "FirewallPolicy" || firewallsNaming(state, group.id).length > 0) {
    const who = users === "FirewallPolicy" ? "firewall policies" : "other Azure Resources";
    throw new ArmError(
      400,
      `IpGroupsHas${users}References`,
      `IpGroups '${group.id}' cannot be deleted since there are ${who} using this resource.`,
    );
  }
  const operation = beginOperation(state, call, { resourceId: group.id, location: group.location, end: "location" });
  group.state = "Deleting";
  const until = now.getTime() + state.latency.unattachedMs;
  group.write = { operation: operation.id, until, fails: false, deletes: true };
  return { status: 202, headers: operation.headers };
}

function shown(status: number, group: SimulatedIpGroup, state: FirewallState): ArmAnswer {
  return { status, headers: { etag: group.etag }, body: present(group, state) };
}

function present(
  { id, location, tags, stored, state: provisioningState, etag }: SimulatedIpGroup,
  state: FirewallState,
) {
  return {
    name: nameOf(id),
    id,
    type: "Microsoft.Network/ipGroups",
    etag,
    location,
    tags,
    properties: {
      provisioningState,
      ipAddresses: stored,
      firewalls: firewallsNaming(state, id).map((one) => ({ id: one.id })),
      firewallPolicies: policiesNaming(state, id).map((one) => ({ id: one.id })),
    },
  };
}
