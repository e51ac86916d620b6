import { expect, it, vi } from "vitest";
import { insertInclude, removeInclude } from "../../../shared/reconcile/include-fragment.ts";
import type * as located from "../../../shared/reconcile/locate-elements.ts";

/** A search for the right place that is wrong by three characters, as a bug in it would be. */
vi.mock("../../../shared/reconcile/locate-elements.ts", async (original) => {
  const real = await original<typeof located>();
  const shift = (element: located.SourceElement): located.SourceElement => ({
    ...element,
    start: element.start + 3,
    startTagEnd: element.startTagEnd + 3,
    end: element.end + 3,
    children: element.children.map(shift),
  });
  return { ...real, locateElements: (xml: string) => shift(real.locateElements(xml)) };
});

const notProven = expect.objectContaining({ name: "PolicyNotSafeToEdit", reason: "not-proven" });

it.each([
  "<policies><inbound><base /></inbound></policies>",
  "<policies><inbound>   <base /></inbound></policies>",
  "<policies><inbound><!-- a --></inbound></policies>",
  "<policies><inbound>words</inbound></policies>",
])("hands nothing out when the include came to stand in the wrong place of %s", (xml) => {
  expect(() => insertInclude(xml, "ours")).toThrow(notProven);
});

it.each([
  '<policies><inbound><include-fragment fragment-id="ours" /><base /></inbound></policies>',
  '<policies><inbound><include-fragment fragment-id="ours" />words</inbound></policies>',
])("hands nothing out when more or less than the include was taken from %s", (xml) => {
  expect(() => removeInclude(xml, "ours")).toThrow(notProven);
});
