import type { Entities } from "../entities.ts";
import type { Role } from "../entity.ts";

interface Host {
  role: Role;
  name?: string | undefined;
  fqdn?: string | undefined;
  resourceId?: string | undefined;
  agentId?: string | undefined;
  foundAt: string;
}

/** The machines of one alert, each once, whose parts stand in several places. */
export interface Hosts {
  add(host: Host): void;
  /** The agent of the machine that the alert is about, told apart from its entity. */
  setAgent(agentId: string | undefined, foundAt: string): void;
  addTo(entities: Entities): void;
}

export function createHosts(): Hosts {
  const hosts: Host[] = [];
  let byResource: Map<string, Host> | undefined;
  let agent: { agentId: string; foundAt: string } | undefined;

  return {
    add(host) {
      const key = host.resourceId?.toLowerCase();
      const known = key === undefined ? undefined : byResource?.get(key);
      if (known) {
        if (host.role === "victim") known.role = host.role;
        known.name ??= host.name;
        known.fqdn ??= host.fqdn;
        known.agentId ??= host.agentId;
        return;
      }
      const added = { ...host };
      hosts.push(added);
      if (key !== undefined) byResource = (byResource ?? new Map()).set(key, added);
    },
    setAgent(agentId, foundAt) {
      if (agentId !== undefined) agent = { agentId, foundAt };
    },
    addTo(entities) {
      if (agent && !hosts.some(({ agentId }) => agentId === agent?.agentId)) {
        const only = hosts.length === 1 && hosts[0]?.role === "victim" ? hosts[0] : undefined;
        // Whose agent it is of several machines, nobody knows.
        if (only && only.agentId === undefined) only.agentId = agent.agentId;
        else hosts.push({ role: "victim", ...agent });
      }
      for (const { role, foundAt, ...details } of hosts) entities.add("host", role, details, foundAt);
    },
  };
}
