import { describe, expect, it } from "vitest";
import { actionOf } from "../../../../local/azure/resource-manager/route.ts";

const service = "/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.ApiManagement/service/{service}";

describe("the action that a call needs", () => {
  it.each([
    ["GET", service, "Microsoft.ApiManagement/service/read"],
    ["GET", `${service}/apis`, "Microsoft.ApiManagement/service/apis/read"],
    ["PUT", `${service}/policyFragments/{id}`, "Microsoft.ApiManagement/service/policyFragments/write"],
    ["PATCH", `${service}/subscriptions/{sid}`, "Microsoft.ApiManagement/service/subscriptions/write"],
    ["DELETE", `${service}/policyFragments/{id}`, "Microsoft.ApiManagement/service/policyFragments/delete"],
    [
      "POST",
      `${service}/subscriptions/{sid}/regeneratePrimaryKey`,
      "Microsoft.ApiManagement/service/subscriptions/regeneratePrimaryKey/action",
    ],
  ])("%s %s", (method, path, action) => {
    expect(actionOf({ method, path })).toBe(action);
  });

  it("is the route's own where Azure's name is another one", () => {
    expect(actionOf({ method: "GET", path: `${service}/policies/{id}`, action: "Odd/read" })).toBe("Odd/read");
  });
});
