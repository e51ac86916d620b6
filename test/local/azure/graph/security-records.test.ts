import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { graphAlert } from "../../../support/a-graph-tenant.ts";
import { type OpenGraph, openGraph } from "./open-graph.ts";

const comment = (text: unknown) => ({ "@odata.type": "microsoft.graph.security.alertComment", comment: text });
const caller = "22222222-2222-2222-2222-222222222222";

let graph: OpenGraph;

beforeEach(async () => {
  graph = await openGraph();
  graph.state.alerts = [graphAlert("da1", "2026-11-23T08:00:00Z", { incidentId: "7", resolvedDateTime: null })];
  graph.state.incidents = [
    { id: "7", status: "active", redirectIncidentId: null, customTags: [], comments: [] },
    { id: "6", status: "redirected", redirectIncidentId: "7" },
  ];
});
afterEach(() => graph.close());

describe("an alert", () => {
  it("is answered as it is after the change, and read so", async () => {
    const changes = { status: "inProgress", assignedTo: "soc@contoso.com", determination: "malware" };

    const { status, body } = await graph.ask("PATCH /security/alerts_v2/da1", changes);

    const changed = {
      ...changes,
      id: "da1",
      lastUpdateDateTime: "2026-11-23T09:30:00.0000000Z",
      resolvedDateTime: null,
    };
    expect({ status, body }).toMatchObject({ status: 200, body: changed });
    expect((await graph.ask("GET /security/alerts_v2/da1")).body).toEqual(body);
  });

  it("has the time when it was resolved, until it is opened again", async () => {
    const resolved = await graph.ask("PATCH /security/alerts_v2/da1", { status: "resolved" });
    expect(resolved.body?.resolvedDateTime).toBe("2026-11-23T09:30:00.0000000Z");
    const opened = await graph.ask("PATCH /security/alerts_v2/da1", { status: "new" });
    expect(opened.body?.resolvedDateTime).toBeNull();
  });

  it.each([
    [undefined, "400 BadRequest"],
    [{}, "400 BadRequest"],
    [{ status: "Resolved" }, "400 BadRequest"],
    [{ status: "active" }, "400 BadRequest"],
    [{ status: "unknownFutureValue" }, "400 BadRequest"],
    [{ classification: "TruePositive" }, "400 BadRequest"],
    [{ determination: "notMalicious" }, "400 BadRequest"],
    [{ assignedTo: 7 }, "400 BadRequest"],
    [{ severity: "high" }, "400 BadRequest"],
    [{ comments: [] }, "400 BadRequest"],
    [{ customDetails: {} }, "501 NotSimulated"],
  ])("is not changed by %j", async (body, answer) => {
    expect(await graph.told("PATCH /security/alerts_v2/da1", body)).toBe(answer);
    expect(graph.state.alerts[0]).toMatchObject({ status: "new", lastUpdateDateTime: "2026-11-23T08:00:00Z" });
  });

  it("keeps comments, and answers all of them to who adds one", async () => {
    await graph.ask("POST /security/alerts_v2/da1/comments", comment("first"));
    const { status, body } = await graph.ask("POST /security/alerts_v2/da1/comments", comment("second"));

    const by = { createdByDisplayName: caller, createdDateTime: "2026-11-23T09:30:00.0000000Z" };
    const comments = [
      { comment: "first", ...by },
      { comment: "second", ...by },
    ];
    expect([status, body?.value]).toEqual([200, comments]);
    expect((await graph.ask("GET /security/alerts_v2/da1")).body?.comments).toEqual(comments);
  });

  it.each([undefined, {}, { comment: "no type" }, comment(7), comment(""), { ...comment("x"), author: "y" }])(
    "takes no comment such as %j",
    async (body) => {
      expect(await graph.told("POST /security/alerts_v2/da1/comments", body)).toBe("400 BadRequest");
    },
  );

  it.each(["PATCH /security/alerts_v2/da2", "POST /security/alerts_v2/da2/comments"])(
    "that is not there is not to be found by %s",
    async (request) => {
      expect(await graph.told(request, { status: "resolved" })).toBe("404 NotFound");
    },
  );
});

describe("an incident", () => {
  it("is changed, tagged and commented on", async () => {
    const changes = { status: "inProgress", classification: "falsePositive", customTags: ["contained"] };

    expect((await graph.ask("PATCH /security/incidents/7", changes)).body).toMatchObject(changes);
    const { body } = await graph.ask("POST /security/incidents/7/comments", comment("contained"));
    expect(body?.["@odata.context"]).toContain("#security/incidents('7')/comments");
    expect((await graph.ask("GET /security/incidents/7")).body).toMatchObject({
      ...changes,
      comments: [{ comment: "contained", createdByDisplayName: caller }],
    });
  });

  it.each([
    { status: "new" },
    { status: "redirected" },
    { status: "awaitingAction" },
    { status: "RESOLVED" },
    { classification: "malware" },
    { customTags: "x" },
    {},
  ])("is not changed by %j", async (body) => {
    expect(await graph.told("PATCH /security/incidents/7", body)).toBe("400 BadRequest");
  });

  it("that was merged names the other, which does not show what is done to it", async () => {
    expect((await graph.ask("GET /security/incidents/6")).body).toMatchObject({
      status: "redirected",
      redirectIncidentId: "7",
    });
    expect(await graph.told("POST /security/incidents/6/comments", comment("lost"))).toBe("200");
    expect((await graph.ask("GET /security/incidents/7")).body?.comments).toEqual([]);
  });

  it("has its alerts", async () => {
    graph.state.alerts.push(graphAlert("da2", "2026-11-23T08:00:00Z", { incidentId: "8" }));

    expect((await graph.ask("GET /security/incidents/7/alerts")).body?.value).toEqual([graph.state.alerts[0]]);
    expect(await graph.told("GET /security/incidents/9/alerts")).toBe("404 NotFound");
    expect(await graph.told("GET /security/incidents/9")).toBe("404 NotFound");
  });
});

it.each([
  ["GET /security/alerts_v2/da1", "SecurityAlert.Read.All", "SecurityIncident.Read.All"],
  ["PATCH /security/alerts_v2/da1", "SecurityAlert.ReadWrite.All", "SecurityAlert.Read.All"],
  ["POST /security/alerts_v2/da1/comments", "SecurityAlert.ReadWrite.All", "SecurityIncident.ReadWrite.All"],
  ["GET /security/incidents/7", "SecurityIncident.Read.All", "SecurityAlert.Read.All"],
  ["PATCH /security/incidents/7", "SecurityIncident.ReadWrite.All", "SecurityIncident.Read.All"],
  ["POST /security/incidents/7/comments", "SecurityIncident.ReadWrite.All", "SecurityAlert.ReadWrite.All"],
  ["GET /security/incidents/7/alerts", "SecurityIncident.Read.All", "SecurityAlert.Read.All"],
])("%s needs %s, and %s is not enough", async (request, enough, other) => {
  const body = request.includes("comments")
    ? comment("x")
    : request.startsWith("PATCH")
      ? { status: "resolved" }
      : undefined;
  graph.state.permissions = [other];
  expect(await graph.told(request, body)).toBe("403 Forbidden");
  graph.state.permissions = [enough];
  expect(await graph.told(request, body)).toBe("200");
});

it("writes count among the 150 requests to /security in a minute", async () => {
  for (let request = 0; request < 75; request++) {
    await graph.ask("PATCH /security/incidents/7", { status: "active" });
    await graph.ask("POST /security/alerts_v2/da1/comments", comment("x"));
  }
  await graph.clock.advance(20_000);

  const { status, headers } = await graph.ask("PATCH /security/alerts_v2/da1", { status: "resolved" });
  expect([status, headers.get("retry-after")]).toEqual([429, "40"]);
});
