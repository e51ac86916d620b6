import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decideFlow } from "../../local/azure/firewall/data-plane.ts";
import { type FirewallState, simulatedIpGroup } from "../../local/azure/firewall/firewall-state.ts";
import { firewallId, hubFirewall, ipGroupId, policyId } from "../../local/scenarios/hub-firewall.ts";
import { enforcementPoint } from "../../shared/ledger/containment.ts";
import { entriesLimit } from "../../shared/reconcile/assign-groups.ts";
import { aTenantPoint, type TenantPoint } from "./a-tenant-point.ts";
import { aWorld, everything, type World } from "./cases.ts";

const point = enforcementPoint("firewall", policyId);
const address = (index: number) => `203.0.${Math.floor(index / 250)}.${(index % 250) + 1}`;
const block = (index: number) => ({
  responder: "firewall-block-ip",
  target: { kind: "address" as const, address: address(index) },
  owner: `alert-${index}`,
});

let world: World;
let firewall: FirewallState;
let at: TenantPoint;

beforeEach(async () => {
  world = await aWorld();
  ({ firewall } = world);
  at = aTenantPoint(point, { ...world, protection: everything });
});
afterEach(() => world.close());

const writes = () => world.azure.calls.filter(({ operationId }) => operationId === "IpGroups_CreateOrUpdate");
const groupOf = (name = "portcullis-blocked") => {
  const group = firewall.ipGroups.find(({ id }) => id === ipGroupId(name));
  if (!group) throw new Error(`there is no IP Group ${name}`);
  return group;
};
const decide = (source: string) =>
  decideFlow(firewall, firewallId, { source, destination: "10.0.0.4", port: 443, protocol: "TCP" }, world.clock.now());

describe("a thousand addresses at once", () => {
  it("are blocked in at most three writes, the last two writes and a second after the first alert", async () => {
    // A write of four minutes, a sixtieth as long.
    const writeMs = 4_000;
    firewall.latency.attachedMs = writeMs;
    const first = await at.want(block(0));
    await at.pass();
    const ids = await Promise.all(Array.from({ length: 999 }, (_, index) => at.want(block(index + 1))));
    await at.settle();

    const all = await Promise.all([first, ...ids].map((id) => at.get(id)));
    expect(all.filter((one) => one?.state === "verified")).toHaveLength(1_000);
    const asked = Math.min(...all.map((one) => Date.parse(one?.requestedAt ?? "")));
    const verified = Math.max(...all.map((one) => Date.parse(one?.verifiedAt ?? "")));
    console.log(
      `1000 addresses: ${writes().length} writes, verified after ${verified - asked} ms of writes of ${writeMs} ms`,
    );
    expect(writes().length).toBeLessThanOrEqual(3);
    expect(verified - asked).toBeLessThanOrEqual(2 * writeMs + 1_000);
    for (const index of [0, 1, 500, 999])
      expect(decide(address(index))).toMatchObject({ action: "Deny", by: "portcullis/blocked/from" });
  });
});

describe("a write of minutes", () => {
  it("is not what a block is taken for: accepted until it is over, verified by the group itself", async () => {
    const id = await at.want(block(1));
    await at.pass();
    expect(await at.state(id)).toBe("accepted");
    await world.clock.advance(3 * 60_000);
    await at.pass();
    expect(await at.state(id)).toBe("accepted");
    expect(decide(address(1)).action).toBe("Allow");

    await world.clock.advance(61_000);
    await at.pass();

    expect(await at.state(id)).toBe("verified");
    expect(decide(address(1)).action).toBe("Deny");
  });

  it("is found again by a process that knows nothing of it", async () => {
    const id = await at.want(block(1));
    await at.pass();

    const another = aTenantPoint(point, { ...world, protection: everything }, at.containments);
    await another.settle();

    expect(await another.state(id)).toBe("verified");
    expect(writes()).toHaveLength(1);
  });

  it("that fails although the firewall says Succeeded is made again", async () => {
    world.azure.faults.add({ kind: "operation-failed", operation: "IpGroups_CreateOrUpdate", count: 1 });
    const id = await at.want(block(1));
    await at.settle();

    expect(await at.state(id)).toBe("verified");
    expect(writes()).toHaveLength(2);
  });
});

describe("what others do with the same IP Group", () => {
  it("survives a thousand blocks and releases, whenever it happens", async () => {
    firewall.latency.attachedMs = 1_000;
    let seed = 7;
    const random = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const theirs = new Set(groupOf().stored);
    let changes = 0;
    const change = () => {
      const group = groupOf();
      if (group.write) return;
      const entry = `198.18.${Math.floor(random() * 4)}.${Math.floor(random() * 250) + 1}`;
      changes++;
      const takeOut = theirs.has(entry);
      if (takeOut) theirs.delete(entry);
      else theirs.add(entry);
      const entries = takeOut ? group.stored.filter((one) => one !== entry) : [...group.stored, entry];
      Object.assign(group, { stored: entries, inForce: entries, etag: `W/"theirs-${random()}"` });
    };
    at = aTenantPoint(point, {
      ...world,
      protection: everything,
      // Between our reading and our writing as well.
      before: async ({ method }) => {
        if (random() < (method === "PUT" ? 0.3 : 0.1)) change();
      },
    });

    for (let round = 0; round < 100; round++) {
      const ids = await Promise.all(Array.from({ length: 10 }, (_, index) => at.want(block(round * 10 + index))));
      await at.settle();
      for (const id of ids) expect(await at.state(id)).toBe("verified");
      for (const id of ids) await at.end(id);
      await at.settle();
      for (const id of ids) expect(await at.state(id)).toBe("gone");
      change();
    }

    expect(groupOf().stored.toSorted()).toEqual([...theirs].toSorted());
    expect(changes).toBeGreaterThan(50);
    // Some of them came between our reading and our writing.
    expect(writes().filter(({ status }) => status === 412).length).toBeGreaterThan(5);
  });

  it("is waited for while their write is under way", async () => {
    groupOf().state = "Updating";
    groupOf().write = { operation: "theirs", until: world.clock.now().getTime() + 90_000, fails: false };
    const id = await at.want(block(1));
    await at.settle();

    expect(await at.state(id)).toBe("verified");
    expect(groupOf().stored).toContain("198.51.100.77");
  });
});

describe("groups that are full", () => {
  const filled = (count: number) =>
    Array.from({ length: count }, (_, index) => `10.${Math.floor(index / 250)}.0.${(index % 250) + 1}`);

  it("are followed by the next one", async () => {
    Object.assign(firewall, hubFirewall({ groups: ["portcullis-1", "portcullis-2"] }));
    Object.assign(groupOf("portcullis-1"), { stored: filled(entriesLimit - 1), inForce: filled(entriesLimit - 1) });
    const ids = await Promise.all([1, 2, 3].map((index) => at.want(block(index))));
    await at.settle();

    for (const id of ids) expect(await at.state(id)).toBe("verified");
    expect(groupOf("portcullis-1").stored).toHaveLength(entriesLimit);
    expect(groupOf("portcullis-2").stored).toHaveLength(2);
    for (const index of [1, 2, 3]) expect(decide(address(index)).action).toBe("Deny");
  });

  it("make room for something more severe, and say so", async () => {
    Object.assign(groupOf(), { stored: filled(entriesLimit - 1), inForce: filled(entriesLimit - 1) });
    const low = await at.want({ ...block(1), priority: 1 });
    await at.settle();
    expect(await at.state(low)).toBe("verified");

    const high = await at.want({ ...block(2), priority: 3 });
    const late = await at.want({ ...block(3), priority: 1 });
    await at.settle();

    expect([await at.state(high), await at.state(low), await at.state(late)]).toEqual(["verified", "failed", "failed"]);
    expect((await at.get(low))?.reason).toContain("full");
    expect(groupOf().stored).toContain(address(2));
    expect(groupOf().stored).not.toContain(address(1));
  });
});

describe("a firewall that would not block", () => {
  const rules = () => firewall.policies[0]?.ruleCollectionGroups ?? [];

  it.each([
    [
      "its group is named by no deny rule",
      () => {
        rules().splice(0, 1);
      },
      "failed",
      "no rule collection group portcullis",
    ],
    [
      "others' rules come first and allow",
      () => {
        const [, platform] = rules();
        if (platform) platform.priority = 99;
      },
      "accepted",
      "comes first and allows traffic",
    ],
    [
      "a rule names several groups, of which one may be empty",
      () => {
        const [rule] = rules()[0]?.ruleCollections[0]?.rules ?? [];
        if (rule) Object.assign(rule, { sourceIpGroups: [ipGroupId("portcullis-blocked"), ipGroupId("empty")] });
        firewall.ipGroups.push(simulatedIpGroup({ id: ipGroupId("empty") }));
      },
      "accepted",
      "names several IP Groups",
    ],
    [
      "the group is somebody else's",
      () => {
        groupOf().tags = {};
      },
      "failed",
      "managed-by=portcullis",
    ],
    [
      "the group is gone",
      () => {
        firewall.ipGroups.splice(0, 1);
      },
      "failed",
      "is gone",
    ],
  ])("is not taken for one that does: %s", async (_, breakIt, state, reason) => {
    breakIt();
    const id = await at.want(block(1));
    for (let count = 0; count < 5; count++) {
      await at.pass();
      await world.clock.advance(5 * 60_000);
    }

    expect(await at.state(id)).toBe(state);
    expect((await at.get(id))?.reason).toContain(reason);
    expect((await at.plan(block(2))).doubts.join()).toContain(reason.replace("is gone", "is ours to write to"));
  });

  it("whose parent policy allows traffic is doubted", async () => {
    const parentId = policyId.replace("hub", "base");
    const [own] = firewall.policies;
    if (own) own.basePolicyId = parentId;
    const allow = rules()[1];
    firewall.policies.push({ id: parentId, location: "westeurope", ruleCollectionGroups: allow ? [allow] : [] });
    const id = await at.want(block(1));
    await at.pass();
    await world.clock.advance(5 * 60_000);
    await at.pass();

    expect(await at.state(id)).toBe("accepted");
    expect((await at.get(id))?.reason).toContain("parent policy");
  });
});

it("ends the last block also where the service refuses an empty list", async () => {
  firewall.refusesEmptyLists = true;
  Object.assign(groupOf(), { stored: [], inForce: [] });
  const id = await at.want(block(1));
  await at.settle();
  await at.end(id);
  await at.settle();

  expect(await at.state(id)).toBe("gone");
  expect(decide(address(1)).action).toBe("Allow");
  const again = await at.want(block(2));
  await at.settle();
  expect(await at.state(again)).toBe("verified");
  expect(groupOf().stored).toEqual([address(2)]);
});

it("keeps what stands while Azure cannot be asked, and says why", async () => {
  const id = await at.want(block(1));
  await at.settle();
  world.azure.faults.add({ kind: "status", operation: "FirewallPolicies_Get", status: 503 });

  const { retryAfterMs, trouble } = await at.pass();

  expect(await at.state(id)).toBe("verified");
  expect(retryAfterMs).toBeGreaterThan(0);
  expect(trouble).toContain("503");
});

it("an IP Group's other tags are kept", async () => {
  groupOf().tags = { ...groupOf().tags, owner: "platform" };
  await at.want(block(1));
  await at.settle();

  expect(groupOf().tags).toEqual({ "managed-by": "portcullis", owner: "platform" });
});

it("knows an address again that Azure shows with its prefix length", async () => {
  const id = await at.want(block(1));
  await at.settle();
  Object.assign(groupOf(), simulatedIpGroup({ ...groupOf(), inForce: groupOf().inForce.map((one) => `${one}/32`) }));
  const before = writes().length;
  await at.settle();

  expect(await at.state(id)).toBe("verified");
  expect(writes()).toHaveLength(before);
});
