import { createPatch } from "diff";
import type { ApiManagement, Precondition, StoredFragment, StoredPolicy } from "../azure/api-management.ts";
import { AzureError } from "../azure/azure-error.ts";
import type { Clock } from "../clock.ts";
import { isForeignFragment } from "./foreign-fragment.ts";
import { fragmentId, renderFragment } from "./fragment-document.ts";
import { hasInclude, insertInclude, removeInclude } from "./include-fragment.ts";

export interface Bootstrap {
  /** What was done, or in a dry run would be, in order. */
  actions: string[];
  /** Unified diff of the global policy; empty when it needs no change. */
  diff: string;
}

class BootstrapRefused extends Error {
  override readonly name = "BootstrapRefused";
}

/** What API Management itself gives a new service, with our one line in it. */
const defaultPolicy = `<policies>
  <inbound>
    <include-fragment fragment-id="${fragmentId}" />
  </inbound>
  <backend>
    <forward-request />
  </backend>
  <outbound />
  <on-error />
</policies>`;

const attempts = 4;
/** A second apart. */
const looks = 30;

/**
 * Installs the enforcement point in one API Management service, once: the empty fragment, and one line in the global policy that
 * includes it. The customer's policy is read, one element is put in, every other byte stays, and it is written only if nobody changed
 * it meanwhile. Throws PolicyNotSafeToEdit or AzureError when nothing was written to it, BootstrapRefused with what to do otherwise.
 */
export async function bootstrapService(
  serviceId: string,
  { apiManagement, clock, dryRun }: { apiManagement: ApiManagement; clock: Clock; dryRun: boolean },
): Promise<Bootstrap> {
  const actions: string[] = [];
  const fragment = await apiManagement.fragment(serviceId, fragmentId);
  if (fragment && isForeignFragment(fragment.xml)) {
    throw new BootstrapRefused(
      `${serviceId} has a fragment called ${fragmentId} that Portcullis did not write: rename or remove it`,
    );
  }
  if (!fragment) {
    actions.push(`create the empty fragment ${fragmentId}`);
    if (!dryRun) await createFragment(serviceId, apiManagement, clock);
  }
  const diff = await editPolicy(serviceId, apiManagement, dryRun, (before) => {
    if (!before) return { xml: defaultPolicy, precondition: { ifNoneMatch: "*" } };
    const inserted = insertInclude(before.xml, fragmentId);
    return inserted.status === "present" ? undefined : { xml: inserted.xml, precondition: { ifMatch: before.etag } };
  });
  if (diff) actions.push("include it first in the inbound section of the global policy");
  if (dryRun) return { actions, diff };

  await readBack(serviceId, apiManagement, clock);
  return { actions, diff };
}

/** Reads may lag behind writes: it is looked for a few times before it counts as missing. */
async function readBack(serviceId: string, apiManagement: ApiManagement, clock: Clock): Promise<void> {
  for (let look = 1; look <= looks; look++) {
    const after = await apiManagement.policy(serviceId, "");
    if (after && hasInclude(after.xml, fragmentId)) return;
    await clock.sleep(1000);
  }
  throw new BootstrapRefused(
    `${serviceId}: the global policy was written, but the include does not read back yet; run the command again`,
  );
}

/** Takes the line out of the global policy again; the fragment stays, empty or not, and holds for nobody. */
export async function removeBootstrap(
  serviceId: string,
  { apiManagement, dryRun }: { apiManagement: ApiManagement; dryRun: boolean },
): Promise<Bootstrap> {
  const diff = await editPolicy(serviceId, apiManagement, dryRun, (before) => {
    const removed = before && removeInclude(before.xml, fragmentId);
    return removed?.status === "removed"
      ? { xml: removed.xml, precondition: { ifMatch: before?.etag ?? "" } }
      : undefined;
  });
  return { actions: diff ? ["remove the include from the global policy"] : [], diff };
}

async function createFragment(serviceId: string, apiManagement: ApiManagement, clock: Clock): Promise<void> {
  await apiManagement.putFragment(serviceId, fragmentId, renderFragment([]), { ifNoneMatch: "*" });
  let standing: StoredFragment | undefined;
  for (let look = 0; look < looks; look++) {
    standing = await apiManagement.fragment(serviceId, fragmentId);
    if (standing && standing.state !== "InProgress") break;
    await clock.sleep(1000);
  }
  if (standing?.state !== "Succeeded")
    throw new BootstrapRefused(`${serviceId}: the fragment was accepted but did not come into force`);
}

type Edit = (before: StoredPolicy | undefined) => { xml: string; precondition: Precondition } | undefined;

async function editPolicy(
  serviceId: string,
  apiManagement: ApiManagement,
  dryRun: boolean,
  edit: Edit,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const before = await apiManagement.policy(serviceId, "");
    const edited = edit(before);
    if (!edited) return "";
    if (!dryRun) {
      try {
        await apiManagement.putPolicy(serviceId, "", edited.xml, edited.precondition);
      } catch (error) {
        if (error instanceof AzureError && error.status === 412 && attempt < attempts) continue;
        throw error;
      }
    }
    return createPatch("global policy", before?.xml ?? "", edited.xml, "", "", { context: 2 });
  }
}
