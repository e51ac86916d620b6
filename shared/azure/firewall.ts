import * as z from "zod";
import type { Ask, AzureAnswer } from "./ask.ts";
import { understood } from "./understood.ts";

/** The version that @azure/arm-network 39 speaks. */
const version = "api-version=2026-01-01";

/** The rule collection group that infrastructure puts at the policy's lowest priority number, once; at run time only its IP Groups change. */
const blockingGroupName = "portcullis";
/** An IP Group is written to only if it carries this tag. */
export const ownershipTag = { name: "managed-by", value: "portcullis" } as const;

/** An IP Group as it stands, with everything that a write must not lose. */
export interface IpGroup {
  id: string;
  addresses: readonly string[];
  /** `Succeeded`, `Failed`, `Updating`… of the group itself: the firewall may say otherwise. */
  state: string;
  etag: string | undefined;
  owned: boolean;
  location: string;
  tags: Readonly<Record<string, string>>;
}

/** The IP Groups that the blocking rules of a Firewall Policy name, and why what stands in them might not be blocked. */
export interface Blocking {
  groups: readonly string[];
  doubts: readonly string[];
}

/** Calls to Azure Firewall, sent as raw JSON; every method throws AzureError. */
export interface Firewall {
  blocking(policyId: string): Promise<Blocking>;
  group(id: string): Promise<IpGroup | undefined>;
  /** What {@link putGroup} sends. */
  write(group: IpGroup, addresses: readonly string[]): { path: string; headers: Record<string, string>; body: object };
  /** Replaces the whole list. Answers where to ask how it ended: pushing it to the firewalls takes minutes. */
  putGroup(group: IpGroup, addresses: readonly string[]): Promise<Pick<AzureAnswer, "operation" | "retryAfterMs">>;
  /** How a write that was taken on stands. */
  operation(path: string): Promise<{ state: "running" | "succeeded" } | { state: "failed"; reason: string }>;
}

const RawGroup = z.object({
  id: z.string(),
  etag: z.string().optional(),
  location: z.string(),
  tags: z.record(z.string(), z.string()).nullish(),
  properties: z.object({ ipAddresses: z.array(z.string()).nullish(), provisioningState: z.string() }),
});

const strings = z.array(z.string()).nullish();
const Rule = z.looseObject({
  ruleType: z.string(),
  sourceAddresses: strings,
  destinationAddresses: strings,
  sourceIpGroups: strings,
  destinationIpGroups: strings,
  ipProtocols: strings,
  destinationPorts: strings,
});
const Collection = z.looseObject({
  ruleCollectionType: z.string(),
  name: z.string().nullish(),
  priority: z.number().nullish(),
  action: z.object({ type: z.string() }).nullish(),
  rules: z.array(Rule).nullish(),
});
const RuleCollectionGroup = z.looseObject({
  name: z.string(),
  properties: z.object({
    priority: z.number(),
    provisioningState: z.string().nullish(),
    ruleCollections: z.array(Collection).nullish(),
  }),
});
type RuleCollectionGroup = z.infer<typeof RuleCollectionGroup>;
const GroupPage = z.object({ value: z.array(RuleCollectionGroup), nextLink: z.string().nullish() });
const Policy = z.object({ properties: z.object({ basePolicy: z.object({ id: z.string() }).nullish() }) });
const Operation = z.object({
  status: z.string(),
  error: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
});

export function createFirewall(ask: Ask): Firewall {
  const read = (attempt: string, path: string) => ask({ service: "resource-manager", attempt, method: "GET", path });

  async function collectionGroups(policyId: string): Promise<RuleCollectionGroup[]> {
    const attempt = `list the rules of ${nameOf(policyId)}`;
    const all: RuleCollectionGroup[] = [];
    let path: string | undefined = `${policyId}/ruleCollectionGroups?${version}`;
    while (path !== undefined) {
      const answer: AzureAnswer = await read(attempt, path);
      const { value, nextLink } = understood(attempt, answer, GroupPage);
      all.push(...value);
      path = nextLink ? pathOf(nextLink) : undefined;
    }
    return all;
  }

  function write({ id, etag, location, tags }: IpGroup, addresses: readonly string[]) {
    return {
      path: `${id}?${version}`,
      headers: etag === undefined ? {} : { "If-Match": etag },
      body: { location, tags, properties: { ipAddresses: addresses } },
    };
  }

  return {
    write,

    async blocking(policyId) {
      const attempt = `read the Firewall Policy ${nameOf(policyId)}`;
      const policy = await read(attempt, `${policyId}?${version}`);
      if (policy.status === 404) return { groups: [], doubts: [`there is no Firewall Policy ${nameOf(policyId)}`] };
      const { basePolicy } = understood(attempt, policy, Policy).properties;
      const own = await collectionGroups(policyId);
      // A parent's rules are processed before all of the child's: https://learn.microsoft.com/azure/firewall/rule-processing
      const parents = basePolicy ? await collectionGroups(basePolicy.id) : [];
      return judgeRules(policyId, own, parents);
    },

    async group(id) {
      const attempt = `read the IP Group ${nameOf(id)}`;
      const answer = await read(attempt, `${id}?${version}`);
      if (answer.status === 404) return undefined;
      const { etag, location, tags, properties } = understood(attempt, answer, RawGroup);
      return {
        id,
        addresses: properties.ipAddresses ?? [],
        state: properties.provisioningState,
        etag: answer.etag ?? etag,
        owned: tags?.[ownershipTag.name] === ownershipTag.value,
        location,
        tags: tags ?? {},
      };
    },

    async putGroup(group, addresses) {
      const attempt = `write the IP Group ${nameOf(group.id)}`;
      const { operation, retryAfterMs } = await ask({
        service: "resource-manager",
        attempt,
        method: "PUT",
        ...write(group, addresses),
      });
      return {
        ...(operation === undefined ? {} : { operation }),
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      };
    },

    async operation(path) {
      const attempt = "ask how a write of an IP Group ended";
      const answer = await read(attempt, path);
      // Forgotten by the service: the group itself tells.
      if (answer.status === 404) return { state: "succeeded" };
      const { status, error } = understood(attempt, answer, Operation);
      if (status === "Succeeded") return { state: "succeeded" };
      if (status !== "Failed" && status !== "Canceled") return { state: "running" };
      return { state: "failed", reason: [status, error?.code, error?.message].filter(Boolean).join(" ").slice(0, 500) };
    },
  };
}

function judgeRules(
  policyId: string,
  own: readonly RuleCollectionGroup[],
  parents: readonly RuleCollectionGroup[],
): Blocking {
  const blocking = own.find(({ name }) => name.toLowerCase() === blockingGroupName);
  if (!blocking) {
    return {
      groups: [],
      doubts: [`the Firewall Policy ${nameOf(policyId)} has no rule collection group ${blockingGroupName}`],
    };
  }
  const collections = (blocking.properties.ruleCollections ?? []).filter(({ action }) => action?.type === "Deny");
  const rules = collections
    .flatMap(({ rules: some }) => some ?? [])
    .filter(({ ruleType }) => ruleType === "NetworkRule");
  const inbound = rules.filter(({ destinationAddresses }) => isAny(destinationAddresses)).filter(isWhole);
  const outbound = rules.filter(({ sourceAddresses }) => isAny(sourceAddresses)).filter(isWhole);
  const named = (some: typeof rules, side: "sourceIpGroups" | "destinationIpGroups") =>
    new Set(some.flatMap((rule) => (rule[side] ?? []).map((id) => id.toLowerCase())));
  const ins = named(inbound, "sourceIpGroups");
  const outs = named(outbound, "destinationIpGroups");
  const groups = [
    ...new Map(
      rules
        .flatMap(({ sourceIpGroups, destinationIpGroups }) => [
          ...(sourceIpGroups ?? []),
          ...(destinationIpGroups ?? []),
        ])
        .map((id) => [id.toLowerCase(), id] as const),
    ).values(),
  ];
  const doubts: string[] = [];
  if (groups.length === 0)
    doubts.push(`the rule collection group ${blockingGroupName} names no IP Group in a deny rule`);
  for (const id of groups) {
    if (!ins.has(id.toLowerCase())) doubts.push(`no deny rule stops what comes from ${nameOf(id)} to everywhere`);
    if (!outs.has(id.toLowerCase())) doubts.push(`no deny rule stops what goes to ${nameOf(id)} from everywhere`);
  }
  // "If you delete all the IP addresses in an IP Group … that rule is skipped": https://learn.microsoft.com/azure/firewall/ip-groups
  const several = rules.filter(
    (rule) => (rule.sourceIpGroups ?? []).length > 1 || (rule.destinationIpGroups ?? []).length > 1,
  );
  if (several.length > 0)
    doubts.push(
      "a deny rule names several IP Groups: while one of them is empty the rule is skipped, so give each a rule of its own",
    );
  if (blocking.properties.provisioningState === "Failed")
    doubts.push(`the rule collection group ${blockingGroupName} failed`);
  for (const { name, properties } of own) {
    if (properties.priority < blocking.properties.priority && allowsTraffic(properties.ruleCollections ?? []))
      doubts.push(`the rule collection group ${name} comes first and allows traffic`);
  }
  for (const { name, properties } of parents) {
    if (allowsTraffic(properties.ruleCollections ?? []))
      doubts.push(`the rule collection group ${name} of the parent policy comes first and allows traffic`);
  }
  return { groups, doubts };
}

/** Network rules end the processing: one that allows, and comes first, lets the attacker through. */
function allowsTraffic(collections: readonly z.infer<typeof Collection>[]): boolean {
  return collections.some(
    ({ action, rules }) => action?.type === "Allow" && rules?.some(({ ruleType }) => ruleType === "NetworkRule"),
  );
}

function isWhole({ ipProtocols, destinationPorts }: z.infer<typeof Rule>): boolean {
  return isAny(destinationPorts) && (ipProtocols ?? []).some((protocol) => protocol.toLowerCase() === "any");
}

function isAny(list: readonly string[] | null | undefined): boolean {
  return list?.includes("*") ?? false;
}

/** Links go to Resource Manager and are asked of it alone. */
function pathOf(link: string): string {
  const { pathname, search } = new URL(link);
  return `${pathname}${search}`;
}

function nameOf(id: string): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
