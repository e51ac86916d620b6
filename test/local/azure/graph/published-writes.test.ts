import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { graphAlert } from "../../../support/a-graph-tenant.ts";
import { referenceAbsent, referencePath } from "../../../support/reference-material.ts";
import { type OpenGraph, openGraph } from "./open-graph.ts";

const Example = z.object({
  request: z.object({ method: z.string(), url: z.string(), body: z.unknown() }),
  response: z.object({ status: z.number(), headers: z.record(z.string(), z.string()), body: z.unknown() }),
});
const Resource = z.looseObject({ id: z.string() });
const Comments = z.looseObject({
  "@odata.context": z.string(),
  value: z.array(z.looseObject({ comment: z.string() })),
});
const Failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

const examples = referencePath("mde-graph-examples", "graph");
const example = (name: string) => Example.parse(JSON.parse(readFileSync(`${examples}/${name}.json`, "utf8")));

let graph: OpenGraph;

beforeEach(async () => {
  graph = await openGraph();
});
afterEach(() => graph.close());

const replay = ({ request }: z.infer<typeof Example>) =>
  graph.ask(`${request.method} ${request.url}`, request.body ?? undefined);

describe.skipIf(examples === undefined)(`as published (${examples ? "examples found" : referenceAbsent})`, () => {
  const userIds = [
    "6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0",
    "de8c3809-e45f-4369-80f8-7afd086a8e80",
    "29f270bb-4d23-4f68-8a57-dc73dc0d4caf",
    "20f91ec9-d140-4d90-9cd9-f618587a1471",
    "04487ee0-f4f6-4e7f-8999-facc5a30e232",
    "13387ee0-f4f6-4e7f-8999-facc5120e345",
  ];

  it.each([
    "revoke-sign-in-sessions",
    "user-disable",
    "user-enable-rollback",
    "risky-users-confirm-compromised",
    "risky-users-dismiss",
    "risky-service-principals-confirm-compromised",
    "service-principal-disable",
  ])("answers %s", async (name) => {
    graph.state.users = userIds.map((id) => ({ id }));
    graph.state.servicePrincipals = [{ id: "9089a539-a539-9089-39a5-899039a58990" }];
    const published = example(name);

    const { status, body } = await replay(published);

    expect({ status, body: body ?? null }).toEqual({
      status: published.response.status,
      body: published.response.body,
    });
  });

  it("refuses to disable an administrator", async () => {
    const published = example("user-disable-admin-forbidden");
    const [admin = ""] = userIds;
    graph.state.users = [{ id: admin, accountEnabled: true }];
    graph.state.roles = [{ principalId: admin, displayName: "Global Administrator", roleTemplateId: "62e90394" }];
    const url = published.request.url.replace("{admin-user-id}", admin);

    const { status, body } = await replay({ ...published, request: { ...published.request, url } });

    expect(status).toBe(published.response.status);
    const { code, message } = Failure.parse(published.response.body).error;
    expect(body?.error).toMatchObject({ code, message });
  });

  it("throttles Identity Protection, and does not say for how long", async () => {
    const published = example("error-throttled-identity-protection");
    graph.state.users = userIds.map((id) => ({ id }));
    expect((await replay(published)).status).toBe(204);

    const { status, headers, body } = await replay(published);

    expect([status, headers.get("retry-after")]).toEqual([published.response.status, null]);
    const { code, message } = Failure.parse(published.response.body).error;
    expect(body?.error).toMatchObject({ code, message });
  });

  it("challenges a token from before a revocation", async () => {
    await graph.close();
    graph = await openGraph("2020-10-31T01:10:50Z");
    graph.state.requireClaims = { nbf: 1604106651 };
    const published = example("error-cae-claims-challenge");

    const { status, headers, body } = await replay(published);

    expect(status).toBe(published.response.status);
    expect(headers.get("www-authenticate")).toBe(published.response.headers["WWW-Authenticate"]);
    expect(body).toMatchObject(Failure.parse(published.response.body));
  });

  it("changes an alert", async () => {
    const published = example("alert-v2-update");
    const changed = Resource.parse(published.response.body);
    graph.state.alerts = [
      { ...changed, status: "new", classification: "unknown", determination: "unknown", assignedTo: null },
    ];

    const { status, body } = await replay(published);

    const lastUpdateDateTime = "2026-11-23T09:30:00.0000000Z";
    expect({ status, body }).toEqual({ status: 200, body: { ...changed, lastUpdateDateTime } });
  });

  it("changes an incident, in the letter case of the example", async () => {
    const published = example("incident-update");
    const changed = Resource.parse(published.response.body);
    graph.state.incidents = [{ ...changed, classification: "unknown", determination: "unknown", customTags: [] }];

    const { status, body } = await replay(published);

    const lastUpdateDateTime = "2026-11-23T09:30:00.0000000Z";
    expect({ status, body }).toEqual({ status: 200, body: { ...changed, lastUpdateDateTime } });
  });

  it("adds a comment to those of an alert, by the names of the example", async () => {
    const published = example("alert-v2-add-comment");
    const { "@odata.context": context, value } = Comments.parse(published.response.body);
    const id = "da637865765418431569_-773071023";
    graph.state.alerts = [graphAlert(id, "2022-10-13T07:08:00Z", { comments: value.slice(0, 1) })];

    const { status, body } = await replay(published);

    const answered = Comments.parse(body);
    expect(status).toBe(200);
    // The example is the beta's.
    expect(answered["@odata.context"]).toBe(context.replace("/beta/", "/v1.0/"));
    expect(answered.value.map(({ comment }) => comment)).toEqual(value.map(({ comment }) => comment));
    expect(answered.value.map(Object.keys)).toEqual(value.map(Object.keys));
  });
});
