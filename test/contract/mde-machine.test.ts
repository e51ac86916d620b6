import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type EndpointState, simulatedMachine } from "../../local/azure/endpoint/endpoint-state.ts";
import { actAsPerson, isolationOf, machineFlow } from "../../local/azure/endpoint/machine-actions.ts";
import { enforcementPoint } from "../../shared/ledger/containment.ts";
import { aTenantPoint, type TenantPoint } from "./a-tenant-point.ts";
import { aWorld, everything, ids, type World } from "./cases.ts";

const point = enforcementPoint("endpoint");
const minute = 60_000;
const day = 24 * 60 * minute;
const isolate = { responder: "mde-isolate-machine", target: { kind: "machine" as const, machineId: ids.machine } };

let world: World;
let endpoint: EndpointState;
let at: TenantPoint;

beforeEach(async () => {
  world = await aWorld();
  ({ endpoint } = world);
  at = aTenantPoint(point, { ...world, protection: everything });
});
afterEach(() => world.close());

const now = () => world.clock.now();
const asked = () => endpoint.actions.map(({ type, requestSource, status }) => `${requestSource} ${type} ${status}`);
const isolation = () => isolationOf(endpoint, ids.machine, now());
const person = (type: "Isolate" | "Unisolate", comment = "by an analyst") =>
  actAsPerson(endpoint, now(), { machineId: ids.machine, type, comment, scope: "Full" });
async function passes(count: number, everyMs: number): Promise<void> {
  for (let one = 0; one < count; one++) {
    await at.pass();
    await world.clock.advance(everyMs);
  }
}

describe("a machine that is switched off", () => {
  beforeEach(() => void endpoint.offline.add(ids.machine));

  it("is not taken for isolated: accepted, and a person is told once", async () => {
    const id = await at.want({ ...isolate, minutes: 7 * 24 * 60 });
    await passes(30, 10 * minute);

    expect(await at.state(id)).toBe("accepted");
    expect((await at.get(id))?.reason).toMatch(/not verified within 60 minutes: Isolate is Pending/);
    expect(at.escalations).toHaveLength(1);
    expect(asked()).toEqual(["PublicApi Isolate Pending"]);
  });

  it("is isolated when it comes back", async () => {
    const id = await at.want({ ...isolate, minutes: 7 * 24 * 60 });
    await passes(5, 60 * minute);
    endpoint.offline.clear();
    endpoint.onlineSince.set(ids.machine, now().getTime());
    await world.clock.advance(minute);
    await at.settle();

    expect(await at.state(id)).toBe("verified");
    expect(machineFlow(endpoint, ids.machine, "anywhere", now())).toBe("blocked");
    expect(machineFlow(endpoint, ids.machine, "defender", now())).toBe("allowed");
  });

  it("is asked again when Defender has given up after three days", async () => {
    const id = await at.want({ ...isolate, minutes: 10 * 24 * 60 });
    await at.pass();
    await world.clock.advance(3 * day + minute);
    await passes(3, 2 * minute);

    expect(asked()).toEqual(["PublicApi Isolate TimeOut", "PublicApi Isolate Pending"]);
    expect(await at.state(id)).toBe("accepted");
  });

  it("is not isolated days later, when nobody wants it any more: the action is cancelled", async () => {
    const id = await at.want({ ...isolate, minutes: 60 });
    await at.pass();
    await world.clock.advance(2 * 60 * minute);
    await at.settle();

    expect(await at.state(id)).toBe("gone");
    expect(asked()).toEqual(["PublicApi Isolate Cancelled"]);
    endpoint.offline.clear();
    await world.clock.advance(day);
    expect(isolation()).toBe("none");
  });
});

describe("what people and other products do", () => {
  it("is adopted while it is under way, and stays when our time is over", async () => {
    person("Isolate");
    const id = await at.want(isolate);
    await at.settle();
    expect(await at.state(id)).toBe("verified");

    await at.end(id);
    await at.settle();

    expect(await at.state(id)).toBe("gone");
    expect(asked()).toEqual(["Portal Isolate Succeeded"]);
    expect(isolation()).toBe("Full");
  });

  it("is waited for while they release the machine, and then it is isolated", async () => {
    person("Isolate");
    await world.clock.advance(minute);
    person("Unisolate");
    const id = await at.want(isolate);
    await at.settle();

    expect(await at.state(id)).toBe("verified");
    expect(asked()).toEqual(["Portal Isolate Succeeded", "Portal Unisolate Succeeded", "PublicApi Isolate Succeeded"]);
  });

  it("stays: a machine that they isolated again after us is not released by us", async () => {
    const id = await at.want(isolate);
    await at.settle();
    person("Unisolate");
    await world.clock.advance(minute);
    person("Isolate");
    await world.clock.advance(minute);
    await at.end(id);
    await at.settle();

    expect(await at.state(id)).toBe("gone");
    expect(isolation()).toBe("Full");
  });

  it("counts: a machine that they released is not isolated again, and the ledger says why", async () => {
    const id = await at.want({ ...isolate, minutes: 24 * 60 });
    await at.settle();
    person("Unisolate");
    await passes(5, 15 * minute);

    expect(await at.state(id)).toBe("failed");
    expect((await at.get(id))?.reason).toContain("Somebody took it back");
    expect(isolation()).toBe("none");
    expect(asked().filter((one) => one.startsWith("PublicApi"))).toHaveLength(1);
  });
});

describe("an isolation that is asked for twice", () => {
  it.each(["refuse", "existing"] as const)("is one, whether Defender answers a duplicate with %s", async (answers) => {
    endpoint.answersDuplicates = answers;
    // The answer to the first request is lost on its way.
    world.azure.faults.add({ kind: "drop", operation: "Endpoint_Isolate", moment: "after", count: 1 });
    world.azure.faults.add({ kind: "status", operation: "Endpoint_ListMachineActions", status: 500, count: 3 });
    const id = await at.want(isolate);
    await at.settle();

    expect(await at.state(id)).toBe("verified");
    expect(asked()).toEqual(["PublicApi Isolate Succeeded"]);
  });
});

it("gives up and says so when the action fails", async () => {
  const id = await at.want(isolate);
  await at.pass();
  const [action] = endpoint.actions;
  if (action) Object.assign(action, { status: "Failed", errorHResult: -1 });
  await world.clock.advance(minute);
  await at.settle();

  expect(await at.state(id)).toBe("failed");
  expect((await at.get(id))?.reason).toContain("Isolate ended as Failed");
});

it("a week's scan is no scan of today", async () => {
  const scan = { responder: "mde-scan-machine", target: isolate.target, minutes: 60 };
  await at.want(scan);
  await at.settle();
  await world.clock.advance(7 * day);
  await at.settle();
  await at.want(scan);
  await at.settle();

  expect(asked()).toEqual(["PublicApi RunAntiVirusScan Succeeded", "PublicApi RunAntiVirusScan Succeeded"]);
});

describe("two hundred machines at once", () => {
  it("are served within Defender's limits, the most severe first, and none is lost", async () => {
    endpoint.machines = Array.from({ length: 200 }, (_, index) =>
      simulatedMachine({ id: index.toString(16).padStart(40, "0") }),
    );
    const wishes = endpoint.machines.map(({ id }, index) =>
      at.want({ ...isolate, target: { kind: "machine", machineId: id }, priority: index % 4, minutes: 100_000 }),
    );
    const containments = await Promise.all(wishes);
    await at.settle();

    for (const id of containments) expect(await at.state(id)).toBe("verified");
    expect(world.azure.calls.filter(({ status }) => status === 429)).toEqual([]);
    const order = endpoint.actions.map(({ machineId }) => Number.parseInt(machineId, 16) % 4);
    expect(order).toEqual(order.toSorted((a, b) => b - a));
  });

  it("are said to be many in the plan of the next", async () => {
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        at.want({ ...isolate, target: { kind: "machine", machineId: index.toString(16).padStart(40, "a") } }),
      ),
    );

    expect((await at.plan(isolate)).doubts.join()).toContain("60 others wait at this service");
  });
});

it("is left alone once it is verified: an hour of the timer's passes costs a look or two, and changes no row", async () => {
  const id = await at.want({ ...isolate, minutes: 24 * 60 });
  await at.settle();
  const calls = world.azure.calls.length;
  const before = await at.get(id);
  await passes(20, minute);
  expect(world.azure.calls).toHaveLength(calls);
  expect(await at.get(id)).toEqual(before);

  await passes(40, minute);

  expect(world.azure.calls.length - calls).toBeLessThanOrEqual(4);
});
