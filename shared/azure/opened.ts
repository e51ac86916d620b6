import { AzureError } from "./azure-error.ts";

/** Opens on first use and keeps what was opened; what could not be opened is tried again by the next call. Throws {@link AzureError}. */
export function openOnce<T>(open: () => Promise<T>): (attempt: string) => Promise<T> {
  let opened: Promise<T> | undefined;
  return async (attempt) => {
    const opening = opened ?? open();
    opened = opening;
    try {
      return await opening;
    } catch (error) {
      if (opened === opening) opened = undefined;
      const message = error instanceof Error ? error.message : "the client could not be opened";
      throw new AzureError(attempt, { status: 0, code: "NoConnection", message }, { cause: error });
    }
  };
}
