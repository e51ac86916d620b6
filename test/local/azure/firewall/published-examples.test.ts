import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import * as z from "zod";
import {
  firewallState,
  type SimulatedRuleCollection,
  simulatedIpGroup,
} from "../../../../local/azure/firewall/firewall-state.ts";
import { referenceAbsent, referencePath } from "../../../support/reference-material.ts";
import { type Hub, startHub } from "./a-hub.ts";

const absent = referencePath("arm-examples", "network") === undefined || referencePath("arm-specs") === undefined;
const because = absent ? ` (skipped: ${referenceAbsent})` : "";

const Body = z.looseObject({ properties: z.looseObject({}) });
const Example = z.object({
  parameters: z.looseObject({ "api-version": z.string(), parameters: z.unknown().optional() }),
  responses: z.record(z.string(), z.object({ body: Body })),
});

function readExample(file: string) {
  const path = referencePath("arm-examples", "network", `${file}.json`) ?? file;
  const { parameters, responses } = Example.parse(JSON.parse(readFileSync(path, "utf8")));
  const expected = (status: number) => {
    const { id: _, etag: __, location: ___, ...body } = Body.parse(responses[status]?.body);
    // Its text is a placeholder, its id is written in another order than ids are, and its location is not the one that was asked for.
    return { ...body, etag: expect.stringMatching(/^W\/".+"$/) };
  };
  return { version: parameters["api-version"], body: parameters.parameters, expected };
}

/** What the specification has names for: the group's own, and those of every resource (whose definition is in another file). */
function documentedNames(): { top: string[]; properties: string[] } {
  const Definition = z.object({ properties: z.record(z.string(), z.unknown()) });
  const path = referencePath("arm-specs", "ipGroups.json") ?? "ipGroups.json";
  const { definitions } = z
    .object({ definitions: z.object({ IpGroup: Definition, IpGroupPropertiesFormat: Definition }) })
    .parse(JSON.parse(readFileSync(path, "utf8")));
  return {
    top: ["id", "name", "type", "location", "tags", ...Object.keys(definitions.IpGroup.properties)],
    properties: Object.keys(definitions.IpGroupPropertiesFormat.properties),
  };
}

const network = "/resourceGroups/myResourceGroup/providers/Microsoft.Network";
const exampleGroup = `/subscriptions/subId${network}/ipGroups/ipGroups1`;
const classicId = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network/azureFirewalls/azurefirewall";

describe.skipIf(absent)(`the published examples${because}`, () => {
  let at: Hub;
  afterEach(() => at.azure.close());

  it("IpGroupsCreate and IpGroupsGet: the answers are the published ones, with names that are documented", async () => {
    const naming: SimulatedRuleCollection = {
      name: "netrulecoll",
      priority: 112,
      action: "Deny",
      rules: [{ name: "L4-traffic", ruleType: "NetworkRule", sourceIpGroups: [exampleGroup] }],
    };
    at = await startHub(firewallState({ firewalls: [{ id: classicId, networkRuleCollections: [naming] }] }));
    const create = readExample("IpGroupsCreate");
    const read = readExample("IpGroupsGet");

    for (const status of [201, 200]) {
      const written = await at.ask("PUT", exampleGroup, create);
      expect(written.status).toBe(status);
      const { properties, ...rest } = create.expected(status);
      expect(written.body).toMatchObject({ ...rest, properties: { ...properties, provisioningState: "Updating" } });
      await at.clock.advance(240_000);

      const body = Body.parse((await at.ask("GET", exampleGroup, { version: read.version })).body);
      expect(body).toMatchObject(read.expected(200));
      const { top, properties: inside } = documentedNames();
      expect(Object.keys(body).filter((name) => !top.includes(name))).toEqual([]);
      expect(Object.keys(body.properties).filter((name) => !inside.includes(name))).toEqual([]);
    }
  });

  it("FirewallPolicyRuleCollectionGroupWithIpGroupsPut: the answer is the published one", async () => {
    const base = "/subscriptions/subid/resourceGroups/rg1/providers/Microsoft.Network/firewallPolicies/firewallPolicy";
    // As the example spells them.
    const ids = [1, 2].map(
      (index) => `/subscriptions/subid/providers/Microsoft.Network/resourceGroup/rg1/ipGroups/ipGroups${index}`,
    );
    at = await startHub(
      firewallState({
        ipGroups: ids.map((id) => simulatedIpGroup({ id })),
        policies: [{ id: base, location: "westus", ruleCollectionGroups: [] }],
      }),
    );
    const put = readExample("FirewallPolicyRuleCollectionGroupWithIpGroupsPut");
    const path = `${base}/ruleCollectionGroups/ruleCollectionGroup1`;

    for (const status of [201, 200]) {
      expect((await at.ask("PUT", path, put)).status).toBe(status);
      await at.clock.advance(2_000);
      // The published 201 carries the policy's name and id.
      expect((await at.ask("GET", path, { version: put.version })).body).toMatchObject({
        ...put.expected(200),
        id: path,
      });
    }
  });
});
