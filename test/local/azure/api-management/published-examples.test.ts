import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import type { ApiManagementService } from "../../../../local/azure/api-management/store.ts";
import type { SimulatedAzure } from "../../../../local/azure/simulated-azure.ts";
import { referenceAbsent, referencePath } from "../../../support/reference-material.ts";
import { ask, contoso, startContoso } from "./contoso.ts";
import { contradictions, type PublishedSpecification, readSpecification } from "./published-specification.ts";

const examples = referencePath("arm-examples", "apimanagement");
const absent = examples === undefined || referencePath("arm-specs") === undefined;
const because = absent ? ` (skipped: ${referenceAbsent})` : "";

describe.skipIf(absent)(`the published examples${because}`, () => {
  let azure: SimulatedAzure;
  let subset: PublishedSpecification;

  beforeAll(async () => {
    subset = readSpecification("apimanagement-2024-05-01.subset.json");
    azure = (await startContoso({ service: exampleService() })).azure;
  });
  afterAll(() => azure.close());

  const replayed: Record<string, string> = {
    ApiManagementCreatePolicy: "Policy_createOrUpdate",
    ApiManagementGetPolicyFormat: "Policy_get",
    ApiManagementCreateProductPolicy: "ProductPolicy_createOrUpdate",
    ApiManagementCreateApiPolicy: "ApiPolicy_createOrUpdate",
    ApiManagementCreateApiPolicyNonXmlEncoded: "ApiPolicy_createOrUpdate",
    ApiManagementGetApiPolicy: "ApiPolicy_get",
    ApiManagementDeleteApiPolicy: "ApiPolicy_delete",
    ApiManagementCreateApiOperationPolicy: "ApiOperationPolicy_createOrUpdate",
    ApiManagementCreatePolicyFragment: "PolicyFragment_createOrUpdate",
    ApiManagementGetPolicyFragment: "PolicyFragment_get",
    ApiManagementSubscriptionRegeneratePrimaryKey: "Subscription_regeneratePrimaryKey",
    ApiManagementUpdateSubscription: "Subscription_update",
    ApiManagementUpdateUser: "User_update",
  };
  /** Examples of operations that are not simulated: they must be refused by name. */
  const refused: Record<string, string> = {
    ApiManagementUpdateNamedValue: "NamedValue_update",
  };

  it("are all looked at", () => {
    const files = readdirSync(examples ?? "").map((file) => file.replace(".json", ""));

    expect(files.sort()).toEqual([...Object.keys(replayed), ...Object.keys(refused)].sort());
  });

  it.each(Object.entries(replayed))(
    "%s is answered with a documented status, headers and body",
    async (file, operationId) => {
      const example = readExample(file);
      await prepare(azure, file, example);

      const { operation, answer } = await replay(azure, subset, operationId, example);

      expect(Object.keys(example.responses)).toContain(String(answer.status));
      expect(contradictions(subset, operation, answer)).toEqual([]);
      expect(answer.body).toEqual(expectedBody(file, example, answer.status));
      for (const header of Object.keys(example.responses[answer.status]?.headers ?? {})) {
        const [sent, published] = [answer.headers.get(header), example.responses[answer.status]?.headers?.[header]];
        expect(sent?.replace(/[0-9a-f]{24}/, "ID")).toBe(published?.replace(/[0-9a-f]{24}/, "ID"));
      }
    },
  );

  it.each(Object.entries(refused))("%s is refused by name", async (file, operationId) => {
    const { answer } = await replay(azure, subset, operationId, readExample(file));

    expect(answer).toMatchObject({
      status: 501,
      body: { error: { code: "NotSimulated", message: expect.stringContaining("/apimService1/") } },
    });
  });
});

const userId = "5931a75ae4bbd512a88c680b";
const since = "2026-01-15T08:00:00Z";

const Example = z.object({
  parameters: z.looseObject({
    parameters: z.unknown().optional(),
    "If-Match": z.string().optional(),
    format: z.string().optional(),
  }),
  responses: z.record(
    z.string(),
    z.object({
      headers: z.record(z.string(), z.string()).optional(),
      body: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});
type Example = z.infer<typeof Example>;

function readExample(file: string): Example {
  return Example.parse(JSON.parse(readFileSync(join(examples ?? "", `${file}.json`), "utf8")));
}

/** A GET and a DELETE example need their resource to be there; the creating ones need it not to be. */
async function prepare(azure: SimulatedAzure, file: string, { parameters, responses }: Example): Promise<void> {
  const [service] = azure.services;
  service?.policies.clear();
  service?.fragments.clear();
  const body = responses[200]?.body;
  if (file === "ApiManagementDeleteApiPolicy")
    service?.policies.set(`apis/${parameters.apiId}`, { xml: "<policies />", etag: '"1"' });
  if (!file.startsWith("ApiManagementGet") || body === undefined) return;
  const properties = { format: "xml", ...z.object({ properties: z.looseObject({}) }).parse(body).properties };
  await ask(azure, "PUT", String(body.id), { body: { properties } });
}

async function replay(
  azure: SimulatedAzure,
  subset: PublishedSpecification,
  operationId: string,
  { parameters }: Example,
) {
  const operation = subset.operations.find((one) => one.operationId === operationId);
  if (operation === undefined) throw new Error(`${operationId} is not in the specification`);
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => String(parameters[name]));
  const query = parameters.format === undefined ? "" : `?format=${parameters.format}`;
  const ifMatch = parameters["If-Match"];
  const answer = await ask(azure, operation.method, path + query, {
    ...(parameters.parameters === undefined ? {} : { body: parameters.parameters }),
    ...(ifMatch === undefined ? {} : { headers: { "if-match": ifMatch } }),
  });
  return { operation, answer };
}

/** The published body, mended where the examples contradict themselves or show what is not simulated. */
function expectedBody(file: string, example: Example, status: number): unknown {
  // When somebody was registered, and how they sign in, is the simulator's own.
  const own = {
    ApiManagementUpdateSubscription: { createdDate: since },
    ApiManagementUpdateUser: { registrationDate: since },
  };
  if (file === "ApiManagementUpdateSubscription" || file === "ApiManagementUpdateUser") {
    const published = z.looseObject({ properties: z.looseObject({}) }).parse(example.responses[status]?.body);
    const identities = file === "ApiManagementUpdateUser" ? { identities: expect.any(Array) } : {};
    return { ...published, properties: { ...published.properties, ...own[file], ...identities } };
  }
  const body = z
    .object({ properties: z.object({ value: z.string() }).loose() })
    .loose()
    .optional()
    .parse(example.responses[status]?.body);
  if (body === undefined) return undefined;
  const value = (text: string) => ({ ...body, properties: { ...body.properties, value: text } });
  const wrapped = '<fragment>\r\n  <json-to-xml apply="always" consider-accept-header="false" />\r\n</fragment>';
  switch (file) {
    // Shows a fragment's text with its root in one example and without in the other.
    case "ApiManagementCreatePolicyFragment":
    case "ApiManagementGetPolicyFragment":
      return value(wrapped);
    // Shows the answer of another request, at another scope.
    case "ApiManagementCreateApiPolicyNonXmlEncoded": {
      const id = readExample("ApiManagementCreateApiPolicy").responses[201]?.body?.id;
      return { ...body, id, type: "Microsoft.ApiManagement/service/apis/policies" };
    }
    // Not simulated: named values turned into their ids, and versions added to policies.
    case "ApiManagementCreateProductPolicy":
      return value(body.properties.value.replace("58c884fed8d14f127cec38f0", "call-count").replace(' version="2"', ""));
    // Shows tabs and single line feeds, where every other example has CRLF and two spaces.
    case "ApiManagementGetPolicyFormat":
      return value(body.properties.value.replace(/\r?\n/g, "\r\n").replaceAll("\t", "  "));
    default:
      return body;
  }
}

function exampleService(): ApiManagementService {
  const operation = { id: "5600b57e7e8880006a080001", displayName: "Op", method: "GET", urlTemplate: "/" };
  const api = {
    displayName: "Api",
    path: "api",
    subscriptionRequired: true,
    operations: new Map([[operation.id, operation]]),
  };
  const apis = ["5600b57e7e8880006a040001", "5600b59475ff190048040001", "loggerId"].map((id) => ({ id, ...api }));
  return {
    ...contoso(),
    id: "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg1/providers/Microsoft.ApiManagement/service/apimService1",
    name: "apimService1",
    apis: new Map(apis.map((one) => [one.id, one])),
    products: new Map([["5702e97e5157a50f48dce801", { id: "5702e97e5157a50f48dce801", displayName: "Product" }]]),
    subscriptions: new Map([
      [
        "testsub",
        {
          id: "testsub",
          displayName: "before",
          scope: "/products/5600b59475ff190048060002",
          ownerId: userId,
          state: "submitted",
          primaryKey: "local-only-primary",
          secondaryKey: "local-only-secondary",
          etag: '"1"',
        },
      ],
    ]),
    users: new Map([
      [userId, { id: userId, firstName: "a", lastName: "b", email: "c@example.com", state: "active", etag: '"1"' }],
    ]),
    namedValues: new Map([["nv", { id: "nv", displayName: "call-count", value: "10" }]]),
  };
}
