import { ArmError } from "../resource-manager/arm-error.ts";
import type { ArmAnswer, ArmCall } from "../resource-manager/route.ts";
import { validationError } from "./policy-problem.ts";

const pageSize = 100;

/** A collection page with `$top` and `$skip`, and the next page's address when there is one. */
export function page<T>(call: ArmCall, items: readonly T[]): ArmAnswer {
  refuseQueries(call);
  const top = number(call, "$top", 1) ?? pageSize;
  const skip = number(call, "$skip", 0) ?? 0;
  const value = items.slice(skip, skip + top);
  const body = { value, count: items.length };
  if (skip + top >= items.length) return { status: 200, body };
  const next = new URL(call.url);
  next.searchParams.set("$top", String(top));
  next.searchParams.set("$skip", String(skip + top));
  return { status: 200, body: { ...body, nextLink: next.href } };
}

/** Answering an unfiltered list to a filtered question would be a wrong answer. */
function refuseQueries({ url }: ArmCall): void {
  for (const name of ["$filter", "$orderby", "tags", "isKeyVaultRefreshFailed"]) {
    if (!url.searchParams.has(name)) continue;
    throw new ArmError(501, "NotSimulated", `The simulated Azure does not evaluate ${name} on ${url.pathname}.`);
  }
}

function number({ url }: ArmCall, name: string, least: number): number | undefined {
  const text = url.searchParams.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw validationError([
    { code: "ValidationError", target: name, message: `The value '${text}' is not a number of at least ${least}.` },
  ]);
}
