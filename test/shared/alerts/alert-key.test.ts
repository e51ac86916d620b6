import { describe, expect, it } from "vitest";
import { alertKey } from "../../../shared/alerts/alert-key.ts";

describe("the key of an alert", () => {
  it.each([
    ["Endpoint's", "09e47ccc-1f2a-4b3c-8d4e-5f6a7b8c9d0e_1", "da09e47ccc-1f2a-4b3c-8d4e-5f6a7b8c9d0e_1"],
    ["an older one of Cloud Apps", "d70cfee2-1f54-32db-9988-3a868a1ebfac", "caD70CFEE2-1F54-32DB-9988-3A868A1EBFAC"],
    ["one of Cloud Apps", "65aa00000000000000000003", "ca65aa00000000000000000003"],
  ])("is the same with XDR's two letters before the id: %s", (_, own, inXdr) => {
    expect(alertKey("other", inXdr)).toBe(alertKey("other", own));
  });

  it.each([
    ["da637551227677560813_-961444813", "637551227677560813_-961444813"],
    ["da65aa00000000000000000003", "65aa00000000000000000003"],
    ["cafe00000000000000000003", "fe00000000000000000003"],
  ])("is of the id as it stands where the letters belong to it: %s", (id, shorter) => {
    expect(alertKey("other", id)).not.toBe(alertKey("other", shorter));
  });

  it("is another one for another product", () => {
    expect(alertKey("sentinel", "1")).not.toBe(alertKey("defender-xdr", "1"));
  });
});
