import { describe, expect, it } from "vitest";
import type { ApiManagementService } from "../../../../local/azure/api-management/store.ts";
import { evaluateInbound } from "../../../../local/azure/gateway/evaluate-inbound.ts";
import { createRateCounters } from "../../../../local/azure/gateway/rate-counters.ts";
import type { Clock } from "../../../../shared/clock.ts";
import { aService, findOperation, inbound } from "./a-service.ts";

const attacker = "203.0.113.7";
const forbidAttacker = `<ip-filter action="forbid"><address>${attacker}</address></ip-filter>`;
const frozen: Clock = { now: () => new Date("2026-01-01T00:00:00Z"), sleep: () => Promise.resolve() };

function play(service: ApiManagementService, clientIp = attacker, headers: Record<string, string> = {}) {
  const target = findOperation(service, "orders-api", "get");
  return evaluateInbound(service, { ...target, method: "GET", clientIp, headers }, createRateCounters(), frozen);
}

describe("inheritance of policies", () => {
  it("lets a call through where no policy stands", () => {
    const result = play(aService());

    expect(result).toMatchObject({ skipped: [], responseHeaders: [] });
    expect(result.answer).toBeUndefined();
  });

  it("reaches the global policy through scopes without a policy", () => {
    const result = play(aService({ "": inbound(forbidAttacker) }));

    expect(result.answer).toMatchObject({ status: 403, reason: "CallerIpBlocked" });
  });

  it("reaches the global policy through an operation and an API that keep <base/>", () => {
    const result = play(
      aService({
        "": inbound(forbidAttacker),
        "apis/orders-api": inbound("<base/>"),
        "apis/orders-api/operations/get": inbound("<base />"),
      }),
    );

    expect(result.answer?.status).toBe(403);
  });

  it.each(["apis/orders-api", "apis/orders-api/operations/get"])(
    "hides the broader scopes where %s leaves <base/> out",
    (scope) => {
      const result = play(aService({ "": inbound(forbidAttacker), [scope]: inbound() }));

      expect(result.answer).toBeUndefined();
    },
  );

  it("hides the broader scopes where a policy has no inbound section", () => {
    const result = play(
      aService({ "": inbound(forbidAttacker), "apis/orders-api": "<policies><outbound/></policies>" }),
    );

    expect(result.answer).toBeUndefined();
  });

  it("plays policies in the order in which <base/> places them", () => {
    const teapot = '<return-response><set-status code="418"/></return-response>';

    const before = play(aService({ "": inbound(forbidAttacker), "apis/orders-api": inbound(teapot, "<base/>") }));
    const after = play(aService({ "": inbound(forbidAttacker), "apis/orders-api": inbound("<base/>", teapot) }));

    expect(before.answer?.status).toBe(418);
    expect(after.answer?.status).toBe(403);
  });

  it("ignores the case of ids in scopes", () => {
    const result = play(aService({ "apis/ORDERS-api/operations/GET": inbound(forbidAttacker) }));

    expect(result.answer?.status).toBe(403);
  });

  it("leaves another API's policy to that API", () => {
    const result = play(aService({ "apis/archive-api": inbound(forbidAttacker) }));

    expect(result.answer).toBeUndefined();
  });
});

describe("ip-filter", () => {
  it.each([
    ["forbid", `<address>${attacker}</address>`, attacker, "CallerIpBlocked"],
    ["forbid", `<address>${attacker}</address>`, "203.0.113.8", undefined],
    ["forbid", '<address-range from="203.0.113.0" to="203.0.113.255"/>', attacker, "CallerIpBlocked"],
    ["forbid", '<address-range from="203.0.113.8" to="203.0.113.255"/>', attacker, undefined],
    ["forbid", '<address-range from="9.0.0.0" to="10.0.0.0"/>', "9.255.255.255", "CallerIpBlocked"],
    ["forbid", "<address>0.0.0.0</address>", "2001:db8::1", undefined],
    ["allow", `<address> ${attacker} </address>`, attacker, undefined],
    ["allow", `<address>${attacker}</address>`, "203.0.113.8", "CallerIpNotAllowed"],
    ["allow", `<address>${attacker}</address>`, "2001:db8::1", "CallerIpNotAllowed"],
  ])("%s %s answers %s with %s", (action, entries, clientIp, reason) => {
    const result = play(aService({ "": inbound(`<ip-filter action="${action}">${entries}</ip-filter>`) }), clientIp);

    expect(result.answer?.reason).toBe(reason);
    expect(result.skipped).toEqual([]);
  });

  it.each([
    ["no entry at all", ""],
    ["a CIDR block", "<address>203.0.113.0/24</address>"],
    ["an IPv6 address", "<address>2001:db8::1</address>"],
    ["an octal address", "<address>0203.0.113.7</address>"],
    ["an open range", '<address-range from="203.0.113.0"/>'],
    ["an unknown child", "<subnet>203.0.113.0</subnet>"],
    ["an expression it cannot read", "<address>@(Lookup())</address>"],
  ])("is skipped for %s rather than guessed at", (_what, entries) => {
    for (const action of ["forbid", "allow"]) {
      const result = play(aService({ "": inbound(`<ip-filter action="${action}">${entries}</ip-filter>`) }));

      expect(result.answer).toBeUndefined();
      expect(result.skipped).toEqual(["ip-filter"]);
    }
  });

  it("still blocks an address that it can read beside one that it cannot", () => {
    const result = play(
      aService({
        "": inbound(
          `<ip-filter action="forbid"><address>2001:db8::1</address><address>${attacker}</address></ip-filter>`,
        ),
      }),
    );

    expect(result.answer?.status).toBe(403);
    expect(result.skipped).toEqual(["ip-filter"]);
  });

  it("fills in named values by display name, and is skipped when one is missing", () => {
    const service = aService({ "": inbound('<ip-filter action="forbid"><address>{{bad-ip}}</address></ip-filter>') });

    expect(play(service)).toMatchObject({ skipped: ["ip-filter"] });
    service.namedValues.set("6a", { id: "6a", displayName: "bad-ip", value: attacker });
    expect(play(service).answer?.status).toBe(403);
  });
});

describe("fragments and choices", () => {
  const include = '<include-fragment fragment-id="portcullis"/>';

  it("plays an included fragment", () => {
    const result = play(aService({ "": inbound(include) }, { portcullis: `<fragment>${forbidAttacker}</fragment>` }));

    expect(result.answer?.status).toBe(403);
  });

  it("keeps the fragment that is in force while a write is under way", () => {
    const service = aService({ "": inbound(include) }, { portcullis: `<fragment>${forbidAttacker}</fragment>` });
    for (const fragment of service.fragments.values()) fragment.provisioningState = "InProgress";

    expect(play(service).answer?.status).toBe(403);
  });

  it.each([
    ["absent", {}],
    ["not well-formed", { portcullis: "<fragment>" }],
    ["including itself", { portcullis: `<fragment>${include}</fragment>` }],
  ])("skips a fragment that is %s", (_what, fragments) => {
    const result = play(aService({ "": inbound(include) }, fragments));

    expect(result.answer).toBeUndefined();
    expect(result.skipped).toEqual(["include-fragment"]);
  });

  it("takes the first branch whose condition holds", () => {
    const branch = (condition: string, code: number) =>
      `<when condition="${condition}"><return-response><set-status code="${code}"/></return-response></when>`;
    const choose = [
      branch("@(context.Operation.Id == &quot;list&quot;)", 401),
      branch("@(context.Api.Id == &quot;orders-api&quot; &amp;&amp; context.Operation.Id == &quot;get&quot;)", 402),
      branch("@(true)", 404),
    ];

    const result = play(aService({ "": inbound(`<choose>${choose.join("")}</choose>`) }));

    expect(result.answer?.status).toBe(402);
  });

  it("counts a condition that it cannot read as not matched, and says so", () => {
    const choose = `<choose><when condition="@(DateTime.Now.Hour == 1)">${forbidAttacker}</when><otherwise><return-response/></otherwise></choose>`;

    const result = play(aService({ "": inbound(choose) }));

    expect(result.answer?.status).toBe(200);
    expect(result.skipped).toEqual(["when"]);
  });

  it("lets later expressions read the header that an earlier policy set", () => {
    const policy = inbound(
      '<set-header name="X-Who" exists-action="override"><value>@(context.Request.IpAddress)</value></set-header>',
      '<choose><when condition="@(context.Request.Headers.GetValueOrDefault(&quot;x-who&quot;, &quot;&quot;) == &quot;203.0.113.7&quot;)">' +
        '<return-response><set-status code="403"/></return-response></when></choose>',
    );

    expect(play(aService({ "": policy }), attacker, { "x-who": "somebody" }).answer?.status).toBe(403);
    expect(play(aService({ "": policy }), "203.0.113.8", { "x-who": attacker }).answer).toBeUndefined();
  });
});

describe("return-response", () => {
  it("answers with the status, headers and body it names", () => {
    const result = play(
      aService({
        "": inbound(
          '<return-response><set-status code="403" reason="Blocked"/>',
          '<set-header name="X-Why"><value>@("blocked:" + context.Request.IpAddress)</value></set-header>',
          '<set-body><![CDATA[{"why":"<blocked>"}]]></set-body></return-response>',
        ),
      }),
    );

    expect(result.answer).toEqual({
      status: 403,
      headers: [["X-Why", `blocked:${attacker}`]],
      body: '{"why":"<blocked>"}',
      reason: "ReturnResponse",
    });
  });

  it("leaves out a part that it cannot read, and still ends the call", () => {
    const result = play(
      aService({
        "": inbound(
          '<return-response><set-status code="403"/><set-body>@{ return "no"; }</set-body></return-response>',
        ),
      }),
    );

    expect(result.answer).toMatchObject({ status: 403 });
    expect(result.answer?.body).toBeUndefined();
    expect(result.skipped).toEqual(["set-body"]);
  });
});

describe("what the gateway does not simulate", () => {
  it("skips it by name and plays the rest", () => {
    const result = play(
      aService({
        "": inbound(
          '<validate-jwt header-name="Authorization"/>',
          "<cors/>",
          '<rate-limit calls="1" renewal-period="1"/>',
          forbidAttacker,
        ),
      }),
    );

    expect(result.answer?.status).toBe(403);
    expect(result.skipped).toEqual(["validate-jwt", "cors", "rate-limit"]);
  });

  it.each(["not xml", "<policies>", "<policies><inbound></policies>", "", "<other/>"])(
    "skips a policy whose text is %j",
    (xml) => {
      const result = play(aService({ "apis/orders-api": xml, "": inbound(forbidAttacker) }));

      expect(result.skipped).toEqual(["policies"]);
      expect(result.answer?.status).toBe(403);
    },
  );

  it("keeps a variable that it can read", () => {
    const result = play(
      aService({
        "": inbound(
          '<set-variable name="who" value="@(context.Request.IpAddress)"/><set-variable name="n" value="@(1)"/>',
        ),
      }),
    );

    expect([...result.variables]).toEqual([["who", attacker]]);
    expect(result.skipped).toEqual(["set-variable"]);
  });
});
