import { fragmentWrite } from "../azure/api-management.ts";
import { armEndpoint } from "../azure/arm-request.ts";
import { AzureError } from "../azure/azure-error.ts";
import type { EnforcementPoint } from "../ledger/containment.ts";
import type { Plan } from "../ledger/run.ts";
import type { DecidedStep } from "../playbooks/decision.ts";
import { isForeignFragment } from "../reconcile/foreign-fragment.ts";
import {
  diffFragment,
  fragmentId,
  readFragment,
  renderFragment,
  sameFragment,
} from "../reconcile/fragment-document.ts";
import { fragmentDoubts } from "../reconcile/fragment-doubts.ts";
import type { Reconciler } from "../reconcile/reconcile-fragment.ts";
import type { ListResponder } from "../responders/responder.ts";

/**
 * The exact request that these steps would send to one service, and how its fragment would change: reads only. When many alerts come
 * together, reconcile sends one request for all of them; then this is each one's part of it.
 */
export async function planFragment(
  point: EnforcementPoint,
  steps: readonly DecidedStep[],
  responders: ReadonlyMap<string, ListResponder>,
  reconciler: Pick<Reconciler, "apiManagement" | "fragments" | "apis" | "operations" | "sound">,
): Promise<Plan> {
  const { apiManagement, fragments } = reconciler;
  const serviceId = point.resourceId;
  const actual = await fragments.get(serviceId, () => apiManagement.fragment(serviceId, fragmentId));
  if (actual && isForeignFragment(actual.xml)) {
    return {
      point: serviceId,
      requests: [],
      diff: "",
      doubts: [`a fragment called ${fragmentId} exists that Portcullis did not write`],
    };
  }

  const standing = actual ? readFragment(actual.xml) : { entries: [] };
  const added = steps.flatMap(({ responder, containment }) => {
    const entry = containment && responders.get(responder)?.entry(containment.target, [containment.params]);
    return entry ? [entry] : [];
  });
  const desired = renderFragment([...("entries" in standing ? standing.entries : []), ...added]);
  const doubts = await Promise.all(
    steps.flatMap(({ containment }) =>
      containment ? [doubtsOrUnknown(serviceId, containment.target.scope, reconciler)] : [],
    ),
  );
  const unchanged = actual !== undefined && sameFragment(actual.xml, desired);
  const write = fragmentWrite(serviceId, fragmentId, desired, actual ? { ifMatch: actual.etag } : { ifNoneMatch: "*" });
  return {
    point: serviceId,
    requests: unchanged
      ? []
      : [
          {
            method: write.method,
            url: `${armEndpoint}${write.path}?api-version=${write.apiVersion}`,
            headers: { "Content-Type": "application/json", ...write.headers },
            body: JSON.stringify(write.body),
          },
        ],
    diff: unchanged ? "" : diffFragment(actual?.xml, desired),
    doubts: [...new Set(doubts.flat())],
  };
}

/** A policy that cannot be read just now is a doubt about the plan; it must not hold the containment back. */
async function doubtsOrUnknown(...about: Parameters<typeof fragmentDoubts>): Promise<string[]> {
  try {
    return await fragmentDoubts(...about);
  } catch (error) {
    if (error instanceof AzureError) return [`whether the containment would hold is not known: ${error.message}`];
    throw error;
  }
}
