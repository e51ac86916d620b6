import { readSettings } from "../shared/config.ts";
import { assemble, type Portcullis } from "../shared/portcullis.ts";

let assembled: Promise<Portcullis> | undefined;

/** The product, put together once a process, when the first function needs it. A failure is tried again by the next. */
export function portcullis(): Promise<Portcullis> {
  assembled ??= Promise.resolve().then(() => assemble(readSettings()));
  assembled.catch(() => {
    assembled = undefined;
  });
  return assembled;
}
