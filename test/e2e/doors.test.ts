import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { leakedKey, ownAddress } from "../../local/scenarios/tenant.ts";
import { hubKey } from "../../local/scenarios/world.ts";
import { aStack, type TestStack } from "./support/a-stack.ts";
import { publish, raise, toCloudEvent } from "./support/defender.ts";
import { concluded } from "./support/observe.ts";
import { sharedAccessSignature } from "./support/shared-access-signature.ts";
import { until } from "./support/until.ts";

const webhookKey = "local-only-webhook-key-0123456789abcdef";
const hubHost = "contoso-alerts.servicebus.windows.net";
let stack: TestStack;
beforeAll(async () => {
  stack = await aStack({
    settings: { PORTCULLIS_POLL_SCHEDULE: "*/2 * * * * *", PORTCULLIS_JOIN_WINDOW: "PT1S" },
  });
});
afterAll(() => stack.close());

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(join(import.meta.dirname, `../../local/scenarios/alerts/${name}.json`), "utf8"));

const Line = z.looseObject({
  eventId: z.string(),
  outcome: z.string(),
  reason: z.string(),
  from: z.string().optional(),
  alertKey: z.string().optional(),
});

async function intake(query = ""): Promise<z.infer<typeof Line>[]> {
  const response = await fetch(`${stack.hostUrl}/api/intake${query}`);
  return z.object({ intake: z.array(Line) }).parse(await response.json()).intake;
}

function line(what: string, matches: (line: z.infer<typeof Line>) => boolean, withinMs = 20_000) {
  return until(what, withinMs, async () => (await intake()).find(matches));
}

async function sendToHub(body: unknown): Promise<void> {
  const response = await fetch(`${stack.azureUrl}/${hubHost}/alerts/messages`, {
    method: "POST",
    headers: { authorization: sharedAccessSignature(`https://${hubHost}/alerts`, "send", hubKey) },
    body: JSON.stringify(body),
  });
  expect({ status: response.status, text: await response.text() }).toEqual({ status: 201, text: "" });
}

function post(body: unknown, headers: Record<string, string> = { "x-portcullis-key": webhookKey }, method = "POST") {
  return fetch(`${stack.hostUrl}/api/alerts`, {
    method,
    headers: { "content-type": "application/json", ...headers },
    ...(method === "POST" ? { body: JSON.stringify(body) } : {}),
  });
}

describe("one alert over every door", () => {
  it("is answered once: by Event Grid first, then a duplicate at the webhook and in the Event Hub", async () => {
    const { payload, runId } = raise("203.0.113.31");
    await publish(stack.topicUrl, [payload]);
    const run = await concluded(stack, runId);

    const answer = await post({ value: [payload] });
    await sendToHub({ records: [payload] });

    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject([{ outcome: "duplicate", runId }]);
    await line(
      "the duplicate of the hub",
      ({ eventId, outcome }) => eventId.startsWith("batch-") && outcome === "duplicate",
    );
    expect(run.outcomes).toMatchObject([{ state: "verified" }]);
  });

  it("is contained when the webhook alone gets it, in a batch of CloudEvents", async () => {
    const { payload, runId } = raise("203.0.113.32");

    const answer = await post([toCloudEvent(payload)]);

    expect(await answer.json()).toMatchObject([{ outcome: "accepted", runId }]);
    expect((await concluded(stack, runId)).outcomes).toMatchObject([{ state: "verified" }]);
  });

  it("is contained when the Event Hub alone gets it, between records that are no alerts", async () => {
    const { payload, runId } = raise("203.0.113.33");
    const mixed = z.object({ records: z.array(z.unknown()) }).parse(fixture("continuous-export-with-assessments"));

    await sendToHub({ records: [mixed.records[0], payload, mixed.records[0]] });

    expect((await concluded(stack, runId)).outcomes).toMatchObject([{ state: "verified" }]);
    await line("the count of what was dropped", ({ reason }) => /^2 × .*assessment/.test(reason));
  });
});

describe("the webhook", () => {
  it.each([
    ["no key", {}, 401],
    ["a wrong key", { "x-portcullis-key": `${webhookKey}x` }, 401],
    ["a token that nobody signed", { authorization: "Bearer a.b.c" }, 401],
  ])("takes nothing from a caller with %s", async (_, headers, status) => {
    const { payload, runId } = raise("203.0.113.34");

    const answer = await post(payload, headers);

    expect(answer.status).toBe(status);
    // Of this alert only: what other doors took is still being entered.
    const ofThisAlert = (await intake()).filter(({ alertKey }) => alertKey === runId.replace("respond-", ""));
    expect(ofThisAlert).toEqual([]);
  });

  it("takes the identity that is listed, by its token", async () => {
    const tokenUrl = `${stack.azureUrl}/msi/token?api-version=2019-08-01&resource=api://portcullis`;
    const answer = await fetch(tokenUrl, { headers: { "x-identity-header": stack.settings.IDENTITY_HEADER ?? "" } });
    const { access_token: token } = z.object({ access_token: z.string() }).parse(await answer.json());
    const { payload, runId } = raise("203.0.113.35");

    const taken = await post(payload, { authorization: `Bearer ${token}` });

    expect(await taken.json()).toMatchObject([{ outcome: "accepted", runId }]);
    const { from } = await line(
      "the line of the intake",
      ({ outcome, alertKey }) => outcome === "accepted" && alertKey === runId.replace("respond-", ""),
    );
    expect(from).toBe("webhook: 22222222-2222-2222-2222-222222222222");
  });

  it("shakes hands as CloudEvents wants it", async () => {
    const origin = { "webhook-request-origin": "eventgrid.azure.net", "x-portcullis-key": webhookKey };

    const answer = await post(undefined, origin, "OPTIONS");

    expect(answer.status).toBe(200);
    expect(answer.headers.get("webhook-allowed-origin")).toBe("eventgrid.azure.net");
  });
});

describe("what is polled or fetched", () => {
  it("comes from Graph and from Defender for Cloud Apps, with the real clients, and is taken like any other", async () => {
    const graph = await line("the alert of Graph", ({ from }) => from === "poller: graph");
    const cloudApps = await line("the alert of Cloud Apps", ({ from }) => from === "poller: cloud apps");

    expect(graph).toMatchObject({ outcome: "ignored", reason: "no playbook answers Ransomware (High)" });
    expect(cloudApps.outcome).toBe("ignored");
  });

  it.each([
    [
      "an alert of Defender for Cloud",
      () => ({ what: "arm-alert", id: Object(fixture("arm-key-vault-access-from-tor")).id }),
      "KV_TORAccess",
    ],
    ["an alert of Graph", () => ({ what: "graph-alert", id: "da639000000000000001_-12345" }), "Ransomware"],
    ["an alert of Endpoint", () => ({ what: "endpoint-alert", id: "da639000000000000002_98765" }), "CredentialAccess"],
    [
      "an incident of Sentinel",
      () => ({ what: "sentinel-incident", id: Object(fixture("sentinel-incident-to-fetch")).id }),
      "soc_f92e3f4a",
    ],
  ])("where an event only points at %s", async (_, pointer, type) => {
    const [taken] = z.array(Line).parse(await (await post({ portcullisFetch: pointer() })).json());

    expect(taken).toMatchObject({ outcome: "ignored", reason: expect.stringContaining(`no playbook answers ${type}`) });
  });
});

describe("what is looked up", () => {
  it("keeps the shop from blocking its own way out, whatever an alert says", async () => {
    const { payload, runId } = raise(ownAddress);
    await publish(stack.topicUrl, [payload]);

    const { decision, enrichment, outcomes } = await concluded(stack, runId);

    expect(decision.steps).toMatchObject([
      { verdict: "refuse", against: [expect.stringMatching(/^own-address: .*way-out/)] },
    ]);
    expect(outcomes).toEqual([]);
    expect(enrichment?.ownAddresses.asked).toMatchObject([{ about: ownAddress, found: { own: true } }]);
  });

  it("tells with whose key an attacker called", async () => {
    const attacker = "203.0.113.36";
    const headers = { "X-Simulated-Client-Ip": attacker, "Ocp-Apim-Subscription-Key": leakedKey };
    for (let order = 1; order <= 3; order++) await fetch(`${stack.gatewayUrl}/orders/${order}`, { headers });
    const { payload, runId } = raise(attacker, { StartTimeUtc: new Date().toISOString() });
    await publish(stack.topicUrl, [payload]);

    const { enrichment } = await concluded(stack, runId);

    expect(enrichment?.apiSubscriptions.asked).toMatchObject([
      {
        about: attacker,
        found: {
          subscriptions: [{ id: "partner-fabrikam", calls: 3 }],
          incomplete: expect.stringContaining("could not be whole"),
        },
      },
    ]);
    expect(enrichment?.ownAddresses.asked).toMatchObject([
      { found: { own: false, notAmong: expect.stringMatching(/API Management service contoso-shop$/) } },
    ]);
  });
});

describe("the XDR stream", () => {
  it("is put together when its window is over", async () => {
    await sendToHub(fixture("xdr-stream"));

    await line("its records", ({ outcome }) => outcome === "waiting");
    const joined = await line("the alert", ({ eventId }) => eventId.startsWith("xdr-stream "));
    expect(joined).toMatchObject({ outcome: "ignored", reason: "no playbook answers InitialAccess (Medium)" });
  });
});

describe("what nobody knows", () => {
  it("is refused, and the intake says so under its outcome", async () => {
    const answer = await post({ brandNew: true });

    expect(await answer.json()).toMatchObject([{ outcome: "refused" }]);
    expect(await intake("?outcome=refused")).toEqual(
      expect.arrayContaining([expect.objectContaining({ reason: expect.stringContaining("brandNew") })]),
    );
    expect(await intake("?outcome=accepted&day=2020-01-01")).toEqual([]);
  });
});
