import { describe, it } from "vitest";
import type { Moment } from "../e2e/support/a-killable-system.ts";
import { at, rehearse, survivesWhileAnswering, survivesWhileReleasing } from "../e2e/support/survive-kill.ts";

const { answering, releasing } = await rehearse();

describe.concurrent("kill -9 at any request of the answer to an alert", { timeout: 60_000 }, () => {
  it.each(moments(answering))("$when request $number, $name", ({ moment }) => survivesWhileAnswering(at(moment)));
});

describe.concurrent("kill -9 at any request of the release", { timeout: 60_000 }, () => {
  it.each(moments(releasing))("$when request $number, $name", ({ moment }) => survivesWhileReleasing(at(moment)));
});

function moments(names: readonly string[]) {
  return names.flatMap((name, index) =>
    (["before", "after"] as const).map((when) => {
      const moment: Moment = { when, is: (_, earlier) => earlier.length === index };
      return { when, number: index + 1, name, moment };
    }),
  );
}
