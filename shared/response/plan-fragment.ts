import { fragmentWrite } from "../azure/api-management.ts";
import { armEndpoint } from "../azure/arm-request.ts";
import { AzureError } from "../azure/azure-error.ts";
import type { EnforcementPoint } from "../ledger/containment.ts";
import type { Plan } from "../ledger/run.ts";
import type { DecidedStep } from "../playbooks/decision.ts";
import { isForeignFragment } from "../reconcile/foreign-fragment.ts";
import {
  diffFragment,
  type FragmentEntry,
  FragmentTooLarge,
  fragmentId,
  readFragment,
  renderFragment,
  sameFragment,
} from "../reconcile/fragment-document.ts";
import { fragmentDoubts } from "../reconcile/fragment-doubts.ts";
import { readLimits } from "../reconcile/fragment-limits.ts";
import type { Reconciler } from "../reconcile/reconcile-fragment.ts";
import type { Responder } from "../responders/responder.ts";

/**
 * The exact request that these steps would send to one service, and how its fragment would change: reads only. When many alerts come
 * together, reconcile sends one request for all of them; then this is each one's part of it.
 */
export async function planFragment(
  point: EnforcementPoint,
  steps: readonly DecidedStep[],
  responders: ReadonlyMap<string, Responder>,
  reconciler: Pick<Reconciler, "apiManagement" | "fragments" | "apis" | "operations" | "sound" | "seenAs">,
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
  const limits = await readLimits(serviceId, apiManagement);
  const wanted = steps.flatMap(({ responder, containment }) => {
    const known = responders.get(responder);
    if (known?.point !== "apim-fragment" || containment?.target.kind !== "api-caller") return [];
    return [known.entry(containment.target, [containment.params], reconciler.seenAs)];
  });
  const refusals = wanted.flatMap((entry) => limits.refuses(entry) ?? []);
  const added = wanted.filter((entry) => limits.refuses(entry) === undefined);
  const desired = renderOrSay(["entries" in standing ? standing.entries : [], added].flat(), limits.maxBytes);
  if (typeof desired !== "string")
    return { point: serviceId, requests: [], diff: "", doubts: [...refusals, desired.full] };
  const doubts = await Promise.all(
    steps.flatMap(({ containment }) =>
      containment?.target.kind === "api-caller"
        ? [doubtsOrUnknown(serviceId, containment.target.scope, reconciler)]
        : [],
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
    doubts: [...new Set([...refusals, ...doubts.flat()])],
  };
}

/** Which of all would have to stay out is decided when it is written, by all that is wanted then. */
function renderOrSay(entries: readonly FragmentEntry[], maxBytes: number): string | { full: string } {
  try {
    return renderFragment(entries, maxBytes);
  } catch (error) {
    if (error instanceof FragmentTooLarge) return { full: error.message };
    throw error;
  }
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
