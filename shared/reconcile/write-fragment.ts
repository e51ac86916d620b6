import type { ApiManagement, StoredFragment } from "../azure/api-management.ts";
import { AzureError } from "../azure/azure-error.ts";
import type { Fresh } from "../azure/fresh.ts";
import type { Clock } from "../clock.ts";
import { isForeignFragment } from "./foreign-fragment.ts";
import { fragmentId, sameFragment } from "./fragment-document.ts";

export interface FragmentWriter {
  apiManagement: ApiManagement;
  /** What was read a moment ago, by a plan or the last pass; its ETag guards against what happened since. */
  fragments: Fresh<StoredFragment | undefined>;
  clock: Clock;
}

export interface Written {
  /** The fragment reads back as it was wanted. */
  standing: boolean;
  writes: number;
  /** The service will not have the document as it is: trying the same again is no use. */
  refused?: boolean;
  /** When API Management took the last write on: not yet a proof that it holds. */
  acceptedAt?: string;
  /** The version that was read back. */
  etag?: string;
  /** Why it does not stand, when it does not. */
  trouble?: string;
  /** Set when looking again can help. */
  retryAfterMs?: number;
}

export interface WriteOptions {
  /** The version that the last pass left; what was read before is believed only if it is this one. */
  lastEtag: string | undefined;
  /** Look at the world anew, whatever was read before: to find drift. */
  fresh: boolean;
  /** False when nothing is wanted and a missing fragment is therefore right. */
  needed: boolean;
}

const writeAttempts = 4;
/** A write of API Management takes seconds: worth waiting for in place, up to here; then a durable timer waits. */
const settleBudgetMs = 10_000;
export const retryMs = 15_000;

/** Makes the fragment read as desired in at most one write that nobody comes between, and reads it back. */
export async function writeFragment(
  serviceId: string,
  desired: string,
  { lastEtag, fresh, needed }: WriteOptions,
  writer: FragmentWriter,
): Promise<Written> {
  const { apiManagement, fragments } = writer;
  if (fresh) fragments.drop(serviceId);
  let writes = 0;
  for (let attempt = 1; attempt <= writeAttempts; attempt++) {
    let readNow = false;
    const before = await fragments.get(serviceId, () => {
      readNow = true;
      return apiManagement.fragment(serviceId, fragmentId);
    });
    const believed = (readNow || lastEtag === undefined || before?.etag === lastEtag) && before?.state !== "InProgress";
    const actual = believed ? before : await settled(serviceId, writer);
    if (actual?.state === "InProgress") {
      return { standing: false, writes, trouble: "a write of the fragment is still under way", retryAfterMs: retryMs };
    }
    if (actual && isForeignFragment(actual.xml)) {
      return {
        standing: false,
        writes,
        trouble: `a fragment called ${fragmentId} exists that Portcullis did not write: rename or remove it`,
      };
    }
    const right = actual ? actual.state === "Succeeded" && sameFragment(actual.xml, desired) : !needed;
    if (right) return { standing: true, writes, ...(actual ? { etag: actual.etag } : {}) };

    fragments.drop(serviceId);
    let location: string | undefined;
    try {
      location = await apiManagement.putFragment(
        serviceId,
        fragmentId,
        desired,
        actual ? { ifMatch: actual.etag } : { ifNoneMatch: "*" },
      );
    } catch (error) {
      // Somebody wrote since it was read: read again, compare again.
      if (error instanceof AzureError && error.status === 412) continue;
      throw error;
    }
    writes++;
    const acceptedAt = writer.clock.now().toISOString();
    return { writes, acceptedAt, ...(await readBack(serviceId, desired, location, writer)) };
  }
  return {
    standing: false,
    writes,
    trouble: `others changed the fragment ${writeAttempts} times in a row`,
    retryAfterMs: retryMs,
  };
}

async function readBack(
  serviceId: string,
  desired: string,
  location: string | undefined,
  writer: FragmentWriter,
): Promise<Omit<Written, "writes">> {
  const actual = await settled(serviceId, writer, (found) => found !== undefined && sameFragment(found.xml, desired));
  if (actual?.state === "Succeeded" && sameFragment(actual.xml, desired)) return { standing: true, etag: actual.etag };
  const fault = location === undefined ? undefined : await writer.apiManagement.writeFault(serviceId, location);
  if (fault)
    return {
      standing: false,
      refused: fault.status === 400,
      trouble: fault.message,
      ...(fault.transient ? { retryAfterMs: fault.retryAfterMs ?? retryMs } : {}),
    };
  return {
    standing: false,
    trouble: "API Management accepted the fragment but does not show it yet",
    retryAfterMs: retryMs,
  };
}

/** Reads until no write is under way and the answer is as expected (reads may lag behind writes), within the budget. */
async function settled(
  serviceId: string,
  { apiManagement, fragments, clock }: FragmentWriter,
  expected: (found: StoredFragment | undefined) => boolean = () => true,
): Promise<StoredFragment | undefined> {
  const until = clock.now().getTime() + settleBudgetMs;
  for (let waitMs = 100; ; waitMs = Math.min(waitMs * 1.5, 1000)) {
    const actual = await apiManagement.fragment(serviceId, fragmentId);
    const done = actual?.state === "Failed" || (actual?.state !== "InProgress" && expected(actual));
    if (done) fragments.set(serviceId, actual);
    if (done || clock.now().getTime() >= until) return actual;
    await clock.sleep(waitMs);
  }
}
