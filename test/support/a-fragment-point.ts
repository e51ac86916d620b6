import type { StoredFragment } from "../../shared/azure/api-management.ts";
import { createFresh } from "../../shared/azure/fresh.ts";
import { containmentId, enforcementPoint } from "../../shared/ledger/containment.ts";
import type { Containments } from "../../shared/ledger/containments.ts";
import type { Scope, TargetOf } from "../../shared/ledger/target.ts";
import { fragmentId } from "../../shared/reconcile/fragment-document.ts";
import type { Pass } from "../../shared/reconcile/pass.ts";
import { type Reconciler, reconcileFragment } from "../../shared/reconcile/reconcile-fragment.ts";
import { responders } from "../../shared/responders/responders.ts";
import { someContainments } from "./a-ledger.ts";
import { freshInventory, include, openShop, type Shop, serviceId } from "./a-shop.ts";

export const orders: Scope = { kind: "api", apiId: "orders" };

/** The shop's enforcement point with its ledger, installed, and passes over it as the single writer makes them. */
export interface FragmentPoint {
  shop: Shop;
  containments: Containments;
  /** Asks for a block of an address, as one alert would; answers the containment's id. */
  block(address: string, wish?: { owner?: string; minutes?: number; scope?: Scope }): Promise<string>;
  /** Asks for any containment, also for one that no playbook could. */
  want(responder: string, caller: Caller, wish?: { owner?: string; minutes?: number; params?: Wish }): Promise<string>;
  /** Runs one pass. `fresh` is the timer's; without it the last pass's ETag is carried on, as the entity does. */
  pass(options?: { fresh?: boolean }): Promise<Pass>;
  /** Lets time pass without anybody waiting for it. */
  later(minutes: number): Promise<void>;
  /** State and reason by id, as the ledger has them. */
  states(): Promise<Record<string, string>>;
  /** The addresses that stand in the fragment, as the service stores it. */
  standing(): string[];
}

type Wish = Record<string, unknown>;
type Caller = Omit<TargetOf<"api-caller">, "kind">;
export const point = enforcementPoint("apim-fragment", serviceId);

export async function aFragmentPoint(): Promise<FragmentPoint> {
  const shop = await openShop();
  include(shop.service);
  const containments = await someContainments();
  const { clock } = shop;
  const reconciler: Reconciler = {
    containments,
    responders,
    ...freshInventory(shop),
    sound: createFresh<true>(10 * 60_000, clock),
    fragments: createFresh<StoredFragment | undefined>(5_000, clock),
    clock,
  };
  let lastEtag: string | undefined;
  let lastWriteAt: string | undefined;

  async function want(
    responder: string,
    caller: Caller,
    { owner = "alert-1", minutes = 60, params = {} }: { owner?: string; minutes?: number; params?: Wish } = {},
  ): Promise<string> {
    const target = { kind: "api-caller" as const, ...caller };
    const id = containmentId(responder, point, target);
    const since = clock.now().toISOString();
    const expiresAt = new Date(clock.now().getTime() + minutes * 60_000).toISOString();
    const asking = { id: owner, runId: `run-${owner}`, playbook: "test", params, since, expiresAt };
    await containments.own({ id, responder, point, target, owner: asking }, clock.now());
    return id;
  }

  return {
    shop,
    containments,
    want,
    block: (address, { scope = orders, ...wish } = {}) => want("apim-block-ip", { scope, address }, wish),
    async pass({ fresh = false } = {}) {
      const pass = await reconcileFragment(point, { lastEtag, lastWriteAt, fresh }, reconciler);
      ({ etag: lastEtag, lastWriteAt } = pass);
      return pass;
    },
    later: (minutes) => clock.sleep(minutes * 60_000),
    async states() {
      const held = await containments.at(point.key);
      return Object.fromEntries(
        held.map(({ containment: { id, state, reason } }) => [
          id,
          reason === undefined ? state : `${state}: ${reason}`,
        ]),
      );
    },
    standing() {
      const xml = shop.service.fragments.get(fragmentId)?.xml ?? "";
      return [...xml.matchAll(/<address>([^<]+)<\/address>/g)].map(([, address = ""]) => address);
    },
  };
}
