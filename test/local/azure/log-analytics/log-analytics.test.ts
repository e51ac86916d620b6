import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { clientAddressHeader } from "../../../../local/azure/gateway/client-address.ts";
import { createGateway } from "../../../../local/azure/gateway/gateway.ts";
import { serviceId, services } from "../../../../local/scenarios/world.ts";
import { openTenant, type Tenant, workspaceId } from "../../../support/a-tenant.ts";

let tenant: Tenant;

beforeAll(async () => {
  tenant = await openTenant();
});
beforeEach(() => tenant.clock.advance(3_600_000));
afterAll(() => tenant.close());

async function token(resource = "https://api.loganalytics.io"): Promise<string> {
  const { IDENTITY_ENDPOINT, IDENTITY_HEADER } = tenant.azure.identity;
  const url = `${IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=${encodeURIComponent(resource)}`;
  const response = await fetch(url, { headers: { "x-identity-header": IDENTITY_HEADER } });
  return String(Object(await response.json()).access_token);
}

async function query(
  body: unknown,
  headers: Record<string, string> = {},
  path = `/v1/workspaces/${workspaceId}/query`,
) {
  const response = await fetch(`${tenant.azure.url}/api.loganalytics.io${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${await token()}`, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  return { status: response.status, headers: response.headers, body: answer };
}

const table = "ApiManagementGatewayLogs";

describe("the query API", () => {
  it("gives a table with typed columns, as the service documents it", async () => {
    tenant.logCall({ subscription: "acme" });

    const { status, body } = await query({
      query: `${table} | summarize Calls = count(), Last = max(TimeGenerated) by ApimSubscriptionId, ResponseCode`,
    });

    expect(status).toBe(200);
    expect(body).toEqual({
      tables: [
        {
          name: "PrimaryResult",
          columns: [
            { name: "ApimSubscriptionId", type: "string" },
            { name: "ResponseCode", type: "int" },
            { name: "Calls", type: "long" },
            { name: "Last", type: "datetime" },
          ],
          rows: [["acme", 200, 1, tenant.clock.now().toISOString()]],
        },
      ],
    });
  });

  it("knows the calls that the simulated gateway answered", async () => {
    const subscriptions = new Map([["0123456789abcdef", "acme"]]);
    const gateway = createGateway(services(), { clock: tenant.clock, gatewayLog: tenant.gatewayLog, subscriptions });
    const call = (headers: Record<string, string>) =>
      gateway.request("http://contoso-shop.azure-api.net/orders/1004", {
        headers: { host: "contoso-shop.azure-api.net", [clientAddressHeader]: "198.51.100.9", ...headers },
      });
    await call({ "Ocp-Apim-Subscription-Key": "0123456789abcdef" });
    await call({});

    const { body } = await query({
      query: `${table} | where CallerIpAddress == "198.51.100.9" | where _ResourceId =~ "${serviceId}" | summarize Calls = count() by ApiId, Method, IsRequestSuccess, ApimSubscriptionId`,
    });

    expect(body).toMatchObject({
      tables: [
        {
          rows: [
            ["orders", "GET", true, "acme", 1],
            ["orders", "GET", true, "", 1],
          ],
        },
      ],
    });
  });

  it.each([
    ["within", 0, 0, 1],
    ["before", 1, 5, 0],
    ["after", -5, -1, 0],
  ])("finds a call %s the query's own time", async (_, from, until, calls) => {
    const clientIp = `198.51.100.${20 + from + until}`;
    tenant.logCall({ clientIp });
    const [first, last] = [from, until].map((minutes) =>
      new Date(tenant.clock.now().getTime() + minutes * 60_000).toISOString(),
    );

    const { body } = await query({
      query: `${table} | where TimeGenerated between (datetime(${first}) .. datetime(${last})) | where CallerIpAddress == "${clientIp}"`,
    });

    expect(Object(body).tables[0].rows).toHaveLength(calls);
  });

  it("counts the timespan in addition to the query's own", async () => {
    tenant.logCall({ clientIp: "198.51.100.10" });
    const now = tenant.clock.now().getTime();
    const span = (from: number, until: number) =>
      [from, until].map((minutes) => new Date(now + minutes * 60_000).toISOString()).join("/");
    const count = async (timespan: string) => {
      const { body } = await query({
        query: `${table} | where CallerIpAddress == "198.51.100.10" | summarize Calls = count() by Type`,
        timespan,
      });
      return Object(body).tables[0].rows;
    };

    expect(await count(span(-1, 1))).toEqual([[table, 1]]);
    expect(await count(span(-5, -1))).toEqual([]);
  });
});

describe("the query API refuses", () => {
  it.each([
    ["no token", { authorization: "" }, 401, "AuthenticationFailed"],
    ["what is no token", { authorization: "Bearer nonsense" }, 403, "InvalidAuthenticationToken"],
  ])("%s", async (_, headers, status, code) => {
    const asked = headers.authorization === "" ? await withoutToken() : await query({ query: table }, headers);

    expect(asked.status).toBe(status);
    expect(asked.body).toMatchObject({ error: { code } });
  });

  it("a token for another service", async () => {
    const authorization = `Bearer ${await token("https://management.azure.com")}`;

    const { status, body } = await query({ query: table }, { authorization });

    expect(status).toBe(403);
    expect(body).toMatchObject({ error: { code: "InvalidAuthenticationTokenAudience" } });
  });

  it.each([
    ["a comment", `${table} // all of it`],
    ["a comparison that is not played", `${table} | where ApiId != "orders"`],
    ["and", `${table} | where ApiId == "a" and ApiId == "b"`],
    ["an operator that is not played", `${table} | project ApiId`],
    ["a text that does not end", `${table} | where ApiId == "orders`],
    ["a text over two lines", `${table} | where ApiId == "or\nders"`],
    ["a text where an operator belongs", `${table} | where ApiId "==" "orders"`],
    ["two statements", `${table}; ${table}`],
    ["top before its time", `${table} | top 5 by ResponseCode desc | where ApiId == "a"`],
    ["a time that is none", `${table} | where TimeGenerated between (datetime(9-9-9T) .. datetime(2026-11-23))`],
    ["nothing after the bar", `${table} |`],
  ])("%s, loudly", async (_, text) => {
    const { status, body } = await query({ query: text });

    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { code: "BadArgumentError", innererror: { code: "SyntaxError" } } });
  });

  it.each([
    ["another table", "SecurityEvent"],
    ["a column that the table does not have", `${table} | where CallerIP == "203.0.113.7"`],
    ["a text for a number", `${table} | where ResponseCode == "200"`],
    ["an order by what is not there", `${table} | summarize Calls = count() by ApiId | top 5 by Nothing desc`],
  ])("%s, as Kusto does", async (_, text) => {
    const { status, body } = await query({ query: text });

    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { innererror: { code: "SemanticError" } } });
  });

  it.each([
    ["a body that is no JSON", "{"],
    ["a body without a query", {}],
    ["what it does not know", { query: table, pretty: true }],
    ["a timespan that it does not read", { query: table, timespan: "PT1H" }],
  ])("%s", async (_, body) => {
    expect(await query(body)).toMatchObject({ status: 400, body: { error: { code: "BadArgumentError" } } });
  });

  it("a path that does not exist", async () => {
    const answer = await query({ query: table }, {}, `/v2/workspaces/${workspaceId}/query`);

    expect(answer).toMatchObject({ status: 404, body: { error: { code: "PathNotFoundError" } } });
  });

  it("the 201st query within 30 seconds, and says how long to wait", async () => {
    await tenant.clock.advance(60_000);
    const answers = await Promise.all(
      Array.from({ length: 201 }, () => query({ query: `${table} | where ApiId == "x"` })),
    );

    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.headers.get("retry-after")).toBe("30");
    await tenant.clock.advance(30_000);
    expect((await query({ query: `${table} | where ApiId == "x"` })).status).toBe(200);
  });
});

async function withoutToken() {
  const url = `${tenant.azure.url}/api.loganalytics.io/v1/workspaces/${workspaceId}/query`;
  const response = await fetch(url, { method: "POST", body: JSON.stringify({ query: table }) });
  const body: unknown = await response.json();
  return { status: response.status, body };
}
