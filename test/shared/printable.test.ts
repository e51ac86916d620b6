import * as fc from "fast-check";
import { expect, it } from "vitest";
import { printableJson } from "../../shared/printable.ts";

it("is one line that commands no terminal, and the same value when it is read again", () =>
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.oneof(
          fc.constantFrom("\n", "\r", "\u001b", "\u0085", "\u009b", "\u2028", "\u202e", "\u{e0001}", "ü", "🚪"),
          fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
        ),
      }),
      (text) => {
        const printed = printableJson({ text });

        expect(printed).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(JSON.parse(printed)).toEqual({ text });
      },
    ),
  ));
