import { describe, expect, it } from "vitest";
import {
  diffFragment,
  type FragmentEntry,
  FragmentTooLarge,
  fragmentSize,
  readFragment,
  renderFragment,
  type Scope,
  sameFragment,
} from "../../../shared/reconcile/fragment-document.ts";
import { type ForbidIp, InvalidFragmentEntry } from "../../../shared/reconcile/fragment-entry.ts";
import { maxFragmentBytes } from "../../../shared/reconcile/fragment-limits.ts";

const service: Scope = { kind: "service" };
const getOrder: Scope = { kind: "operation", apiId: "orders", operationId: "get-order" };

function forbid(from: string, to = from, scope = service): ForbidIp {
  return { kind: "forbid-ip", scope, from, to };
}

const limitEndpoint = {
  kind: "limit-rate" as const,
  scope: getOrder,
  by: "endpoint" as const,
  calls: 100,
  periodSeconds: 60,
};
const limitClient = {
  ...limitEndpoint,
  by: "client-ip" as const,
  clientIp: { from: "198.51.100.9", to: "198.51.100.9" },
  calls: 5,
};

const proxy = { header: "X-Forwarded-For" };
const behindProxy: FragmentEntry = { ...forbid("203.0.113.7"), seenAs: proxy };
const blockBehindProxy: FragmentEntry = { ...forbid("203.0.112.0", "203.0.115.255"), seenAs: proxy };
const limitSubscription: FragmentEntry = {
  kind: "limit-rate",
  scope: service,
  by: "subscription",
  subscriptionId: "mobile-app",
  calls: 5,
  periodSeconds: 60,
};
const limitHeader: FragmentEntry = {
  kind: "limit-rate",
  scope: service,
  by: "each-header",
  header: "X-Tenant",
  calls: 5,
  periodSeconds: 60,
};

describe("the fragment", () => {
  it("holds one harmless policy when nothing is contained, since a fragment may not be empty", () => {
    expect(renderFragment([])).toBe(
      '<fragment>\n <set-variable name="portcullis-containments" value="0"/>\n</fragment>\n',
    );
  });

  it("forbids addresses for the whole service in one filter, by number, single addresses first", () => {
    const xml = renderFragment([
      forbid("203.0.113.100"),
      forbid("198.51.100.0", "198.51.100.255"),
      forbid("203.0.113.9"),
      forbid("203.0.113.100"),
    ]);

    expect(xml).toBe(`<fragment>
 <set-variable name="portcullis-containments" value="3"/>
 <ip-filter action="forbid">
  <address>203.0.113.9</address>
  <address>203.0.113.100</address>
  <address-range from="198.51.100.0" to="198.51.100.255"/>
 </ip-filter>
</fragment>
`);
  });

  it("gives each scope its own choose, and each limit a counter of its own", () => {
    const api: Scope = { kind: "api", apiId: "orders" };

    const xml = renderFragment([limitClient, limitEndpoint, forbid("203.0.113.7", "203.0.113.7", api)]);

    expect(xml).toBe(`<fragment>
 <set-variable name="portcullis-containments" value="3"/>
 <choose>
  <when condition="@(context.Api.Id == &quot;orders&quot;)">
   <ip-filter action="forbid">
    <address>203.0.113.7</address>
   </ip-filter>
  </when>
 </choose>
 <choose>
  <when condition="@(context.Api.Id == &quot;orders&quot; &amp;&amp; context.Operation.Id == &quot;get-order&quot;)">
   <choose>
    <when condition="@(context.Request.IpAddress == &quot;198.51.100.9&quot;)">
     <rate-limit-by-key calls="5" renewal-period="60" counter-key="@(&quot;portcullis:client:198.51.100.9:operation:orders/get-order:5-per-60&quot;)"/>
    </when>
   </choose>
   <rate-limit-by-key calls="100" renewal-period="60" counter-key="@(&quot;portcullis:endpoint:operation:orders/get-order:100-per-60&quot;)"/>
  </when>
 </choose>
</fragment>
`);
  });

  it("blocks behind a proxy by the last entry of its header, without the port, and whole blocks by their octets", () => {
    const wide: FragmentEntry = { ...forbid("198.51.0.0", "198.51.255.255"), seenAs: proxy };
    const xml = renderFragment([blockBehindProxy, behindProxy, wide]);
    const client =
      "context.Request.Headers.GetValueOrDefault(&quot;X-Forwarded-For&quot;, context.Request.IpAddress).Split(',').Last().Trim().Split(':').First()";
    const answer = `   <return-response>
    <set-status code="403" reason="Forbidden"/>
   </return-response>
  </when>`;

    expect(xml).toBe(`<fragment>
 <set-variable name="portcullis-containments" value="3"/>
 <choose>
  <when condition="@(${client} == &quot;203.0.113.7&quot;)">
${answer}
  <when condition="@(${client}.StartsWith(&quot;198.51.&quot;))">
${answer}
  <when condition="@(${client}.StartsWith(&quot;203.0.&quot;) &amp;&amp; &quot;|112|113|114|115|&quot;.Contains(&quot;|&quot; + ${client}.Split('.')[2] + &quot;|&quot;))">
${answer}
 </choose>
</fragment>
`);
  });

  it("limits one subscription, and each subscription, client or value of a header on its own", () => {
    const each = { kind: "limit-rate", scope: service, calls: 5, periodSeconds: 60 } as const;
    const xml = renderFragment([
      limitHeader,
      limitSubscription,
      { ...each, by: "each-subscription" },
      { ...each, by: "each-client-ip" },
    ]);
    const limit = (key: string) => `<rate-limit-by-key calls="5" renewal-period="60" counter-key="@(${key})"/>`;

    expect(xml).toBe(`<fragment>
 <set-variable name="portcullis-containments" value="4"/>
 ${limit("&quot;portcullis:each-client:service:5-per-60:&quot; + context.Request.IpAddress")}
 ${limit("&quot;portcullis:each-header:X-Tenant:service:5-per-60:&quot; + context.Request.Headers.GetValueOrDefault(&quot;X-Tenant&quot;, &quot;&quot;)")}
 ${limit("&quot;portcullis:each-subscription:service:5-per-60:&quot; + context.Subscription?.Id")}
 <choose>
  <when condition="@(context.Subscription?.Id == &quot;mobile-app&quot;)">
   ${limit("&quot;portcullis:subscription:mobile-app:service:5-per-60&quot;")}
  </when>
 </choose>
</fragment>
`);
  });

  it("counts apart two operations whose names run together", () => {
    const names = [["a/b", "c"] as const, ["a", "b/c"] as const];
    const xml = renderFragment(
      names.map(([apiId, operationId]) => ({ ...limitEndpoint, scope: { kind: "operation", apiId, operationId } })),
    );

    const counters = [...xml.matchAll(/counter-key="@\(&quot;(.*?)&quot;\)"/g)].map(([, key]) =>
      JSON.parse(`"${key}"`),
    );

    expect(new Set(counters).size).toBe(2);
  });

  it("counts apart limits that differ in nothing but whom they count", () => {
    const clientIp = { from: "203.0.113.7", to: "203.0.113.7" };
    const rate = { kind: "limit-rate", scope: service, calls: 5, periodSeconds: 60 } as const;
    const limits: FragmentEntry[] = [
      { ...rate, by: "endpoint" },
      { ...rate, by: "client-ip", clientIp },
      { ...rate, by: "client-ip", clientIp, seenAs: { header: "X-A" } },
      { ...rate, by: "client-ip", clientIp, seenAs: { header: "X-B" } },
      { ...rate, by: "subscription", subscriptionId: "X-A" },
      { ...rate, by: "subscription", subscriptionId: "X-B" },
      { ...rate, by: "each-client-ip" },
      { ...rate, by: "each-client-ip", seenAs: { header: "X-A" } },
      { ...rate, by: "each-client-ip", seenAs: { header: "X-B" } },
      { ...rate, by: "each-subscription" },
      { ...rate, by: "each-header", header: "X-A" },
      { ...rate, by: "each-header", header: "X-B" },
    ];
    const xml = renderFragment(limits);

    const counters = [...xml.matchAll(/counter-key="@\(&quot;(.*?)&quot;/g)].map(([, key]) => key);

    expect(new Set(counters).size).toBe(limits.length);
    expect(readFragment(xml)).toMatchObject({ entries: expect.toSatisfy((read) => read.length === limits.length) });
  });

  it("takes ten thousand addresses in less than 300 ms of computing and within the service's limit", () => {
    const entries = Array.from({ length: 10_000 }, (_, i) => forbid(`203.113.${100 + (i >> 8)}.${i % 256}`));
    // Time on the processor: what else the machine does meanwhile is no fault of the document's.
    const times = [1, 2, 3, 4, 5].map(() => {
      const start = process.cpuUsage();
      renderFragment(entries);
      return process.cpuUsage(start).user / 1000;
    });

    expect(Math.min(...times)).toBeLessThan(300);
    expect(fragmentSize(renderFragment(entries))).toBeLessThan(maxFragmentBytes);
  });

  it("is refused above the limit, with its size and the limit", () => {
    const entries = Array.from({ length: 400 }, (_, i) => forbid(`203.0.${113 + (i >> 8)}.${i % 256}`));
    const size = fragmentSize(renderFragment(entries));

    expect(renderFragment(entries, size)).toHaveLength(size);
    expect(() => renderFragment(entries, size - 1)).toThrow(FragmentTooLarge);
    expect(() => renderFragment(entries, size - 1)).toThrow(expect.objectContaining({ size, limit: size - 1 }));
  });
});

describe("an entry that cannot be written", () => {
  const cases: [string, FragmentEntry, string][] = [
    ["an IPv6 address", forbid("2001:db8::7"), "ipv6"],
    ["an IPv4 address in IPv6 clothes", forbid("::ffff:203.0.113.7"), "ipv6"],
    ["a zone id", forbid("fe80::1%eth0"), "ipv6"],
    ["leading zeros", forbid("203.0.113.007"), "not-an-address"],
    ["a hexadecimal form", forbid("0xCB.0.113.7"), "not-an-address"],
    ["one number", forbid("3405803783"), "not-an-address"],
    ["three parts", forbid("203.0.113"), "not-an-address"],
    ["a part over 255", forbid("203.0.113.256"), "not-an-address"],
    ["a CIDR", forbid("203.0.113.0/24"), "not-an-address"],
    ["white space", forbid("203.0.113.7 "), "not-an-address"],
    ["a line end after the address", forbid("203.0.113.7\n"), "not-an-address"],
    ["nothing", forbid(""), "not-an-address"],
    ["XML", forbid("203.0.113.7</address><address>0.0.0.0"), "not-an-address"],
    ["an expression", forbid("@(context.Request.IpAddress)"), "not-an-address"],
    ["a range that ends before it begins", forbid("203.0.113.9", "203.0.113.8"), "range-reversed"],
    ["a limit on a range", { ...limitClient, clientIp: { from: "1.0.0.0", to: "1.0.0.9" } }, "client-ip-range"],
    ["a header that is no token", { ...limitEndpoint, by: "each-header", header: "X Tenant" }, "header-name"],
    ["a header without a name", { ...limitEndpoint, by: "each-header", header: "" }, "header-name"],
    ["a header of 101 letters", { ...limitEndpoint, by: "each-header", header: "x".repeat(101) }, "header-name"],
    [
      "a header that closes the string",
      { ...limitClient, seenAs: { header: 'X", "") == "" || true || "' } },
      "header-name",
    ],
    [
      "a header that is two",
      { ...limitEndpoint, by: "each-client-ip", seenAs: { header: "A\r\nB: c" } },
      "header-name",
    ],
    ["a line end after the header's name", { ...forbid("203.0.113.7"), seenAs: { header: "X-A\n" } }, "header-name"],
    ["an empty subscription id", { ...limitEndpoint, by: "subscription", subscriptionId: "" }, "subscription-id"],
    [
      "a long subscription id",
      { ...limitEndpoint, by: "subscription", subscriptionId: "s".repeat(257) },
      "subscription-id",
    ],
    [
      "a range behind a proxy that is no block",
      { ...forbid("203.0.113.7", "203.0.114.9"), seenAs: { header: "X-A" } },
      "range-shape",
    ],
    [
      "half of all addresses behind a proxy",
      { ...forbid("0.0.0.0", "127.255.255.255"), seenAs: { header: "X-A" } },
      "range-shape",
    ],
    ["a period over 300 seconds", { ...limitEndpoint, periodSeconds: 301 }, "period"],
    ["half a second", { ...limitEndpoint, periodSeconds: 0.5 }, "period"],
    ["no calls at all", { ...limitEndpoint, calls: 0 }, "calls"],
    ["more calls than an Int32", { ...limitEndpoint, calls: 2 ** 31 }, "calls"],
    ["calls that are no number", { ...limitEndpoint, calls: Number.NaN }, "calls"],
    ["an empty API id", forbid("203.0.113.7", "203.0.113.7", { kind: "api", apiId: "" }), "scope-id"],
    ["an API id of a megabyte", { ...limitEndpoint, scope: { kind: "api", apiId: "a".repeat(1e6) } }, "scope-id"],
    ["an operation id over 80", { ...limitEndpoint, scope: { ...getOrder, operationId: "o".repeat(81) } }, "scope-id"],
  ];

  it.each(cases)("is one with %s, and the error says which rule", (_, entry, problem) => {
    expect(() => renderFragment([entry])).toThrow(InvalidFragmentEntry);
    expect(() => renderFragment([entry])).toThrow(expect.objectContaining({ problem }));
  });
});

describe("reading a fragment", () => {
  const cases: [string, string][] = [
    ["text that is not XML", "portcullis"],
    ["an empty text", ""],
    ["a fragment without our marker", "<fragment><mock-response/></fragment>"],
    ["an empty fragment", "<fragment/>"],
    ["a policy", "<policies><inbound/></policies>"],
    ["somebody's marker", '<fragment><set-variable name="portcullis-containments" value="@(1)"/></fragment>'],
    ["a policy we never write", ours("<mock-response/>")],
    ["text between policies", ours("hello")],
    ["a filter that allows", ours('<ip-filter action="allow"><address>1.2.3.4</address></ip-filter>')],
    ["a filter without addresses", ours('<ip-filter action="forbid"/>')],
    ["a CIDR in a filter", ours('<ip-filter action="forbid"><address>1.2.3.0/24</address></ip-filter>')],
    ["an IPv6 address", ours('<ip-filter action="forbid"><address>2001:db8::1</address></ip-filter>')],
    ["an expression as address", ours('<ip-filter action="forbid"><address>@("1.2.3.4")</address></ip-filter>')],
    ["an attribute more", ours('<ip-filter action="forbid" id="x"><address>1.2.3.4</address></ip-filter>')],
    ["a counter of somebody else", ours('<rate-limit-by-key calls="1" renewal-period="9" counter-key="x"/>')],
    ["another condition", ours('<choose><when condition="@(true)"><mock-response/></when></choose>')],
    [
      "a scope within a scope",
      renderFragment([limitEndpoint]).replace(
        /(<choose>)([\s\S]*)(<rate[^>]*>)([\s\S]*)(<\/fragment>)/,
        "$1$2$1$2$3$4$4$5",
      ),
    ],
    ["an otherwise", renderFragment([limitClient]).replace("</when>\n </choose>", "</when><otherwise/></choose>")],
    [
      "a hand-written escape",
      renderFragment([limitEndpoint]).replace("&quot;get-order&quot;", "&quot;get\\u002Dorder&quot;"),
    ],
    ["a status that is not 403", renderFragment([behindProxy]).replace('code="403"', 'code="200"')],
    [
      "a block with more to it",
      renderFragment([behindProxy]).replace("</return-response>", "<set-body/></return-response>"),
    ],
    ["something after a block", renderFragment([behindProxy]).replace("</when>", "<mock-response/></when>")],
    ["another entry of the header", renderFragment([behindProxy]).replace(".Last()", ".First()")],
    [
      "a block by the direct peer in a condition",
      renderFragment([behindProxy]).replace(/"@\(context.*Split.*First\(\)/, '"@(context.Request.IpAddress'),
    ],
    ["a range with a gap", renderFragment([blockBehindProxy]).replace("|113|", "|")],
    ["a subscription compared in another way", renderFragment([limitSubscription]).replace("?.Id ==", ".Id ==")],
    ["a counter of another header", renderFragment([limitHeader]).replace(/X-Tenant(?=&quot;, )/, "X-Other")],
    ["calls with a sign", renderFragment([limitEndpoint]).replace('calls="100"', 'calls="+100"')],
  ];

  it.each(cases)("calls %s foreign and says what it met", (_, xml) => {
    expect(readFragment(xml)).toEqual({ foreign: expect.stringMatching(/\w+/) });
  });

  it("names the element that is not ours", () => {
    expect(readFragment(ours('<mock-response status-code="200"/>'))).toEqual({
      foreign: 'Portcullis does not write <mock-response status-code="200"> there',
    });
  });

  it("still reads a list from which somebody took an address by hand", () => {
    const edited = renderFragment([forbid("203.0.113.7"), forbid("203.0.113.8")]).replace(/.*203\.0\.113\.8.*\n/, "");

    expect(readFragment(edited)).toEqual({ entries: [forbid("203.0.113.7")] });
    expect(sameFragment(edited, renderFragment([forbid("203.0.113.7")]))).toBe(false);
  });

  it("knows its own document without the outer element, as the answer to a PUT shows it", () => {
    const xml = renderFragment([forbid("203.0.113.7"), limitClient]);
    const bare = xml.replace(/<\/?fragment>/g, "");

    expect(readFragment(bare)).toEqual({ entries: [forbid("203.0.113.7"), limitClient] });
    expect(sameFragment(bare, xml)).toBe(true);
  });

  it("overlooks the version that the service adds to rate limits, and no other attribute", () => {
    const xml = renderFragment([limitEndpoint]);

    expect(sameFragment(xml, xml.replace("calls=", 'version="2" calls='))).toBe(true);
    expect(sameFragment(xml, xml.replace("calls=", 'id="2" calls='))).toBe(false);
    expect(
      sameFragment(xml, xml.replace("<ip-filter", '<ip-filter version="2"').replace("<when", '<when version="2"')),
    ).toBe(false);
  });

  it("finds what cannot be read the same as nothing, itself included", () => {
    expect(sameFragment("<fragment>", "<fragment>")).toBe(false);
  });

  function ours(policies: string): string {
    return `<fragment><set-variable name="portcullis-containments" value="1"/>${policies}</fragment>`;
  }
});

describe("the diff", () => {
  it("shows what a containment adds", () => {
    const diff = diffFragment(
      renderFragment([forbid("203.0.113.8")]),
      renderFragment([forbid("203.0.113.7"), forbid("203.0.113.8")]),
    );

    expect(diff).toBe(`--- portcullis-containment (now)
+++ portcullis-containment (planned)
@@ -1,6 +1,7 @@
 <fragment>
- <set-variable name="portcullis-containments" value="1"/>
+ <set-variable name="portcullis-containments" value="2"/>
  <ip-filter action="forbid">
+  <address>203.0.113.7</address>
   <address>203.0.113.8</address>
  </ip-filter>
 </fragment>
`);
  });

  it("is empty when only the handwriting differs", () => {
    const xml = renderFragment([forbid("203.0.113.7")]);

    expect(diffFragment(xml.replaceAll("\n", "\r\n\t"), xml)).toBe("");
  });

  it("shows a fragment that does not exist yet as all new", () => {
    const diff = diffFragment(undefined, renderFragment([]));

    expect(diff).toContain("--- /dev/null\n");
    expect(diff).toContain("+<fragment>\n");
    expect(diff).not.toMatch(/^-[^-]/m);
  });

  it("shows all that would be lost of somebody else's document, comments too", () => {
    const diff = diffFragment(
      "<fragment>\r\n  <!-- ask Ops -->\r\n  <mock-response/>\r\n</fragment>",
      renderFragment([]),
    );

    expect(diff).toContain("-  <!-- ask Ops -->\n-  <mock-response/>\n");
  });

  it("says so when more differs than anybody would read", () => {
    const many = Array.from({ length: 3_000 }, (_, i) => forbid(`203.0.${i >> 8}.${i % 256}`));

    expect(diffFragment(renderFragment([]), renderFragment(many))).toContain("More than 2000 lines differ");
  });
});
