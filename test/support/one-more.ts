import { expect } from "vitest";
import type { FragmentPoint } from "./a-fragment-point.ts";

interface Two {
  old: string;
  id: string;
}

/** One containment stands, another is asked for. */
export async function oneMore(at: FragmentPoint): Promise<Two> {
  const old = await at.block("203.0.113.1");
  await at.pass();
  const id = await at.block("203.0.113.2");
  at.shop.takeCalls();
  return { old, id };
}

export async function expectBothVerified(at: FragmentPoint, { old, id }: Two): Promise<void> {
  expect(at.standing()).toEqual(["203.0.113.1", "203.0.113.2"]);
  expect(await at.states()).toEqual({ [old]: "verified", [id]: "verified" });
}
