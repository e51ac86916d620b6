import { expect, it } from "vitest";
import { isApiManagementService, parseArmId, sameArmId } from "../../shared/arm-id.ts";

const id =
  "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg-shop/providers/Microsoft.ApiManagement/service/contoso-shop";

it("takes an id apart and keeps its letter case for calls", () => {
  expect(parseArmId(` ${id.replace("rg-shop", "RG-Shop")} `)).toEqual({
    id: id.replace("rg-shop", "RG-Shop"),
    subscriptionId: "00000000-0000-4000-8000-000000000001",
    resourceGroup: "RG-Shop",
    type: "Microsoft.ApiManagement/service",
    name: "contoso-shop",
  });
});

it("knows an API Management service in any letter case", () => {
  const parsed = parseArmId(id.toUpperCase());

  expect(parsed && isApiManagementService(parsed)).toBe(true);
  expect(sameArmId(id, ` ${id.toUpperCase()}`)).toBe(true);
  expect(sameArmId(id, `${id}2`)).toBe(false);
});

it.each([
  "",
  "contoso-shop",
  id.slice(1),
  `${id}/apis/orders`,
  `${id}/`,
  `${id}?x=1/y`,
  id.replace("00000000-0000-4000-8000-000000000001", "sub"),
  id.replace("/providers/Microsoft.ApiManagement/service/contoso-shop", ""),
])("does not take %j for a top-level resource", (text) => {
  expect(parseArmId(text)).toBeUndefined();
});
