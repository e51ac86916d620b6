import { readAddress, readBlock } from "../alerts/ip-address.ts";
import { addressOf } from "../ledger/target.ts";
import type { StandingGuardrail } from "./guardrail.ts";

/** A private, loopback or Azure address at a public gateway is a proxy, a probe or a mistake in the alert, never one attacker. */
export const attackableAddress: StandingGuardrail = {
  id: "attackable-address",
  check({ target }) {
    const address = addressOf(target);
    if (address === undefined) return undefined;
    const read = address.includes("/") ? readBlock(address) : readAddress(address);
    if (!read) return { verdict: "refuse", reason: "the target is not an IP address" };
    // 0.0.0.0 is what every portal sample names.
    if (read.class === "unspecified") return { verdict: "observe", reason: "0.0.0.0 is no attacker" };
    if (read.class === "public" || read.class === "documentation") return undefined;
    return {
      verdict: "refuse",
      reason: `${read.address} is${read.address.includes("/") ? ", or holds," : ""} a ${read.class} address`,
    };
  },
};
