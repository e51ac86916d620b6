import { expect, it } from "vitest";
import { odataText } from "../../../shared/azure/odata.ts";

it("a quote in a text does not end an OData literal", () => {
  expect(odataText("o'brien' or 1 eq 1")).toBe("'o''brien'' or 1 eq 1'");
});
