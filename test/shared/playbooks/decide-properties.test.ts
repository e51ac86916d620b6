import { BlockList, isIPv6 } from "node:net";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { readAlert } from "../../../shared/alerts/read-alert.ts";
import { reasonOf } from "../../../shared/alerts/reading.ts";
import { addressOf } from "../../../shared/ledger/target.ts";
import { decide } from "../../../shared/playbooks/decide.ts";
import { Decision } from "../../../shared/playbooks/decision.ts";
import type { Step } from "../../../shared/playbooks/playbook.ts";
import { responders } from "../../../shared/responders/responders.ts";
import { aProtection } from "../../support/a-protection.ts";
import { aPayloadWith } from "../../support/an-alert.ts";
import { anEnrichment } from "../../support/an-enrichment.ts";

const serviceId =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.ApiManagement/service/contoso-shop";

/** What nobody may ever be blocked by, written down apart from the product's own list. */
const untouchable = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["224.0.0.0", 3],
] as const)
  untouchable.addSubnet(network, bits);
for (const [network, bits] of [
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8],
] as const)
  untouchable.addSubnet(network, bits, "ipv6");

const dangerous = fc.constantFrom(
  "10.0.0.1",
  "127.0.0.1",
  "168.63.129.16",
  "192.168.1.1",
  "172.20.0.1",
  "169.254.169.254",
  "0.0.0.0",
  "255.255.255.255",
  "::1",
  "fd00::1",
);
const nearby = fc.integer({ min: 0, max: 255 }).map((last) => `203.0.113.${last}`);
const address = fc.oneof(dangerous, nearby, fc.ipV4(), fc.ipV6());
const written = fc.oneof(
  address,
  address.map((ip) => (ip.includes(":") ? `[${ip}]:443` : `${ip}:443`)),
  address.map((ip) => (ip.includes(":") ? ip : `::ffff:${ip}`)),
  fc.array(address, { maxLength: 4 }).map((ips) => ips.join(", ")),
  fc.array(address, { maxLength: 4 }).map((ips) => JSON.stringify(ips)),
);

const alert = fc
  .record({
    properties: fc.dictionary(fc.constantFrom("Actor (Client IP)", "Attacker IP", "Victim IP", "Source IPs"), written),
    entities: fc.array(fc.record({ Type: fc.constant("ip"), Address: written }), { maxLength: 3 }),
    status: fc.constantFrom("New", "New", "New", "InProgress", "InProgress", "Resolved"),
    sample: fc.constantFrom(false, false, false, false, true),
  })
  .map(({ properties, entities, status, sample }) => {
    const payload = aPayloadWith(properties, entities);
    const reading = readAlert({
      ...payload,
      Status: status,
      ...(sample ? { AlertDisplayName: "[SAMPLE ALERT] x" } : {}),
    });
    if (!("alert" in reading)) throw new Error(reasonOf(reading));
    return reading.alert;
  });

const mode = fc.constantFrom("enforce" as const, "enforce" as const, "enforce" as const, "observe" as const);
const step: fc.Arbitrary<Step> = fc.record({
  responder: fc.constantFrom("apim-block-ip", "apim-block-ip", "apim-limit-rate", "apim-limit-rate", "apim-gone"),
  target: fc.constantFrom("attacker-ip" as const, "api-endpoint" as const),
  scope: fc.constantFrom("service" as const, "api" as const, "operation" as const),
  duration: fc.constantFrom("PT1H", "PT30M", "P30D"),
  mode,
  with: fc.constant({}),
  because: fc.constant("test"),
});
const miss = { miss: "nothing is known" };
const situation = fc.record({
  alert,
  facts: fc.constantFrom(
    { service: { id: serviceId }, endpoint: { apiId: "orders", operationId: "get-order" } },
    { service: { id: serviceId }, endpoint: { apiId: "catalog", operationId: "search" } },
    { service: { id: serviceId }, endpoint: { apiId: "orders" } },
    { service: { id: serviceId }, endpoint: miss },
    { service: { id: `${serviceId}-other` }, endpoint: miss },
    { service: miss, endpoint: miss },
  ),
  enrichment: fc.constant(anEnrichment()),
  playbooks: fc.array(
    fc.array(step, { minLength: 1, maxLength: 3 }).map((steps) => ({
      name: "any",
      summary: "test",
      when: { source: "defender-for-cloud" as const, types: ["API_ParameterEnumeration"], severity: "Low" as const },
      steps,
    })),
    { maxLength: 3 },
  ),
  chosenByHand: fc.boolean(),
  responders: fc.constant(responders),
  protection: fc.constant(
    aProtection({ apiManagement: [serviceId], networks: ["203.0.113.64/26", "2001:db8::/32", "198.51.100.9"] }),
  ),
  mode,
  now: fc.constant(new Date("2026-11-23T09:30:00.000Z")),
  maxDuration: fc.constant(7 * 86_400_000),
});

const protectedOnes = new BlockList();
protectedOnes.addSubnet("203.0.113.64", 26);
protectedOnes.addSubnet("2001:db8::", 32, "ipv6");
protectedOnes.addAddress("198.51.100.9");

const isIn = (list: BlockList, ip: string) => list.check(ip, isIPv6(ip) ? "ipv6" : "ipv4");

it("enforces nothing on what is protected or cannot be an attacker, nothing without cause, and leaves no refusal unexplained", async () => {
  let enforced = 0;
  await fc.assert(
    fc.property(situation, (given) => {
      const decision = decide(given);

      expect(Decision.parse(decision)).toEqual(decision);
      expect(decide(given)).toEqual(decision);
      for (const { verdict, against, because, containment, responder } of decision.steps) {
        expect(because.length).toBeGreaterThan(0);
        if (verdict !== "enforce") {
          expect(against.length).toBeGreaterThan(0);
          continue;
        }
        enforced++;
        expect(against).toEqual([]);
        expect(given.mode).toBe("enforce");
        expect([given.alert.sample, given.alert.status === "resolved"]).toEqual([false, false]);
        expect(responders.has(responder)).toBe(true);
        expect(containment?.point.resourceId).toBe(serviceId);
        expect(Date.parse(containment?.expiresAt ?? "")).toBeLessThanOrEqual(given.now.getTime() + given.maxDuration);
        const ip = containment && addressOf(containment.target);
        if (ip !== undefined) expect([ip, isIn(untouchable, ip), isIn(protectedOnes, ip)]).toEqual([ip, false, false]);
      }
      const ids = decision.steps.flatMap(({ verdict, containment }) =>
        containment && verdict !== "refuse" ? [containment.id] : [],
      );
      expect(new Set(ids).size).toBe(ids.length);
    }),
    { numRuns: 1_000 },
  );
  // A property over refusals alone would prove nothing.
  expect(enforced).toBeGreaterThan(100);
});
