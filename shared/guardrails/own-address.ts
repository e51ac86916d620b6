import ipaddr from "ipaddr.js";
import { addressOf } from "../ledger/target.ts";
import type { Guardrail } from "./guardrail.ts";

/**
 * One of our own public addresses is no attacker: behind an application gateway that hides its callers, every caller has its address.
 * That of a single machine may be one, if the machine was taken over, or may be a proxy of ours: the plan is shown and nothing is done.
 * Where the look-up was not asked for or came to nothing there is no objection: the list that must hold is PORTCULLIS_PROTECTED_NETWORKS,
 * which needs no other service, and a throttled Azure must not let an attacker go on. The decision then says that it was not checked.
 */
export const ownAddress: Guardrail = {
  id: "own-address",
  check({ target }, { ownAddresses = [] }) {
    const address = addressOf(target);
    if (address === undefined) return undefined;
    const own = ownAddresses.find((one) => holds(address, ipaddr.process(one.address)));
    if (!own) return undefined;
    const reason = `${own.address} is our own: ${own.owner}`;
    if (!own.machine) return { verdict: "refuse", reason };
    return {
      verdict: "observe",
      reason: `${reason}. The machine may have been taken over, or others may call through it`,
    };
  },
};

/** An address, or a block of them. */
function holds(text: string, own: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (!text.includes("/")) return ipaddr.process(text).toString() === own.toString();
  const [base, bits] = ipaddr.parseCIDR(text);
  return base.kind() === own.kind() && own.match(base, bits);
}
