import { ArmError } from "../resource-manager/arm-error.ts";
import type { ArmAnswer, ArmCall } from "../resource-manager/route.ts";
import type { FirewallState } from "./firewall-state.ts";

/** A list, as many at a time as the state says, and where the rest is. */
export function page({ url }: ArmCall, all: readonly object[], { pageSize }: FirewallState): ArmAnswer {
  const token = url.searchParams.get("$skipToken") ?? "0";
  if (!/^\d+$/.test(token)) throw new ArmError(400, "InvalidSkipToken", "The skip token is not one that a list gave.");
  const end = Number(token) + pageSize;
  const value = all.slice(Number(token), end);
  if (end >= all.length) return { status: 200, body: { value } };
  const next = new URL(url);
  next.searchParams.set("$skipToken", String(end));
  return { status: 200, body: { value, nextLink: next.href } };
}
