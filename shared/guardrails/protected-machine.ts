import type { StandingGuardrail } from "./guardrail.ts";

/** Domain controllers, hypervisors, backup servers: cut off, they take others with them. By machine id or DNS name. */
export const protectedMachine: StandingGuardrail = {
  id: "protected-machine",
  check({ target }, { machines }) {
    if (target.kind !== "machine" && target.kind !== "file") return undefined;
    const dnsName = target.kind === "machine" ? target.name : target.machineName;
    const hit = [target.machineId, ...(dnsName ? [dnsName] : [])].find((name) =>
      machines.some((one) => one.toLowerCase() === name.toLowerCase()),
    );
    return hit === undefined ? undefined : { verdict: "refuse", reason: `${hit} is in PORTCULLIS_PROTECTED_MACHINES` };
  },
};
