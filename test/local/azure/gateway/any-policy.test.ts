import fc from "fast-check";
import { expect, it } from "vitest";
import { createGateway } from "../../../../local/azure/gateway/gateway.ts";
import { systemClock } from "../../../../shared/clock.ts";
import { aService, inbound } from "./a-service.ts";
import { policyElements } from "./policy-elements.ts";

it("answers every call, whatever its policies hold", async () => {
  await fc.assert(
    fc.asyncProperty(policyElements(), policyElements(), async (elements, inFragment) => {
      const service = aService({ "": inbound(elements) }, { x: `<fragment>${inFragment}</fragment>` });
      const gateway = createGateway([service], { clock: systemClock });
      gateway.onError((error) => {
        throw error;
      });

      const response = await gateway.request("/orders/1");

      expect(response.headers.get("x-simulated-gateway-skipped") ?? "").not.toMatch(/policies/);
    }),
    { numRuns: 500 },
  );
});

it("answers every call, whatever text stands where a policy should", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string(), fc.string().map(inbound)), async (xml) => {
      const response = await createGateway([aService({ "": xml })], { clock: systemClock }).request("/orders/1");

      expect(response.status).toBe(200);
    }),
  );
});
