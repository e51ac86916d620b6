import { expect, it } from "vitest";
import { memoByText } from "../../../../local/azure/gateway/memo-by-text.ts";

it("parses a text once while it is among the latest asked for", () => {
  const parsed: string[] = [];
  const memo = memoByText(2, (text) => {
    parsed.push(text);
    return text.length;
  });

  const values = ["a", "bb", "a", "ccc", "a", "bb"].map(memo);

  expect(values).toEqual([1, 2, 1, 3, 1, 2]);
  expect(parsed).toEqual(["a", "bb", "ccc", "bb"]);
});
