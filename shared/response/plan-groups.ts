import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";
import { armEndpoint } from "../azure/arm-request.ts";
import type { Firewall, IpGroup } from "../azure/firewall.ts";
import type { EnforcementPoint } from "../ledger/containment.ts";
import type { Plan } from "../ledger/run.ts";
import type { DecidedStep } from "../playbooks/decision.ts";
import { entriesLimit } from "../reconcile/assign-groups.ts";
import { bare, nameOf, placeholder } from "../reconcile/group-view.ts";
import type { Responder } from "../responders/responder.ts";

export interface GroupPlanner {
  firewall: Firewall;
  responders: ReadonlyMap<string, Responder>;
}

/**
 * The exact request that these steps would send to the IP Groups of one Firewall Policy, and how the list would change: reads only. When
 * many alerts come together, reconcile sends one request for all of them; then this is each one's part of it.
 */
export async function planGroups(
  point: EnforcementPoint,
  steps: readonly DecidedStep[],
  { firewall, responders }: GroupPlanner,
): Promise<Plan> {
  const { groups: ids, doubts } = await firewall.blocking(point.resourceId);
  const plan: Plan = { point: point.resourceId, requests: [], diff: "", doubts: [...doubts] };
  const read = await Promise.all(ids.map((id) => firewall.group(id)));
  const groups = read.filter((group) => group?.owned === true).filter((group) => group !== undefined);
  const added = steps.flatMap(({ responder: id, containment }) => {
    const responder = responders.get(id);
    if (responder?.point !== "firewall" || containment?.target.kind !== "address") return [];
    const entry = responder.address(containment.target);
    const stood = groups.find(({ addresses }) => addresses.some((one) => bare(one) === entry));
    if (!stood) return [entry];
    plan.doubts.push(`${entry} stands in the IP Group ${nameOf(stood.id)} already: nothing is sent for it`);
    return [];
  });
  const target = groups.find(({ addresses }) => addresses.length + added.length <= entriesLimit);
  if (groups.length === 0)
    plan.doubts.push("no IP Group of the blocking rules is ours to write to: tag it managed-by=portcullis");
  else if (!target)
    plan.doubts.push(`the IP Groups are full (${entriesLimit} entries each): the least severe would make room`);
  if (!target || added.length === 0) return plan;
  const standing = target.addresses.map(bare).filter((entry) => entry !== placeholder);
  const after = [...new Set([...standing, ...added])].sort();
  const { path, headers, body } = firewall.write(target, after);
  plan.requests.push({
    method: "PUT",
    url: `${armEndpoint}${path}`,
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  plan.diff = diffEntries(target, after);
  return plan;
}

function diffEntries({ id, addresses }: IpGroup, after: readonly string[]): string {
  const text = (entries: readonly string[]) => entries.map((entry) => `${entry}\n`).join("");
  const before = text(addresses.map(bare).toSorted());
  const options = { headerOptions: FILE_HEADERS_ONLY, context: 1 };
  return createTwoFilesPatch(
    `${nameOf(id)} (now)`,
    `${nameOf(id)} (planned)`,
    before,
    text(after),
    undefined,
    undefined,
    options,
  );
}
