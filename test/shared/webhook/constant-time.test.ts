import { timingSafeEqual } from "node:crypto";
import { expect, test, vi } from "vitest";
import { authenticate } from "../../../shared/webhook/authenticate.ts";
import { aTenant, key, shown } from "./a-tenant.ts";

vi.mock("node:crypto", async (original) => {
  const crypto = await original<typeof import("node:crypto")>();
  return { ...crypto, timingSafeEqual: vi.fn(crypto.timingSafeEqual) };
});

test.each([key, `${key.slice(0, -1)}X`, "short", ""])(
  "the key %j is compared in constant time, over as many bytes as any other",
  async (given) => {
    vi.mocked(timingSafeEqual).mockClear();

    const verdict = await authenticate(shown({ "x-portcullis-key": given }), aTenant().door());

    expect("caller" in verdict).toBe(given === key);
    expect(vi.mocked(timingSafeEqual).mock.calls.map((sides) => sides.map((side) => side.byteLength))).toEqual([
      [32, 32],
    ]);
  },
);
