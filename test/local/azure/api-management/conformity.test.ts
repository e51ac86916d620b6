import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiManagementRoutes } from "../../../../local/azure/api-management/routes.ts";
import type { ApiManagementService } from "../../../../local/azure/api-management/store.ts";
import type { SimulatedAzure } from "../../../../local/azure/simulated-azure.ts";
import { systemClock } from "../../../../shared/clock.ts";
import { referenceAbsent, referencePath } from "../../../support/reference-material.ts";
import { ask, contoso, startContoso } from "./contoso.ts";
import {
  contradictions,
  type PublishedOperation,
  type PublishedSpecification,
  readSpecification,
} from "./published-specification.ts";

const absent = referencePath("arm-specs") === undefined;
const because = absent ? ` (skipped: ${referenceAbsent})` : "";

const routes = apiManagementRoutes({
  services: [],
  clock: systemClock,
  latency: { fragmentWriteMs: 0 },
  closing: new AbortController().signal,
});
/** Known from headers in the published examples only. */
const withoutSpecification = "OperationResult_Get";

it("serves no route that the installed client would not call", () => {
  const folder = dirname(fileURLToPath(import.meta.resolve("@azure/arm-apimanagement")));
  const sources = readdirSync(join(folder, "operations")).filter((file) => file.endsWith(".js"));
  const called = sources.flatMap((file) =>
    Array.from(
      readFileSync(join(folder, "operations", file), "utf8").matchAll(/path: "([^"]+)",\s*httpMethod: "(\w+)"/g),
      ([, path, method]) => `${method} ${path}`,
    ),
  );

  expect(called.length).toBeGreaterThan(300);
  for (const { operationId, method, path } of routes) {
    if (operationId !== withoutSpecification) expect(called).toContain(`${method} ${path}`);
  }
});

describe.skipIf(absent)(`the published specification${because}`, () => {
  const subset = absent ? undefined : readSpecification("apimanagement-2024-05-01.subset.json");
  const originals = absent ? [] : ["apimpolicies.json", "apimpolicyfragments.json"].map(readSpecification);

  it("has every route whose part of it is at hand", () => {
    const groups = new Set(subset?.operations.map(({ operationId }) => operationId.split("_")[0]));
    const published = subset?.operations.map(signature);

    const held = routes.filter(({ operationId }) => groups.has(operationId.split("_")[0]));

    expect(held.length).toBeGreaterThan(25);
    for (const route of held) expect(published).toContain(signature(route));
  });

  it("spells the operation ids as the routes do", () => {
    const published = originals.flatMap(({ operations }) => operations.map(({ operationId }) => operationId));

    const served = routes.map(({ operationId }) => operationId).filter((id) => /^Policy(Fragment)?_/.test(id));

    expect([...served].sort()).toEqual([...published].sort());
  });

  describe("documents every answer", () => {
    let azure: SimulatedAzure;
    let service: ApiManagementService;
    beforeAll(async () => {
      service = contoso();
      azure = (await startContoso({ service })).azure;
    });
    afterAll(() => azure.close());

    const policy = { properties: { format: "xml", value: "<policies><inbound /></policies>" } };
    const fragment = { properties: { format: "xml", value: '<fragment><set-status code="200" /></fragment>' } };
    const namedValue = { properties: { displayName: "a-value", value: "1" } };
    const any = { "if-match": "*" };

    it.each<[string, string, object, boolean]>([
      ["", "policies/policy", policy, true],
      ["products/starter/", "policies/policy", policy, true],
      ["apis/orders/", "policies/policy", policy, true],
      ["apis/orders/operations/get-order/", "policies/policy", policy, true],
      ["workspaces/team-a/", "policies/policy", policy, true],
      ["workspaces/team-a/apis/orders/", "policies/policy", policy, true],
      ["", "policyFragments/mine", fragment, true],
      ["", "namedValues/nv-2", namedValue, false],
    ])("to the calls on %s%s", async (parent, path, body, deletable) => {
      const one = `${service.id}/${parent}${path}`;
      const list = one.slice(0, one.lastIndexOf("/"));
      await ask(azure, "DELETE", one, { headers: any });
      const steps: [string, string, number, Parameters<typeof ask>[3]?][] = [
        ["GET", one, 404],
        ["PUT", one, 400, { body: { properties: {} } }],
        ["PUT", one, 201, { body }],
        ["PUT", one, 200, { body, headers: any }],
        ["PUT", one, 412, { body, headers: { "if-match": '"old"' } }],
        ["HEAD", one, 200],
        ["GET", one, 200],
        ["GET", list, 200],
        ...(path.startsWith("policyFragments")
          ? [["POST", `${one}/listReferences`, 200] satisfies [string, string, number]]
          : []),
        ...(deletable
          ? [
              ["DELETE", one, 412, { headers: { "if-match": '"old"' } }] satisfies [string, string, number, object],
              ["DELETE", one, 200, { headers: any }] satisfies [string, string, number, object],
              ["DELETE", one, 204, { headers: any }] satisfies [string, string, number, object],
            ]
          : []),
      ];

      for (const [method, at, status, options] of steps) {
        const answer = await ask(azure, method, at, options);
        const operation = operationOf(subset, azure);
        expect(answer.status, `${method} ${at}`).toBe(status);
        expect(contradictions(subset, operation, answer), `${method} ${at}`).toEqual([]);
        const original = originals.flatMap(({ operations }) => operations).find(isSame(operation));
        if (original !== undefined)
          expect(documentedStatuses(original)).toContain(status < 400 ? String(status) : "default");
      }
    });
  });
});

/** The published operation that the latest call was taken for. */
function operationOf(
  subset: PublishedSpecification | undefined,
  azure: SimulatedAzure,
): PublishedOperation | undefined {
  const id = azure.calls.at(-1)?.operationId.toLowerCase();
  return subset?.operations.find(({ operationId }) => operationId.toLowerCase() === id);
}

function isSame(operation: PublishedOperation | undefined): (other: PublishedOperation) => boolean {
  return ({ operationId }) => operationId.toLowerCase() === operation?.operationId.toLowerCase();
}

function documentedStatuses({ responses }: PublishedOperation): string[] {
  return Object.keys(responses);
}

function signature({ operationId, method, path }: { operationId: string; method: string; path: string }): string {
  return `${operationId.toLowerCase()} ${method} ${path}`;
}
