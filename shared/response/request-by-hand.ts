import { createHash } from "node:crypto";
import * as z from "zod";
import type { Alert } from "../alerts/alert.ts";
import type { Entity } from "../alerts/entity.ts";
import { readAddress } from "../alerts/ip-address.ts";
import { readAlert } from "../alerts/read-alert.ts";
import { reasonOf } from "../alerts/reading.ts";
import { isApiManagementService, parseArmId } from "../arm-id.ts";
import { Duration } from "../duration.ts";
import { Mode } from "../mode.ts";
import type { Playbook } from "../playbooks/playbook.ts";
import { NamedTarget, type Request } from "./request.ts";

const RunBody = z
  .strictObject({
    alert: z.record(z.string(), z.unknown()).optional().describe("A Defender alert in any shape that Portcullis reads"),
    target: NamedTarget.optional().describe("What to contain, instead of an alert"),
    mode: Mode.default("observe").describe("observe shows the plan; enforce acts, if the installation may"),
    duration: Duration.optional().describe(
      "Shorter than the playbook's own, never longer than the installation allows",
    ),
  })
  .refine(({ alert, target }) => (alert === undefined) !== (target === undefined), "send either an alert or a target");

/** The body of a run by hand cannot be used; the message says what would be right. */
export class RunRefused extends Error {
  override readonly name = "RunRefused";
}

export interface ByHand {
  playbook: Playbook;
  body: unknown;
  /** Makes the run's id: the same key with the same body is the same run. */
  key: string;
  by: string;
  now: Date;
  /** ARM ids of the API Management services that may be written to. */
  known: readonly string[];
}

/** What a person asked for over HTTP as a request like an alert's. Throws {@link RunRefused}. */
export function requestByHand({ playbook, body, key, by, now, known }: ByHand): Request {
  const parsed = RunBody.safeParse(body);
  if (!parsed.success) {
    throw new RunRefused(
      parsed.error.issues.map(({ path, message }) => `${path.map(String).join(".") || "body"}: ${message}`).join("; "),
    );
  }
  const { alert: payload, target, mode, duration } = parsed.data;
  const runId = `run-${createHash("sha256")
    .update(JSON.stringify([playbook.name, key, parsed.data]))
    .digest("hex")
    .slice(0, 32)}`;
  const at = now.toISOString();
  return {
    runId,
    alert: target ? alertAbout(target, runId, playbook, at, known) : readPayload(payload),
    deliveredAt: at,
    byHand: {
      by,
      playbook: playbook.name,
      mode,
      ...(duration === undefined ? {} : { duration }),
      ...(target === undefined ? {} : { target: { apiId: target.api, operationId: target.operation } }),
    },
  };
}

function readPayload(payload: unknown): Alert {
  const reading = readAlert(payload);
  if ("alert" in reading) return reading.alert;
  throw new RunRefused(`alert: ${reasonOf(reading)}`);
}

function alertAbout(
  target: NamedTarget,
  runId: string,
  playbook: Playbook,
  at: string,
  known: readonly string[],
): Alert {
  const [only, ...more] = known;
  const serviceId = target.service ?? only;
  if (serviceId === undefined)
    throw new RunRefused("target.service: PORTCULLIS_API_MANAGEMENT names no API Management service");
  if (target.service === undefined && more.length > 0) {
    throw new RunRefused(`target.service: name one of ${known.join(", ")}`);
  }
  const parsed = parseArmId(serviceId);
  if (!parsed || !isApiManagementService(parsed))
    throw new RunRefused("target.service: not the ARM id of an API Management service");
  const entities: Entity[] = [
    { kind: "azure-resource", role: "victim", foundAt: "target.service", resourceId: serviceId },
  ];
  if (target.address !== undefined) {
    const read = readAddress(target.address);
    if (!read) throw new RunRefused("target.address: not an IP address");
    entities.push({ kind: "ip", role: "attacker", foundAt: "target.address", ...read });
  }
  return {
    key: runId,
    source: "by-hand",
    family: "target",
    productId: runId,
    type: "RunByHand",
    title: `${playbook.name}, run by hand`,
    description: "",
    severity: "Informational",
    status: "new",
    sample: false,
    incident: false,
    members: [],
    tactics: [],
    techniques: [],
    references: {},
    raisedAt: at,
    entities,
    notes: [],
  };
}
