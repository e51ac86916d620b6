import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type GraphTenant, graphAlert, openGraphTenant } from "../../../support/a-graph-tenant.ts";
import { referenceAbsent, referencePath } from "../../../support/reference-material.ts";

let tenant: GraphTenant;
let token: string;

beforeAll(async () => {
  tenant = await openGraphTenant();
  token = await tokenFor("https://graph.microsoft.com/.default");
});
beforeEach(() => {
  Object.assign(tenant.state, {
    alerts: [],
    users: [],
    servicePrincipals: [],
    roles: [],
    permissions: undefined,
    linksAlertPages: false,
  });
});
afterAll(() => tenant.close());

async function tokenFor(scope: string): Promise<string> {
  return (await (await tenant.connection()).credential.getToken(scope))?.token ?? "";
}

interface Answer {
  status: number;
  headers: Headers;
  body: {
    error?: { code: string; message: string; innerError: object };
    value: { id: string; [property: string]: unknown }[];
    [property: string]: unknown;
  };
}

async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
  const url = path.startsWith("https://") ? path.replace("https://", "") : `graph.microsoft.com/v1.0${path}`;
  const response = await fetch(`${tenant.azure.url}/${url}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, prefer: "include-unknown-enum-members", ...init.headers },
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer["body"] };
}

const listed = async (query: string) =>
  (await ask(`/security/alerts_v2?${query}`)).body.value?.map(({ id }) => id).sort();

/** Its own minute, so that no test uses up the requests of the next. */
const nextMinute = () => tenant.clock.advance(61_000);

describe("who is let in", () => {
  it.each([
    ["without a token", {}, "Access token is empty."],
    ["with a token that is none", { authorization: "Bearer x.y" }, "IDX14100: JWT is not well formed."],
  ])("nobody %s", async (_, headers, message) => {
    const response = await fetch(`${tenant.azure.url}/graph.microsoft.com/v1.0/users`, { headers });

    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: "InvalidAuthenticationToken", message } });
  });

  it("nobody with a token for Resource Manager", async () => {
    const authorization = `Bearer ${await tokenFor("https://management.azure.com/.default")}`;

    const { status, body } = await ask("/users", { headers: { authorization } });

    expect([status, body.error?.message]).toEqual([401, "Access token validation failure. Invalid audience."]);
  });

  it.each([
    ["/security/alerts_v2", "Forbidden"],
    ["/security/alerts_v2/da1", "Forbidden"],
    ["/users", "Authorization_RequestDenied"],
    ["/servicePrincipals/x", "Authorization_RequestDenied"],
    ["/roleManagement/directory/roleAssignments", "Authorization_RequestDenied"],
    ["/users/x/transitiveMemberOf/microsoft.graph.directoryRole", "Authorization_RequestDenied"],
  ])("not to %s without the permission for it", async (path, code) => {
    tenant.state.permissions = [];

    const { status, body } = await ask(path);

    expect([status, body.error?.code]).toEqual([403, code]);
  });
});

describe("the list of alerts", () => {
  beforeEach(async () => {
    await nextMinute();
    tenant.state.alerts = [
      graphAlert("a", "2026-11-23T08:00:00.1234567Z"),
      graphAlert("b", "2026-11-23T09:00:00Z", { status: "resolved", serviceSource: "microsoftDefenderForCloud" }),
      graphAlert("c", "2026-11-23T10:00:00Z", { status: "inProgress", assignedTo: "o'neil@contoso.com" }),
    ];
  });

  it.each([
    ["lastUpdateDateTime ge 2026-11-23T09:00:00Z", "b,c"],
    ["lastUpdateDateTime gt 2026-11-23T09:00:00Z and lastUpdateDateTime lt 2026-11-23T11:00:00Z", "c"],
    ["lastUpdateDateTime ge 2026-11-23T08:00:00.123Z", "a,b,c"],
    ["lastUpdateDateTime gt 2026-11-23T08:00:00.1234567Z", "b,c"],
    ["createdDateTime le 2026-11-23T09:00:00+00:00", "a,b"],
    ["status eq 'new' or status eq 'inProgress' and serviceSource eq 'microsoftDefenderForCloud'", "a"],
    ["(status eq 'new' or status eq 'resolved') and serviceSource eq 'microsoftDefenderForCloud'", "b"],
    ["assignedTo eq 'o''neil@contoso.com'", "c"],
    ["status ne 'new'", "b,c"],
  ])("with %s gives %s", async (filter, ids) => {
    expect(await listed(`$filter=${encodeURIComponent(filter)}`)).toEqual(ids.split(","));
  });

  it.each([
    "title eq 'x'",
    "status eq 'active'",
    "status eq new",
    "status gt 'new'",
    "lastUpdateDateTime ge '2026-11-23T09:00:00Z'",
    "lastUpdateDateTime ge yesterday",
    "lastUpdateDateTime like 2026-11-23T09:00:00Z",
    "status eq 'new' and",
    "(status eq 'new'",
    "status eq 'new' status eq 'new'",
    "status eq 'o'neil'",
    "__proto__ eq 'x'",
    "",
    " ",
  ])("refuses the filter %j", async (filter) => {
    const { status, body } = await ask(`/security/alerts_v2?$filter=${encodeURIComponent(filter)}`);

    expect([status, body.error?.code]).toEqual([400, "BadRequest"]);
  });

  it("is in order of creation when asked, and in no order of update whatever is asked", async () => {
    tenant.state.alerts = Array.from({ length: 20 }, (_, index) =>
      graphAlert(`alert-${index}`, Date.parse("2026-11-23T09:00:00Z") + index * 1000),
    );
    const inOrder = tenant.state.alerts.map(({ id }) => id);
    const order = async (query: string) => (await ask(`/security/alerts_v2?${query}`)).body.value.map(({ id }) => id);

    expect(await order("$orderby=createdDateTime")).toEqual(inOrder);
    expect(await order("$orderby=createdDateTime%20desc")).toEqual(inOrder.toReversed());
    const byUpdate = await order("$orderby=lastUpdateDateTime%20asc");
    expect(byUpdate).not.toEqual(inOrder);
    expect(byUpdate).toEqual(await order(""));
    expect((await ask("/security/alerts_v2?$orderby=severity")).status).toBe(400);
  });

  it("does not link to its next page, as real tenants' do not", async () => {
    expect((await ask("/security/alerts_v2?$top=2")).body).not.toHaveProperty("@odata.nextLink");
    expect((await ask("/security/alerts_v2?$top=2&$skip=2")).body.value).toHaveLength(1);
  });

  it("comes, where it links as documented, in pages, each with the query of the first, and to the last alert", async () => {
    tenant.state.linksAlertPages = true;
    tenant.state.alerts = Array.from({ length: 250 }, (_, index) =>
      graphAlert(`alert-${index}`, "2026-11-23T09:00:00Z", { status: index < 230 ? "new" : "resolved" }),
    );
    const ids: string[] = [];
    let next: unknown = `/security/alerts_v2?$filter=${encodeURIComponent("status eq 'new'")}&$top=100&$count=true`;
    while (typeof next === "string") {
      const { body } = await ask(next);
      expect(body["@odata.count"]).toBe(230);
      ids.push(...body.value.map(({ id }) => id));
      next = body["@odata.nextLink"];
      if (next !== undefined) expect(next).toMatch(/^https:\/\/graph\.microsoft\.com\/v1\.0\/security\/alerts_v2\?/);
    }

    expect(new Set(ids).size).toBe(230);
    expect(ids).toHaveLength(230);
  });

  it.each([
    ["$top=0", 400],
    ["$top=-1", 400],
    ["$top=many", 400],
    ["$top=5000", 200],
    ["$skip=500", 200],
    ["$skip=501", 400],
    ["$skiptoken=forged", 400],
    ["$search=x", 501],
    ["$select=id", 501],
  ])("answers %s with %i", async (query, status) => {
    expect((await ask(`/security/alerts_v2?${query}`)).status).toBe(status);
  });

  it("gives no more than a thousand at once", async () => {
    tenant.state.alerts = Array.from({ length: 1001 }, (_, index) =>
      graphAlert(`alert-${index}`, "2026-11-23T09:00:00Z"),
    );

    expect((await ask("/security/alerts_v2?$top=5000")).body.value).toHaveLength(1000);
  });

  it("hides the members that came later from who does not ask for them", async () => {
    const alert = { serviceSource: "microsoftDefenderForCloud", detectionSource: "microsoftDefenderForApiManagement" };
    tenant.state.alerts = [graphAlert("a", "2026-11-23T09:00:00Z", alert)];

    expect((await ask("/security/alerts_v2/a")).body).toMatchObject(alert);
    expect((await ask("/security/alerts_v2/a", { headers: { prefer: "" } })).body).toMatchObject({
      serviceSource: "unknownFutureValue",
      detectionSource: "unknownFutureValue",
    });
  });

  it("has the alert that was added a moment ago", async () => {
    tenant.state.alerts.push(graphAlert("d", "2026-11-23T10:30:00Z"));

    expect((await ask("/security/alerts_v2/d")).body.id).toBe("d");
    expect((await ask("/security/alerts_v2/e")).status).toBe(404);
  });

  it("is given 150 times a minute, and says when again", async () => {
    for (let request = 0; request < 150; request++) await ask("/security/alerts_v2?$top=1");
    await tenant.clock.advance(20_000);

    const { status, headers, body } = await ask("/security/alerts_v2");
    expect([status, headers.get("retry-after"), body.error?.code]).toEqual([429, "40", "TooManyRequests"]);
    expect(body.error?.innerError).toMatchObject({ "request-id": headers.get("request-id") });
    expect((await ask("/users")).status).toBe(200);
    await tenant.clock.advance(40_000);
    expect((await ask("/security/alerts_v2")).status).toBe(200);
  });
});

describe("the directory", () => {
  const id = "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0";

  it("gives what is asked for, and by itself not whether somebody is enabled or a guest", async () => {
    tenant.state.users = [{ id, userPrincipalName: "ada@contoso.com", accountEnabled: true, userType: "Member" }];

    expect((await ask(`/users/${id}`)).body).not.toHaveProperty("accountEnabled");
    expect((await ask("/users/ADA@contoso.com?$select=id,accountEnabled")).body).toEqual({ id, accountEnabled: true });
  });

  it("says who is not there as Entra says it", async () => {
    const { status, body } = await ask(`/users/${id}`);

    expect([status, body.error?.code]).toEqual([404, "Request_ResourceNotFound"]);
    expect(body.error?.message).toContain(id);
  });

  it.each([
    ["what is no id", { ids: ["nonsense"] }],
    ["more than a thousand", { ids: Array(1001).fill(id) }],
    ["one that is no list", { ids: id }],
    ["nothing", undefined],
  ])("refuses to look up %s", async (_, body) => {
    const answer = await ask("/directoryObjects/getByIds", { method: "POST", body: JSON.stringify(body) ?? "" });

    expect([answer.status, answer.body.error?.code]).toEqual([400, "Request_BadRequest"]);
  });

  it("looks only among the types that are asked for", async () => {
    tenant.state.users = [{ id }];
    const look = async (types: string[]) =>
      (await ask("/directoryObjects/getByIds", { method: "POST", body: JSON.stringify({ ids: [id], types }) })).body
        .value;

    expect(await look(["User"])).toMatchObject([{ "@odata.type": "#microsoft.graph.user", id }]);
    expect(await look(["servicePrincipal"])).toEqual([]);
  });

  it("casts memberships for advanced queries only", async () => {
    tenant.state.users = [{ id }];
    const path = `/users/${id}/transitiveMemberOf/microsoft.graph.directoryRole`;

    expect((await ask(`${path}?$count=true`)).status).toBe(400);
    expect((await ask(path, { headers: { consistencylevel: "eventual" } })).status).toBe(400);
    expect((await ask(`${path}?$count=true`, { headers: { consistencylevel: "eventual" } })).status).toBe(200);
  });

  it.each(["GET /groups", "DELETE /users/x", "GET /security/incidents"])(
    "is loud about %s, which it lacks",
    async (what) => {
      const [method = "", path = ""] = what.split(" ");

      expect(await ask(path, { method })).toMatchObject({ status: 501, body: { error: { code: "NotSimulated" } } });
    },
  );
});

const examples = referencePath("mde-graph-examples", "graph");
const example = (name: string) => JSON.parse(readFileSync(`${examples}/${name}.json`, "utf8"));

describe.skipIf(examples === undefined)(`as published (${examples ? "examples found" : referenceAbsent})`, () => {
  it("gives an alert as it is", async () => {
    const { request, response } = example("alert-v2-get");
    tenant.state.alerts = [response.body];

    const { status, body } = await ask(request.url, { headers: { prefer: "" } });

    expect({ status, body }).toEqual({ status: response.status, body: response.body });
  });

  it("gives the fields that a guard reads", async () => {
    const { request, response } = example("user-get-guard-fields");
    const { "@odata.context": _context, ...user } = response.body;
    tenant.state.users = [user];

    expect((await ask(request.url)).body).toEqual(user);
  });

  it.each([
    ["error-throttled-identity-protection", 429],
    ["user-disable-admin-forbidden", 403],
  ])("refuses in the shape and words of %s", async (name, status) => {
    const { error } = example(name).response.body;
    if (status === 403) tenant.state.permissions = [];
    else tenant.azure.faults.add({ kind: "status", operation: "Graph_ListUsers", status: 429, count: 1 });

    const answer = await ask("/users");

    expect(answer.status).toBe(status);
    expect(answer.body.error).toMatchObject({ code: error.code, message: error.message });
    expect(Object.keys(answer.body.error?.innerError ?? {})).toEqual(
      expect.arrayContaining(Object.keys(error.innerError)),
    );
  });
});
