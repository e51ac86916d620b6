import { expect } from "vitest";
import { topicKey } from "../../../local/scenarios/world.ts";
import { aPayload, read } from "../../support/an-alert.ts";

type Json = Record<string, unknown>;
export type EventSchema = "eventgrid" | "cloudevents";

export interface RaisedAlert {
  payload: Json;
  runId: string;
}

/** The Defender for APIs alert of the plays about another attacker, with an id of its own. */
export function raise(attacker: string, changes: Json = {}): RaisedAlert {
  const fixture = aPayload();
  const payload: Json = {
    ...fixture,
    SystemAlertId: `2516049539998765432_${crypto.randomUUID()}`,
    ExtendedProperties: { ...Object(fixture.ExtendedProperties), "Actor (Client IP)": attacker },
    Entities: [{ $id: "1", Address: attacker, Type: "ip" }],
    ...changes,
  };
  return { payload, runId: `respond-${read(payload).key}` };
}

/** Publishes each payload as one event of one publication. */
export async function publish(topicUrl: string, payloads: readonly unknown[], schema: EventSchema = "eventgrid") {
  const response = await fetch(topicUrl, {
    method: "POST",
    headers: {
      "aeg-sas-key": topicKey,
      "content-type": schema === "eventgrid" ? "application/json" : "application/cloudevents-batch+json; charset=utf-8",
    },
    body: JSON.stringify(payloads.map(schema === "eventgrid" ? toEventGridEvent : toCloudEvent)),
  });
  expect({ status: response.status, text: await response.text() }).toEqual({ status: 200, text: "" });
}

export function toEventGridEvent(data: unknown): Json {
  return {
    id: crypto.randomUUID(),
    eventType: "Portcullis.DefenderAlert",
    subject: "test",
    eventTime: new Date().toISOString(),
    dataVersion: "1",
    data,
  };
}

export function toCloudEvent(data: unknown): Json {
  return {
    specversion: "1.0",
    id: crypto.randomUUID(),
    type: "Portcullis.DefenderAlert",
    source: "/tests",
    time: new Date().toISOString(),
    datacontenttype: "application/json",
    data,
  };
}
