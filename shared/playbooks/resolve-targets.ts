import type { Alert } from "../alerts/alert.ts";
import type { Scope, Target } from "../ledger/target.ts";
import type { Enrichment, Facts } from "./facts.ts";
import type { Step } from "./playbook.ts";

/** What a step's selector names in an alert, as far as the look-ups could tell; or why it names nothing. */
export function resolveTargets(
  step: Step,
  alert: Alert,
  facts: Facts,
  enrichment: Enrichment,
  kind: Target["kind"],
): Target[] | { miss: string } {
  const scope = kind === "api-caller" ? resolveScope(step, facts) : undefined;
  if (scope && "miss" in scope) return scope;
  switch (step.target) {
    case "api-endpoint":
      return scope ? [{ kind: "api-caller", scope }] : { miss: "an API endpoint is limited at API Management only" };
    case "attacker-ip":
      return attackerAddresses(alert).map((address) =>
        scope ? { kind: "api-caller", scope, address } : { kind: "address", address },
      );
    case "attacker-subscription":
      return subscriptions(facts, enrichment, kind, scope);
    case "attacker-api-user":
      return facts.named?.apiUserId === undefined
        ? { miss: "no look-up tells which API user the attacker is: name one by hand" }
        : [{ kind: "api-user", userId: facts.named.apiUserId }];
    case "victim-machine":
      return machines(alert, enrichment);
    case "victim-user":
      return users(alert, enrichment, "victim");
    case "attacker-user":
      return users(alert, enrichment, "attacker");
    case "attacker-application":
      return applications(alert, enrichment);
    case "malicious-file":
      return files(alert, enrichment);
    case "indicator":
      return indicators(alert);
    case "alert":
      return alertItself(alert);
  }
}

function resolveScope({ scope }: Step, { endpoint }: Facts): Scope | { miss: string } {
  if (scope === undefined || scope === "service") return { kind: "service" };
  if ("miss" in endpoint) return endpoint;
  const { apiId, operationId } = endpoint;
  if (scope === "api") return { kind: "api", apiId };
  if (operationId === undefined) return { miss: `the URL leads to API ${apiId} but to none of its operations` };
  return { kind: "operation", apiId, operationId };
}

function attackerAddresses({ entities }: Alert): string[] {
  return entities.flatMap((entity) => (entity.kind === "ip" && entity.role === "attacker" ? [entity.address] : []));
}

/** Calls without a key have the empty id. */
function subscriptions(
  { named }: Facts,
  { apiSubscriptions }: Enrichment,
  kind: Target["kind"],
  scope?: Scope,
): Target[] | { miss: string } {
  const logged = apiSubscriptions.asked.flatMap((asked) =>
    "found" in asked ? asked.found.subscriptions.flatMap(({ id }) => (id === "" ? [] : [id])) : [],
  );
  const ids = named?.subscriptionId === undefined ? logged : [named.subscriptionId];
  if (ids.length === 0) return missOf(apiSubscriptions, "the gateway's log shows no subscription key of the attacker");
  return [...new Set(ids)].map((subscriptionId) =>
    scope && kind === "api-caller"
      ? { kind: "api-caller", scope, subscriptionId }
      : { kind: "api-subscription", subscriptionId },
  );
}

function machines({ entities }: Alert, { machines: looked }: Enrichment): Target[] | { miss: string } {
  const victims = entities.flatMap((entity) => (entity.kind === "host" && entity.role === "victim" ? [entity] : []));
  if (victims.length === 0) return { miss: "the alert names no machine as the victim" };
  const found = looked.asked.flatMap((asked) => {
    if (!("found" in asked)) return [];
    const isVictim = victims.some(({ fqdn, mdeDeviceId, resourceId, name, foundAt }) =>
      [fqdn, mdeDeviceId, resourceId, name, foundAt].includes(asked.about),
    );
    return isVictim ? [asked.found] : [];
  });
  if (found.length === 0) return missOf(looked, "no machine of the alert was found in Defender for Endpoint");
  return found.map(({ id, dnsName }) => ({ kind: "machine", machineId: id, ...(dnsName ? { name: dnsName } : {}) }));
}

/** A principal is nobody until the directory says who it is. */
function identitiesOf({ entities }: Alert, { identities }: Enrichment, role: "attacker" | "victim") {
  const ids = new Set(
    entities.flatMap((entity) => {
      if (entity.role !== role) return [];
      if (entity.kind === "principal") return [entity.objectId.toLowerCase()];
      if (entity.kind === "user") return [(entity.objectId ?? entity.upn)?.toLowerCase()];
      return entity.kind === "service-principal" ? [entity.objectId?.toLowerCase()] : [];
    }),
  );
  // What an alert names twice, in two letter cases, is asked about once.
  return identities.asked.flatMap((asked) =>
    "found" in asked && ids.has(asked.about.toLowerCase()) ? [asked.found] : [],
  );
}

function users(alert: Alert, enrichment: Enrichment, role: "attacker" | "victim"): Target[] | { miss: string } {
  const found = identitiesOf(alert, enrichment, role).filter(({ kind }) => kind === "user" || kind === "guest");
  if (found.length === 0) return missOf(enrichment.identities, `no user of the alert was found as the ${role}`);
  return found.map(({ id, upn }) => ({ kind: "user", userId: id, ...(upn ? { name: upn } : {}) }));
}

function applications(alert: Alert, enrichment: Enrichment): Target[] | { miss: string } {
  const found = identitiesOf(alert, enrichment, "attacker").filter(
    ({ kind }) => kind === "service-principal" || kind === "managed-identity",
  );
  if (found.length === 0) return missOf(enrichment.identities, "no application of the alert was found as the attacker");
  return found.map(({ id, displayName }) => ({
    kind: "service-principal",
    servicePrincipalId: id,
    ...(displayName ? { name: displayName } : {}),
  }));
}

function files(alert: Alert, enrichment: Enrichment): Target[] | { miss: string } {
  const at = machines(alert, enrichment);
  if ("miss" in at) return at;
  const hashes = alert.entities.flatMap((entity) =>
    entity.kind === "file" && entity.role === "attacker" && entity.sha1
      ? [{ sha1: entity.sha1, name: entity.name }]
      : [],
  );
  if (hashes.length === 0) return { miss: "the alert names no malicious file by its SHA-1" };
  return at.flatMap((machine) =>
    machine.kind === "machine"
      ? hashes.map(({ sha1, name }) => ({
          kind: "file" as const,
          machineId: machine.machineId,
          ...(machine.name ? { machineName: machine.name } : {}),
          sha1,
          ...(name ? { name } : {}),
        }))
      : [],
  );
}

function indicators({ entities }: Alert): Target[] | { miss: string } {
  const found = entities.flatMap((entity): Target[] => {
    if (entity.role !== "attacker") return [];
    switch (entity.kind) {
      case "ip":
        return [{ kind: "indicator", type: "IpAddress", value: entity.address }];
      case "domain":
        return [{ kind: "indicator", type: "DomainName", value: entity.domain }];
      case "url":
        return [{ kind: "indicator", type: "Url", value: entity.url }];
      case "file":
        if (entity.sha256) return [{ kind: "indicator", type: "FileSha256", value: entity.sha256 }];
        return entity.sha1 ? [{ kind: "indicator", type: "FileSha1", value: entity.sha1 }] : [];
      default:
        return [];
    }
  });
  return found.length > 0 ? found : { miss: "the alert names no address, domain, URL or file of the attacker's" };
}

function alertItself({
  references: { armId, graphId, incidentId },
  source,
  productId,
}: Alert): Target[] | { miss: string } {
  if (armId !== undefined && /\/providers\/Microsoft\.Security\/locations\/[^/]+\/alerts\/[^/]+$/i.test(armId))
    return [{ kind: "alert", product: "defender-for-cloud", id: armId }];
  if (graphId !== undefined) return [{ kind: "alert", product: "graph-alert", id: graphId }];
  if (incidentId !== undefined) return [{ kind: "alert", product: "graph-incident", id: incidentId }];
  if (source === "defender-for-cloud-apps") return [{ kind: "alert", product: "cloud-apps", id: productId }];
  return { miss: "the alert does not say where its product keeps it" };
}

/** The look-up's own reason where it has one. */
function missOf(
  { asked, notAsked }: { asked: readonly object[]; notAsked?: string | undefined },
  otherwise: string,
): { miss: string } {
  const misses = asked.flatMap((one) => ("miss" in one && typeof one.miss === "string" ? [one.miss] : []));
  const reasons = [...misses, ...(asked.length === 0 && notAsked ? [notAsked] : [])];
  return { miss: reasons.length > 0 ? `${otherwise}: ${reasons.join("; ")}` : otherwise };
}
