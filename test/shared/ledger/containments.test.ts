import { describe, expect, it } from "vitest";
import {
  type Containment,
  containmentId,
  enforcementPoint,
  isWanted,
  type Owner,
} from "../../../shared/ledger/containment.ts";
import { type Containments, createContainments } from "../../../shared/ledger/containments.ts";
import { pack } from "../../../shared/ledger/pack.ts";
import { addressOf } from "../../../shared/ledger/target.ts";
import { aTable, someContainments } from "../../support/a-ledger.ts";
import { memoryTable } from "../../support/memory-table.ts";

const serviceId =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.ApiManagement/service/contoso-shop";
const point = enforcementPoint("apim-fragment", serviceId);
const now = new Date("2026-11-23T09:30:00.000Z");
const inMinutes = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
const target = {
  kind: "api-caller" as const,
  scope: { kind: "api", apiId: "orders" } as const,
  address: "203.0.113.7",
};
const id = containmentId("apim-block-ip", point, target);

function anOwner(name: string, minutes = 60): Owner {
  return {
    id: name,
    runId: `respond-${name}`,
    playbook: "test",
    params: {},
    since: now.toISOString(),
    expiresAt: inMinutes(minutes).toISOString(),
  };
}

const own = (ledger: Containments, owner: Owner, at = now) =>
  ledger.own({ id, responder: "apim-block-ip", point, target, owner }, at);
const held = async (ledger: Containments) => {
  const found = await ledger.get(point.key, id);
  if (!found) throw new Error("the containment is not in the ledger");
  return found;
};

describe("a containment in the ledger", () => {
  it("is there once, with everyone who asks for it", async () => {
    const ledger = await someContainments();

    await own(ledger, anOwner("alert-1", 30));
    const second = await own(ledger, anOwner("alert-2", 60));

    expect(second.owners.map((owner) => owner.id).toSorted()).toEqual(["alert-1", "alert-2"]);
    expect(await ledger.at(point.key)).toHaveLength(1);
    expect((await held(ledger)).containment).toEqual(second);
  });

  it("counts an owner once, with its first end, however often it asks", async () => {
    const ledger = await someContainments();
    await own(ledger, anOwner("alert-1", 30));

    const again = await own(ledger, anOwner("alert-1", 600), inMinutes(5));

    expect(again.owners).toEqual([anOwner("alert-1", 30)]);
    expect((await held(ledger)).containment.owners).toEqual([anOwner("alert-1", 30)]);
  });

  it("loses none of fifty owners that come at the same moment", async () => {
    const ledger = await someContainments();
    const names = Array.from({ length: 50 }, (_, index) => `alert-${String(index).padStart(2, "0")}`);

    await Promise.all(names.map((name) => own(ledger, anOwner(name))));

    expect((await held(ledger)).containment.owners.map((owner) => owner.id).toSorted()).toEqual(names);
  });

  it("is wanted as long as one owner's time has not ended, not a moment longer", async () => {
    const ledger = await someContainments();
    await own(ledger, anOwner("alert-1", 30));
    const containment = await own(ledger, anOwner("alert-2", 60));

    expect(isWanted(containment, inMinutes(59.99))).toBe(true);
    expect(isWanted(containment, inMinutes(60))).toBe(false);
  });

  it("forgets owners whose time has ended when somebody new asks", async () => {
    const ledger = await someContainments();
    await own(ledger, anOwner("alert-1", 30));

    const later = await own(ledger, anOwner("alert-2", 90), inMinutes(31));

    expect(later.owners.map((owner) => owner.id)).toEqual(["alert-2"]);
  });

  it("stays within a row however many ask, and keeps those that ask the longest", async () => {
    const [live, history] = [await aTable("Live"), await aTable("History")];
    const crowded = createContainments(live, history);
    const containment = await own(crowded, anOwner("alert-0", 1));
    const [row] = await live.partition(point.key);
    if (!row) throw new Error("there is no row");
    const owners = Array.from({ length: 500 }, (_, index) => anOwner(`alert-${index}`, index + 1));
    await live.replace([{ ...row, columns: pack({ ...containment, owners }) }]);

    const after = await own(crowded, anOwner("alert-last", 9_999));

    expect(after.owners).toHaveLength(500);
    expect(after.owners[0]?.id).toBe("alert-last");
    expect(after.owners.map((owner) => owner.id)).not.toContain("alert-0");
    expect((await held(crowded)).containment.owners).toHaveLength(500);
  });

  it("is nobody's business elsewhere", async () => {
    const ledger = await someContainments();
    await own(ledger, anOwner("alert-1"));

    expect(await ledger.at(enforcementPoint("apim-fragment", `${serviceId}2`).key)).toEqual([]);
    expect(await ledger.get(point.key, "apim-block-ip-other")).toBeUndefined();
  });
});

describe("settling", () => {
  const verified = {
    containment: id,
    state: "verified",
    acceptedAt: now.toISOString(),
    verifiedAt: now.toISOString(),
  } as const;

  it("records what a pass found out", async () => {
    const ledger = await someContainments();
    await own(ledger, anOwner("alert-1"));

    await ledger.settle([{ held: await held(ledger), outcome: verified }]);

    expect((await held(ledger)).containment).toMatchObject({ state: "verified", verifiedAt: now.toISOString() });
  });

  it("leaves alone what somebody changed since it was read: the next pass is for them", async () => {
    const ledger = await someContainments();
    await own(ledger, anOwner("alert-1"));
    const before = await held(ledger);
    await own(ledger, anOwner("alert-2"));

    await ledger.settle([{ held: before, outcome: verified }]);

    const { containment } = await held(ledger);
    expect(containment.state).toBe("requested");
    expect(containment.owners).toHaveLength(2);
  });

  it("writes nothing when nothing is new", async () => {
    const ledger = await someContainments();
    await own(ledger, anOwner("alert-1"));
    await ledger.settle([{ held: await held(ledger), outcome: verified }]);
    const { row } = await held(ledger);

    await ledger.settle([{ held: await held(ledger), outcome: verified }]);

    expect((await held(ledger)).row.etag).toBe(row.etag);
  });

  it("takes back a reason that no longer holds, and keeps that it once was verified", async () => {
    const ledger = await someContainments();
    await own(ledger, anOwner("alert-1"));
    await ledger.settle([{ held: await held(ledger), outcome: verified }]);
    await ledger.settle([{ held: await held(ledger), outcome: { containment: id, state: "failed", reason: "403" } }]);
    expect((await held(ledger)).containment).toMatchObject({
      state: "failed",
      reason: "403",
      verifiedAt: now.toISOString(),
    });

    await ledger.settle([{ held: await held(ledger), outcome: verified }]);

    expect((await held(ledger)).containment).not.toHaveProperty("reason");
  });

  it("does not bring back what was released meanwhile", async () => {
    const ledger = await someContainments();
    await own(ledger, anOwner("alert-1"));
    const before = await held(ledger);
    await ledger.release([before], now);

    await ledger.settle([{ held: before, outcome: verified }]);

    expect(await ledger.at(point.key)).toEqual([]);
  });
});

describe("ending", () => {
  it("ends every owner's time at once, with the reason", async () => {
    const ledger = await someContainments();
    await own(ledger, anOwner("alert-1", 30));
    await own(ledger, anOwner("alert-2", 60));

    const ended = await ledger.end(point.key, id, "released early by a person", inMinutes(10));

    expect(ended?.reason).toBe("released early by a person");
    expect(new Set(ended?.owners.map(({ expiresAt }) => expiresAt))).toEqual(new Set([inMinutes(10).toISOString()]));
    expect(isWanted((await held(ledger)).containment, inMinutes(10))).toBe(false);
  });

  it("lengthens nobody's time", async () => {
    const ledger = await someContainments();
    await own(ledger, anOwner("alert-1", 30));

    const ended = await ledger.end(point.key, id, "again", inMinutes(50));

    expect(ended?.owners.map(({ expiresAt }) => expiresAt)).toEqual([inMinutes(30).toISOString()]);
  });

  it("of what does not stand does nothing", async () => {
    expect(await (await someContainments()).end(point.key, id, "gone", now)).toBeUndefined();
  });
});

describe("what a pass writes down about a containment", () => {
  const progress = { before: { held: false, summary: "free", memo: {} } };
  const withProgress = (containment: Containment): Containment => ({ ...containment, progress });

  it("stands, beside an owner that came meanwhile", async () => {
    const ledger = await someContainments();
    await own(ledger, anOwner("alert-1"));

    const [updated] = await Promise.all([
      ledger.update(point.key, id, withProgress),
      own(ledger, anOwner("alert-2")),
      own(ledger, anOwner("alert-3")),
    ]);

    expect(updated).toMatchObject({ id, progress });
    const { containment } = await held(ledger);
    expect(containment.progress).toEqual(progress);
    expect(containment.owners.map((owner) => owner.id).toSorted()).toEqual(["alert-1", "alert-2", "alert-3"]);
  });

  it("is made anew from what stands by then, when somebody came between", async () => {
    const [live, history] = [memoryTable(), memoryTable()];
    const ledger = createContainments(live, history);
    await own(ledger, anOwner("alert-1"));
    const owners: number[] = [];

    const updated = await createContainments(
      {
        ...live,
        async replace(rows) {
          if (owners.length === 1) await own(ledger, anOwner("alert-2"));
          return live.replace(rows);
        },
      },
      history,
    ).update(point.key, id, (containment) => {
      owners.push(containment.owners.length);
      return withProgress(containment);
    });

    expect(owners).toEqual([1, 2]);
    expect(updated).toEqual((await held(ledger)).containment);
    expect(updated?.owners).toHaveLength(2);
  });

  it("is left as it is when there is nothing to change, and answers what stands", async () => {
    const ledger = await someContainments();
    await own(ledger, anOwner("alert-1"));
    const before = await held(ledger);

    expect(await ledger.update(point.key, id, () => undefined)).toEqual(before.containment);
    // Nor for a change that changes nothing: the timer looks at everything every minute.
    expect(await ledger.update(point.key, id, (same) => ({ ...same }))).toEqual(before.containment);
    expect((await held(ledger)).row.etag).toBe(before.row.etag);
  });

  it("is nothing where nothing stands", async () => {
    const ledger = await someContainments();

    expect(await ledger.update(point.key, id, withProgress)).toBeUndefined();
    expect(await ledger.at(point.key)).toEqual([]);
  });

  it("replaces whole containments, but none that somebody changed meanwhile", async () => {
    const ledger = await someContainments();
    const others = ["203.0.113.8", "203.0.113.9"].map((address) => ({ ...target, address }));
    await own(ledger, anOwner("alert-1"));
    for (const one of others) {
      const wish = { id: containmentId("apim-block-ip", point, one), responder: "apim-block-ip", point, target: one };
      await ledger.own({ ...wish, owner: anOwner("alert-1") }, now);
    }
    const read = await ledger.at(point.key);
    await own(ledger, anOwner("alert-2"));

    await ledger.replace(read.map((one) => ({ held: one, next: withProgress(one.containment) })));

    const after = await ledger.at(point.key);
    const changed = after.filter(({ containment }) => containment.progress !== undefined);
    expect(changed.map(({ containment }) => addressOf(containment.target)).toSorted()).toEqual([
      "203.0.113.8",
      "203.0.113.9",
    ]);
    expect((await held(ledger)).containment.owners).toHaveLength(2);
    await expect(ledger.replace([])).resolves.toBeUndefined();
  });
});

it.each([
  ["the later", [1, 3], 3],
  ["the earlier", [3, 1], 3],
] as const)(
  "a containment is as urgent as the most severe alert that asks for it, also when it is %s",
  async (_, given, most) => {
    const ledger = await someContainments();
    for (const [index, priority] of given.entries()) {
      const wish = { id, responder: "apim-block-ip", point, target, priority };
      await ledger.own({ ...wish, owner: anOwner(`alert-${index}`) }, now);
    }

    expect((await held(ledger)).containment.priority).toBe(most);
  },
);

describe("releasing", () => {
  it("moves it from what stands to what stood, and doing it twice is the same as once", async () => {
    const ledger = await someContainments();
    await own(ledger, anOwner("alert-1"));
    const before = await held(ledger);

    await ledger.release([before], inMinutes(60));
    await ledger.release([before], inMinutes(61));

    expect(await ledger.at(point.key)).toEqual([]);
    expect(await ledger.released(point.key)).toEqual([
      expect.objectContaining({ id, state: "released", owners: [anOwner("alert-1")] }),
    ]);
  });

  it("spares what somebody asked for in the meantime", async () => {
    const ledger = await someContainments();
    await own(ledger, anOwner("alert-1", 1));
    const before = await held(ledger);
    await own(ledger, anOwner("alert-2", 60), inMinutes(2));

    await ledger.release([before], inMinutes(2));

    expect((await held(ledger)).containment.owners.map((owner) => owner.id)).toEqual(["alert-2"]);
    expect(await ledger.released(point.key)).toEqual([]);
  });

  it("remembers every time that it stood, the newest first", async () => {
    const ledger = await someContainments();
    for (const [name, minutes] of [
      ["alert-1", 0],
      ["alert-2", 90],
    ] as const) {
      await own(ledger, anOwner(name, minutes + 60), inMinutes(minutes));
      await ledger.release([await held(ledger)], inMinutes(minutes + 60));
    }

    expect((await ledger.released(point.key)).map(({ owners }) => owners[0]?.id)).toEqual(["alert-2", "alert-1"]);
  });

  it("of fifty at once loses none", async () => {
    const ledger = await someContainments();
    const targets = Array.from({ length: 50 }, (_, index) => ({ ...target, address: `203.0.113.${index}` }));
    await Promise.all(
      targets.map((one) =>
        ledger.own(
          {
            id: containmentId("apim-block-ip", point, one),
            responder: "apim-block-ip",
            point,
            target: one,
            owner: anOwner("a"),
          },
          now,
        ),
      ),
    );

    await ledger.release(await ledger.at(point.key), inMinutes(60));

    expect(await ledger.at(point.key)).toEqual([]);
    expect(await ledger.released(point.key)).toHaveLength(50);
  });
});
