import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bootstrapService, removeBootstrap } from "../../../shared/reconcile/bootstrap-service.ts";
import { fragmentId, renderFragment, sameFragment } from "../../../shared/reconcile/fragment-document.ts";
import { callsBase, hasInclude } from "../../../shared/reconcile/include-fragment.ts";
import { includeLine, openShop, type Shop, serviceId } from "../../support/a-shop.ts";

const createFragment = "PolicyFragment_CreateOrUpdate 201";
let shop: Shop;

beforeEach(async () => {
  shop = await openShop();
});
afterEach(() => shop.close());

const install = (dryRun = false) => bootstrapService(serviceId, { ...shop, dryRun });
const uninstall = (dryRun = false) => removeBootstrap(serviceId, { ...shop, dryRun });
const globalPolicy = () => shop.service.policies.get("")?.xml;

/** As the service writes a document down, which is what every later read shows. */
async function normalise(): Promise<string> {
  const { apiManagement } = shop;
  const before = await apiManagement.policy(serviceId, "");
  if (!before) throw new Error("there is no global policy");
  await apiManagement.putPolicy(serviceId, "", before.xml, { ifMatch: before.etag });
  shop.takeCalls();
  return globalPolicy() ?? "";
}

describe("installing", () => {
  it("makes the empty fragment, then puts one line into the global policy, and nothing else", async () => {
    const before = await normalise();

    const { actions, diff } = await install();

    expect(actions).toHaveLength(2);
    expect(shop.takeCalls()).toEqual([createFragment, "Policy_CreateOrUpdate 200"]);
    expect(sameFragment(shop.service.fragments.get(fragmentId)?.xml ?? "", renderFragment([]))).toBe(true);
    const lines = (globalPolicy() ?? "").split("\r\n");
    expect(lines.filter((line) => line.trim() !== includeLine).join("\r\n")).toBe(before);
    expect(lines.filter((line) => line.trim() === includeLine)).toHaveLength(1);
    expect(diff.split("\n").filter((line) => /^[+-][^+-]/.test(line))).toHaveLength(2);
    expect(diff).toContain(includeLine);
  });

  it("comes first in inbound, before anything that could answer the call", async () => {
    await install();

    expect(globalPolicy()).toMatch(new RegExp(`<inbound>\\s*${includeLine}`));
  });

  it("only shows what it would do in a dry run", async () => {
    const before = globalPolicy();

    const { actions, diff } = await install(true);

    expect(shop.takeCalls()).toEqual([]);
    expect([globalPolicy(), shop.service.fragments.size]).toEqual([before, 0]);
    expect(actions).toHaveLength(2);
    expect(diff).toContain(includeLine);
  });

  it("is done once: the second time there is nothing to do", async () => {
    await install();
    const after = globalPolicy();
    shop.takeCalls();

    expect(await install()).toEqual({ actions: [], diff: "" });
    expect(shop.takeCalls()).toEqual([]);
    expect(globalPolicy()).toBe(after);
  });

  it("makes up for an earlier one that died between fragment and policy", async () => {
    await shop.apiManagement.putFragment(serviceId, fragmentId, renderFragment([]), { ifNoneMatch: "*" });
    shop.takeCalls();

    expect((await install()).actions).toHaveLength(1);
    expect(shop.takeCalls()).toEqual(["Policy_CreateOrUpdate 200"]);
  });

  it("keeps a fragment that already holds containments", async () => {
    const xml = renderFragment([
      { kind: "forbid-ip", scope: { kind: "service" }, from: "203.0.113.7", to: "203.0.113.7" },
    ]);
    await shop.apiManagement.putFragment(serviceId, fragmentId, xml, { ifNoneMatch: "*" });

    await install();

    expect(sameFragment(shop.service.fragments.get(fragmentId)?.xml ?? "", xml)).toBe(true);
  });

  it("reads again when the platform team saves its policy at the same moment, and loses nothing of theirs", async () => {
    let saved = false;
    shop.intercept(({ method, url }) => {
      if (method !== "PUT" || saved || !url.includes("/policies/policy")) return undefined;
      saved = true;
      const theirs = (globalPolicy() ?? "").replace(
        "<outbound />",
        '<outbound><set-header name="X-New" exists-action="delete" /></outbound>',
      );
      shop.service.policies.set("", { xml: theirs, etag: '"theirs"' });
      return undefined;
    });

    const { diff } = await install();

    expect(shop.takeCalls()).toEqual([createFragment, "Policy_CreateOrUpdate 412", "Policy_CreateOrUpdate 200"]);
    expect(globalPolicy()).toContain("X-New");
    expect(globalPolicy()).toContain(includeLine);
    expect(diff).not.toContain("-  <outbound");
  });

  it("gives up when the policy is never the one that was read", async () => {
    const before = globalPolicy();
    shop.azure.faults.add({ kind: "status", operation: "Policy_CreateOrUpdate", status: 412 });

    await expect(install()).rejects.toMatchObject({ name: "AzureError", status: 412 });

    expect(globalPolicy()).toBe(before);
  });

  it("gives a service without a global policy the default one with our line in it", async () => {
    shop.service.policies.delete("");

    const { diff } = await install();

    expect(shop.takeCalls()).toEqual([createFragment, "Policy_CreateOrUpdate 201"]);
    expect(hasInclude(globalPolicy() ?? "", fragmentId)).toBe(true);
    expect(globalPolicy()).toContain("<forward-request />");
    expect(diff).toContain(includeLine);
  });

  it("waits for a fragment that takes its time", async () => {
    shop.azure.latency.fragmentWriteMs = 20_000;

    await install();

    expect(hasInclude(globalPolicy() ?? "", fragmentId)).toBe(true);
  });

  it("does not touch the policy when the fragment does not come into force", async () => {
    const before = globalPolicy();
    shop.azure.faults.add({ kind: "operation-failed", operation: "PolicyFragment_CreateOrUpdate" });

    await expect(install()).rejects.toMatchObject({ name: "BootstrapRefused" });

    expect(globalPolicy()).toBe(before);
  });

  it.each([true, false])("refuses a fragment of our name that is not ours (dry run: %s)", async (dryRun) => {
    const theirs = {
      xml: '<fragment><set-header name="X"><value>1</value></set-header></fragment>',
      etag: '"1"',
      provisioningState: "Succeeded" as const,
    };
    shop.service.fragments.set(fragmentId, theirs);
    const before = globalPolicy();

    await expect(install(dryRun)).rejects.toThrow(/did not write: rename or remove it/);

    expect(shop.takeCalls()).toEqual([]);
    expect([globalPolicy(), shop.service.fragments.get(fragmentId)]).toEqual([before, theirs]);
  });

  it("refuses a policy that it cannot be sure of, and writes nothing", async () => {
    const odd = "<policies><inbound /><inbound /></policies>";
    shop.service.policies.set("", { xml: odd, etag: '"odd"' });

    await expect(install()).rejects.toMatchObject({ name: "PolicyNotSafeToEdit", reason: "several-inbound" });

    expect(globalPolicy()).toBe(odd);
  });

  it("takes an answer without text for no empty policy", async () => {
    const before = globalPolicy();
    shop.intercept(({ method, url }) =>
      method === "GET" && url.includes("/policies/policy")
        ? { status: 200, body: { properties: { value: "" } } }
        : undefined,
    );

    await expect(install()).rejects.toMatchObject({ name: "AzureError" });

    expect(globalPolicy()).toBe(before);
  });

  it("leaves the narrower policies alone, whether or not they call on the global one", async () => {
    const before = new Map(shop.service.policies);
    before.delete("");

    await install();

    const after = new Map(shop.service.policies);
    after.delete("");
    expect(after).toEqual(before);
    expect(callsBase(before.get("apis/orders")?.xml ?? "")).toBe(true);
  });
});

describe("taking it out again", () => {
  it("leaves the policy as the service had it, to the byte", async () => {
    const before = await normalise();
    await install();
    expect(globalPolicy()).not.toBe(before);

    const { actions } = await uninstall();

    expect(actions).toEqual(["remove the include from the global policy"]);
    expect(globalPolicy()).toBe(before);
  });

  it("only shows what it would do in a dry run", async () => {
    await install();
    const before = globalPolicy();
    shop.takeCalls();

    expect((await uninstall(true)).diff).toContain(includeLine);
    expect(shop.takeCalls()).toEqual([]);
    expect(globalPolicy()).toBe(before);
  });

  it("has nothing to do where nothing is installed, or no policy is", async () => {
    expect(await uninstall()).toEqual({ actions: [], diff: "" });
    shop.service.policies.delete("");
    expect(await uninstall()).toEqual({ actions: [], diff: "" });
    expect(shop.takeCalls()).toEqual([]);
  });

  it("reads again when somebody saved the policy at the same moment", async () => {
    await install();
    shop.azure.faults.add({ kind: "status", operation: "Policy_CreateOrUpdate", status: 412, count: 1 });

    await uninstall();

    expect(hasInclude(globalPolicy() ?? "", fragmentId)).toBe(false);
  });
});
