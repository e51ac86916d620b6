import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { AzureRequest } from "../../../shared/azure/ask.ts";
import { openScriptedAzure, type ScriptedAzure } from "./a-scripted-azure.ts";

const ipGroup =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.Network/ipGroups/blocked?api-version=2026-01-01";

let azure: ScriptedAzure;

beforeAll(async () => {
  azure = await openScriptedAzure();
});
afterEach(() => azure.forget());
afterAll(() => azure.close());

describe("a long-running operation of Resource Manager", () => {
  const write: AzureRequest = {
    service: "resource-manager",
    attempt: "write it",
    method: "PUT",
    path: ipGroup,
    body: {},
  };
  const at = "/subscriptions/1/providers/Microsoft.Network/locations/westeurope/operations/7?api-version=2026-01-01";

  it.each([
    ["Azure-AsyncOperation", { "azure-asyncoperation": `https://management.azure.com${at}` }],
    [
      "Azure-AsyncOperation before Location",
      { "azure-asyncoperation": `https://management.azure.com:443${at}`, location: "/x" },
    ],
    ["Location", { location: `https://management.azure.com${at}` }],
    ["a Location without a host", { location: at }],
  ])("is asked about where %s says", async (_, headers) => {
    azure.answerWith(201, '{"id":"x"}', { ...headers, "retry-after": "10" });

    expect(await azure.ask(write)).toEqual({ status: 201, operation: at, retryAfterMs: 10_000, body: { id: "x" } });
  });

  it.each(["https://evil.example/operations/7", "http://management.azure.com/operations/7", "https://"])(
    "is not asked about at %s, and the write may have been done",
    async (location) => {
      azure.answerWith(202, "", { "azure-asyncoperation": location });

      await expect(azure.ask(write)).rejects.toMatchObject({
        code: "ForeignOperation",
        transient: false,
        ambiguous: true,
      });
    },
  );

  it("is not what another service names: that is what it made", async () => {
    azure.answerWith(201, "{}", { location: "https://api-eu.securitycenter.windows.com/api/machineactions/1" });

    expect(
      await azure.ask({ service: "endpoint", attempt: "isolate", method: "POST", path: "/api/machines/1/isolate" }),
    ).toEqual({
      status: 201,
      body: {},
    });
  });
});
