import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateInbound } from "../../../../local/azure/gateway/evaluate-inbound.ts";
import { createRateCounters } from "../../../../local/azure/gateway/rate-counters.ts";
import { aService, findOperation, inbound } from "./a-service.ts";

const start = Date.parse("2026-01-01T00:00:00Z");

function aGateway(...elements: string[]) {
  const service = aService({ "": inbound(...elements) });
  const counters = createRateCounters();
  let now = start;
  const clock = { now: () => new Date(now), sleep: () => Promise.resolve() };
  return {
    wait: (seconds: number) => {
      now += seconds * 1000;
    },
    call: (clientIp: string, operation = "get") =>
      evaluateInbound(
        service,
        { ...findOperation(service, "orders-api", operation), method: "GET", clientIp, headers: {} },
        counters,
        clock,
      ),
  };
}

const limit = (attributes: string) => `<rate-limit-by-key ${attributes}/>`;
const twoInTen = limit('calls="2" renewal-period="10" counter-key="@(context.Request.IpAddress)"');

describe("rate-limit-by-key", () => {
  it("answers 429 with the time to wait once the calls are used up, to that key only", () => {
    const gateway = aGateway(twoInTen);
    gateway.call("203.0.113.7");
    gateway.wait(4);
    gateway.call("203.0.113.7");

    const third = gateway.call("203.0.113.7");

    expect(third.answer).toEqual({
      status: 429,
      headers: [
        ["Content-Type", "application/json"],
        ["Retry-After", "6"],
      ],
      body: '{"statusCode":429,"message":"Rate limit is exceeded. Try again in 6 seconds."}',
      reason: "RateLimitExceeded",
    });
    expect(gateway.call("203.0.113.8").answer).toBeUndefined();
  });

  it("takes a call again after the time it named, while the window slides", () => {
    const gateway = aGateway(twoInTen);
    gateway.call("203.0.113.7");
    gateway.wait(4);
    gateway.call("203.0.113.7");
    gateway.wait(6);

    expect(gateway.call("203.0.113.7").answer).toBeUndefined();
    expect(gateway.call("203.0.113.7").answer?.status).toBe(429);
  });

  it("shares one counter between policies that use the same key", () => {
    const gateway = aGateway(
      limit('calls="3" renewal-period="60" counter-key="shared"'),
      limit('calls="3" renewal-period="60" counter-key="shared"'),
    );

    expect(gateway.call("203.0.113.7").answer).toBeUndefined();
    expect(gateway.call("203.0.113.8", "list").answer?.status).toBe(429);
  });

  it("names the calls that remain and the wait in the headers asked for", () => {
    const gateway = aGateway(
      limit(
        'calls="1" renewal-period="30" counter-key="k" remaining-calls-header-name="X-Left" total-calls-header-name="X-Total" retry-after-header-name="X-Wait"',
      ),
    );

    const first = gateway.call("203.0.113.7");
    const second = gateway.call("203.0.113.7");

    expect(first.responseHeaders).toEqual([
      ["X-Left", "0"],
      ["X-Total", "1"],
    ]);
    expect(second.answer?.headers).toContainEqual(["X-Wait", "30"]);
  });

  it.each([
    ["a period over 300 seconds", 'calls="1" renewal-period="301" counter-key="k"'],
    ["no key", 'calls="1" renewal-period="60"'],
    ["a key it cannot read", 'calls="1" renewal-period="60" counter-key="@(context.Subscription.Id)"'],
    ["calls in C#", 'calls="@(5)" renewal-period="60" counter-key="k"'],
    ["a condition on counting", 'calls="1" renewal-period="60" counter-key="k" increment-condition="@(true)"'],
  ])("is skipped for %s", (_what, attributes) => {
    const gateway = aGateway(limit(attributes));
    gateway.call("203.0.113.7");

    const second = gateway.call("203.0.113.7");

    expect(second.answer).toBeUndefined();
    expect(second.skipped).toEqual(["rate-limit-by-key"]);
  });

  it("never takes more than the limit in any window, and always takes a call after the wait it named", () => {
    const steps = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 60 }), steps, (calls, seconds, pauses) => {
        const counters = createRateCounters();
        const taken: number[] = [];
        let now = start;
        for (const pause of pauses) {
          now += pause * 1000;
          const verdict = counters.hit("k", calls, seconds, new Date(now));
          if (!verdict.allowed) {
            now += verdict.retryAfterSeconds * 1000;
            expect(counters.hit("k", calls, seconds, new Date(now)).allowed).toBe(true);
          }
          taken.push(now);
          expect(taken.filter((time) => time > now - seconds * 1000).length).toBeLessThanOrEqual(calls);
        }
      }),
    );
  });
});
