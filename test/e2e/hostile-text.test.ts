import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aStack, type TestStack } from "./support/a-stack.ts";
import { publish, type RaisedAlert, raise } from "./support/defender.ts";
import { forged, hostile, hostileTexts, lots } from "./support/hostile.ts";
import { callApi, concluded, containments, fragment, journal } from "./support/observe.ts";
import { until } from "./support/until.ts";

const attacker = "203.0.113.40";
const serviceName = "contoso-shop";
/** An event has at most 1 MiB, its envelope included. */
const almostOneMegabyte = 900_000;

let stack: TestStack;
let plain: string;
beforeAll(async () => {
  stack = await aStack();
  plain = await fragmentThatAnswers(raise(attacker));
});
afterAll(() => stack.close());

type Json = Record<string, unknown>;

const { ExtendedProperties: properties, ResourceIdentifiers: resources } = raise(attacker).payload;
// Vendor and product are Microsoft's own words; with others it would be somebody else's alert.
const hostileEverywhere: Json = {
  ProductComponentName: hostile,
  AlertDisplayName: hostile,
  Description: hostile,
  RemediationSteps: hostileTexts,
  CompromisedEntity: hostile,
  Intent: hostile,
  AlertUri: hostile,
  [hostile]: hostile,
  ExtendedProperties: {
    ...Object.fromEntries(hostileTexts.map((text, index) => [`${text} ${index}`, text])),
    ...Object(properties),
    "Actor (Client IP)": attacker,
    "User Agent": hostile,
    "Api Endpoint": `GET https://${serviceName}.azure-api.net/orders/1"/><x>{{y}}@(1)]]>'?q=<&"`,
  },
  Entities: [
    { $id: "1", Address: attacker, Type: "ip" },
    { $id: hostile, Address: hostile, Type: "ip" },
    { $id: "3", Type: hostile, Name: hostile, HostName: hostile, [hostile]: hostile },
  ],
  ResourceIdentifiers: [
    ...[resources].flat(),
    { $id: hostile, Type: hostile, AzureResourceId: `/subscriptions/${hostile}/resourceGroups/${hostile}` },
  ],
};

describe("an alert whose text is an attack itself", () => {
  it.each<[string, Json]>([
    ["in every field", hostileEverywhere],
    ["in a description of almost 1 MB", { Description: lots(almostOneMegabyte) }],
    ["in a title of almost 1 MB", { AlertDisplayName: lots(almostOneMegabyte) }],
    [
      "in a property of almost 1 MB, key and value",
      { ExtendedProperties: { ...Object(properties), "Actor (Client IP)": attacker, [lots(400_000)]: lots(400_000) } },
    ],
    [
      "in 5,000 entities",
      {
        Entities: Array.from({ length: 5_000 }, (_, index) => ({
          $id: `${index}`,
          Type: "ip",
          Address: "]]>@(1){{x}}",
        })),
        ExtendedProperties: { ...Object(properties), "Actor (Client IP)": attacker },
      },
    ],
  ])("%s, is answered like a plain one", async (_, changes) => {
    expect(await fragmentThatAnswers(raise(attacker, changes))).toBe(plain);
  });

  it("is answered like a plain one in the ARM shape and in a CloudEvent", async () => {
    const { payload, runId } = raise(attacker, hostileEverywhere);
    const body = Object.fromEntries(
      Object.entries(payload).map(([key, value]) => [key.charAt(0).toLowerCase() + key.slice(1), value]),
    );
    const arm = {
      id: hostile,
      name: hostile,
      type: "Microsoft.Security/Locations/alerts",
      properties: { ...body, timeGeneratedUtc: payload.TimeGenerated },
    };

    expect(await fragmentThatAnswers({ payload: arm, runId }, "cloudevents")).toBe(plain);
  });

  it("is refused, not broken, where its endpoint or its resource is nothing but an attack", async () => {
    const endpoint = raise(attacker, {
      ExtendedProperties: { ...Object(properties), "Actor (Client IP)": attacker, "Api Endpoint": hostile },
    });
    const resource = raise(attacker, {
      ResourceIdentifiers: [{ Type: "AzureResource", AzureResourceId: hostile }],
      ExtendedProperties: { "Actor (Client IP)": attacker, "Api Endpoint": `GET https://${hostile}` },
    });
    await publish(stack.topicUrl, [endpoint.payload, resource.payload]);

    for (const { runId } of [endpoint, resource]) {
      const run = await concluded(stack, runId);
      expect(run.decision.steps.map(({ verdict }) => verdict)).toEqual(["refuse"]);
      expect(run.outcomes).toEqual([]);
    }
    expect(await callApi(stack, attacker)).toBe(200);
  });

  it("is journaled as refused where the fields that make it an alert are nothing but an attack", async () => {
    const known = (await journal(stack)).length;
    const { payload } = raise(attacker);
    const attacks = ["SystemAlertId", "AlertType", "Severity", "Status", "StartTimeUtc"].map((field) => ({
      ...payload,
      TimeGenerated: field === "StartTimeUtc" ? hostile : payload.TimeGenerated,
      SystemAlertId: crypto.randomUUID(),
      [field]: field === "SystemAlertId" ? 7 : hostile,
    }));
    await publish(stack.topicUrl, [...attacks, hostile, [hostile], { [hostile]: hostile }]);
    const lines = await until("eight more lines in the journal", 10_000, async () => {
      const found = await journal(stack);
      return found.length >= known + 8 ? found : undefined;
    });

    const outcomes = lines.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === "refused")).toHaveLength(7);
    expect(
      outcomes.filter((outcome) => outcome === "ignored"),
      "no playbook answers an unknown type",
    ).toHaveLength(1);
  });

  // Runs last: everything above has been written to the log by then.
  it("forges no line of the host's log and sends no command to a terminal that shows it", () => {
    const log = stack.hostLog();
    expect(log).toContain("event taken");
    expect(log.split(/[\r\n\u0085\u2028\u2029]/).filter((line) => line.startsWith(forged))).toEqual([]);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(log).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    expect(log).not.toMatch(/^\[(error|critical)\]/m);
  });
});

/** The fragment while the alert's block stands; afterwards the block is gone again. */
async function fragmentThatAnswers({ payload, runId }: RaisedAlert, schema?: "cloudevents"): Promise<string> {
  await publish(stack.topicUrl, [payload], schema);
  const run = await concluded(stack, runId);
  expect(run.outcomes).toEqual([expect.objectContaining({ state: "verified" })]);
  expect(await callApi(stack, attacker)).toBe(403);
  const text = await fragment(stack);
  for (const { id } of await containments(stack)) {
    expect((await fetch(`${stack.hostUrl}/api/containments/${id}`, { method: "DELETE" })).status).toBe(202);
  }
  await until("the block to be gone", 10_000, async () => (await containments(stack)).length === 0 || undefined);
  expect(await callApi(stack, attacker)).toBe(200);
  return text;
}
