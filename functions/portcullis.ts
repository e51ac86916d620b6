import type { Portcullis } from "../shared/portcullis.ts";

let assembled: Promise<Portcullis> | undefined;

/**
 * The product, loaded and put together once a process, when the first function needs it: starting the app stays as quick as starting
 * an empty one. A failure is tried again by the next call.
 */
export function portcullis(): Promise<Portcullis> {
  assembled ??= open();
  assembled.catch(() => {
    assembled = undefined;
  });
  return assembled;
}

async function open(): Promise<Portcullis> {
  const [{ readSettings }, { assemble }] = await Promise.all([
    import("../shared/config.ts"),
    import("../shared/portcullis.ts"),
  ]);
  return assemble(readSettings());
}
