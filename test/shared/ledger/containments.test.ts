import { describe, expect, it } from "vitest";
import { apimFragmentPoint, containmentId, isWanted, type Owner } from "../../../shared/ledger/containment.ts";
import { type Containments, createContainments } from "../../../shared/ledger/containments.ts";
import { pack } from "../../../shared/ledger/pack.ts";
import { aTable, someContainments } from "../../support/a-ledger.ts";

const serviceId =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.ApiManagement/service/contoso-shop";
const point = apimFragmentPoint(serviceId);
const now = new Date("2026-11-23T09:30:00.000Z");
const inMinutes = (minutes: number) => new Date(now.getTime() + minutes * 60_000);
const target = { scope: { kind: "api", apiId: "orders" } as const, address: "203.0.113.7" };
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

    expect(await ledger.at(apimFragmentPoint(`${serviceId}2`).key)).toEqual([]);
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
