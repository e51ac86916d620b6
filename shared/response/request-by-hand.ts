import { createHash } from "node:crypto";
import * as z from "zod";
import type { Alert } from "../alerts/alert.ts";
import type { Entity } from "../alerts/entity.ts";
import { readAddress, readBlock } from "../alerts/ip-address.ts";
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
      ...(target === undefined
        ? {}
        : {
            target: {
              apiId: target.api,
              operationId: target.operation,
              subscriptionId: target.subscription,
              apiUserId: target.apiUser,
            },
          }),
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
  const { alert } = target;
  const entities = [...serviceOf(target, playbook, known), ...entitiesNamedBy(target, playbook)];
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
    references: alert ? referencesTo(alert) : {},
    raisedAt: at,
    entities,
    notes: [],
  };
}

/** A playbook that acts at API Management is about one service: the one that is named, or the only one there is. */
function serviceOf(target: NamedTarget, playbook: Playbook, known: readonly string[]): Entity[] {
  const [only, ...more] = known;
  const serviceId = target.service ?? only;
  const needed = target.service !== undefined || playbook.steps.some(({ responder }) => responder.startsWith("apim-"));
  if (!needed) return [];
  if (serviceId === undefined)
    throw new RunRefused("target.service: PORTCULLIS_API_MANAGEMENT names no API Management service");
  if (target.service === undefined && more.length > 0) {
    throw new RunRefused(`target.service: name one of ${known.join(", ")}`);
  }
  const parsed = parseArmId(serviceId);
  if (!parsed || !isApiManagementService(parsed))
    throw new RunRefused("target.service: not the ARM id of an API Management service");
  return [{ kind: "azure-resource", role: "victim", foundAt: "target.service", resourceId: serviceId }];
}

function entitiesNamedBy(target: NamedTarget, { steps }: Playbook): Entity[] {
  const entities: Entity[] = [];
  const attacker = { role: "attacker" as const };
  // Whom a playbook's steps call the attacker is one, here as well.
  const user = {
    role: steps.some(({ target: of }) => of === "attacker-user") ? ("attacker" as const) : ("victim" as const),
  };
  if (target.address !== undefined) {
    const read = target.address.includes("/") ? readBlock(target.address) : readAddress(target.address);
    if (!read) throw new RunRefused("target.address: not an IP address, nor an IPv4 block such as 203.0.113.0/24");
    entities.push({ kind: "ip", ...attacker, foundAt: "target.address", ...read });
  }
  if (target.machine !== undefined) {
    const id = /^[0-9a-f]{40}$/i.test(target.machine);
    if (!id && !target.machine.includes("."))
      throw new RunRefused("target.machine: neither a machine id (40 hexadecimal digits) nor a full DNS name");
    const machine = id ? { mdeDeviceId: target.machine.toLowerCase() } : { fqdn: target.machine.toLowerCase() };
    entities.push({ kind: "host", role: "victim", foundAt: "target.machine", ...machine });
  }
  if (target.user !== undefined) {
    const guid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(target.user);
    if (!guid && !target.user.includes("@"))
      throw new RunRefused("target.user: neither an object id nor a user principal name");
    entities.push({
      kind: "user",
      ...user,
      foundAt: "target.user",
      ...(guid ? { objectId: target.user } : { upn: target.user }),
    });
  }
  if (target.application !== undefined)
    entities.push({
      kind: "service-principal",
      ...attacker,
      foundAt: "target.application",
      objectId: target.application,
    });
  if (target.sha1 !== undefined)
    entities.push({ kind: "file", ...attacker, foundAt: "target.sha1", sha1: target.sha1 });
  if (target.domain !== undefined)
    entities.push({ kind: "domain", ...attacker, foundAt: "target.domain", domain: target.domain.toLowerCase() });
  if (target.url !== undefined) entities.push({ kind: "url", ...attacker, foundAt: "target.url", url: target.url });
  return entities;
}

function referencesTo({ product, id }: NonNullable<NamedTarget["alert"]>): Alert["references"] {
  switch (product) {
    case "defender-for-cloud":
      return { armId: id };
    case "graph-alert":
      return { graphId: id };
    case "graph-incident":
      return { incidentId: id };
  }
}
