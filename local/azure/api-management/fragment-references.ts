import { descendants } from "./markup/markup.ts";
import { rootOf } from "./policy-text.ts";
import type { ApiManagementService } from "./store.ts";

/** The policies that include a fragment, as keys of the store. */
export function policiesIncluding(service: ApiManagementService, fragmentId: string): string[] {
  const wanted = fragmentId.toLowerCase();
  return Array.from(service.policies)
    .filter(([, { xml }]) =>
      Array.from(descendants(rootOf(xml))).some(
        ({ name, attributes }) =>
          name === "include-fragment" && attributes.get("fragment-id")?.toLowerCase() === wanted,
      ),
    )
    .map(([key]) => key);
}
