import type { ApiManagementService, StoredDocument } from "./store.ts";

/**
 * What each policy and fragment was before its latest write, for the stale-read fault. Kept beside the store, because the
 * gateway must never see it.
 */
const versions = new WeakMap<ApiManagementService, Map<string, StoredDocument | undefined>>();

export function rememberPrevious(
  service: ApiManagementService,
  path: string,
  document: StoredDocument | undefined,
): void {
  const known = versions.get(service) ?? new Map<string, StoredDocument | undefined>();
  known.set(path, document);
  versions.set(service, known);
}

/** The version a stale read answers: the one before the latest write, or the current one when nothing was written. */
export function staleVersion<T extends StoredDocument>(
  service: ApiManagementService,
  path: string,
  current: T | undefined,
): StoredDocument | undefined {
  const known = versions.get(service);
  return known?.has(path) === true ? known.get(path) : current;
}
