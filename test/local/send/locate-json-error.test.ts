import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { locateJsonError } from "../../../local/send/locate-json-error.ts";

describe("locating what is not JSON", () => {
  it.each([
    ["", 1, 1, "a value"],
    ['{\n  "a": 1,\n}', 3, 1, "a key"],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, ", or }"],
    ["[1, 2", 1, 6, ", or ]"],
    ["[1,]", 1, 4, "a value"],
    ["{'a': 1}", 1, 2, "a key or }"],
    ['{"a" 1}', 1, 6, ":"],
    ["{} {}", 1, 4, "the end"],
    ['["line\nbreak"]', 1, 7, "an escape such as \\n inside a string"],
    ["[NaN]", 1, 2, "a value or ]"],
    ["// a comment\n{}", 1, 1, "a value"],
  ])("finds the place in %j", (text, line, column, expected) => {
    const error = locateJsonError(text);

    expect(error).toEqual({ line, column, expected });
  });

  it("agrees with JSON.parse on what is JSON", () => {
    const piece = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"\\u00e9"',
      "1",
      "-0.5e3",
      "01",
      "true",
      "null",
      " ",
      "\n",
      '"',
      "\\",
    );
    const broken = fc
      .tuple(fc.json(), fc.nat(), fc.nat({ max: 3 }), fc.string({ maxLength: 2 }))
      .map(([json, at, removed, added]) => {
        const index = at % (json.length + 1);
        return json.slice(0, index) + added + json.slice(index + removed);
      });
    const text = fc.oneof(
      fc.json(),
      broken,
      fc.string(),
      fc.array(piece).map((pieces) => pieces.join("")),
    );

    fc.assert(
      fc.property(text, (candidate) => {
        expect(locateJsonError(candidate) === undefined).toBe(isJson(candidate));
      }),
      { numRuns: 3000 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
