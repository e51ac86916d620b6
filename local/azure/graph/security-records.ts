import * as z from "zod";
import { refuseOtherQueries } from "./collection.ts";
import { GraphFailure } from "./graph-failure.ts";
import { asRead } from "./later-members.ts";
import { readBody } from "./request-body.ts";
import type { GraphCall, GraphRoute } from "./route.ts";
import type { GraphResource, GraphState } from "./state.ts";
import { change } from "./versions.ts";

/** A kind of object below `/security` that an analyst keeps: it has a status, a verdict, an owner, and comments. */
interface RecordKind {
  /** `Alert`: of which operation ids are made. */
  name: string;
  /** `alerts_v2` */
  path: string;
  list(state: GraphState): GraphResource[];
  read: readonly string[];
  write: readonly string[];
  changes: z.ZodType<Readonly<Record<string, unknown>>>;
  /** What Graph lets a caller change and is not played. */
  unplayed: readonly string[];
  /** What a change entails besides. */
  entails(changes: Readonly<Record<string, unknown>>, now: string): object;
}

export const readSecurityAlerts = ["SecurityAlert.Read.All", "SecurityAlert.ReadWrite.All"] as const;

const determinations = [
  ...["unknown", "apt", "malware", "securityPersonnel", "securityTesting", "unwantedSoftware", "other"],
  ...["multiStagedAttack", "compromisedUser", "phishing", "maliciousUserActivity", "clean", "insufficientData"],
  ...["confirmedUserActivity", "lineOfBusinessApplication"],
];
const classifications = ["unknown", "falsePositive", "truePositive", "informationalExpectedActivity"];
const notEmpty = (changes: object) => Object.keys(changes).length > 0;

/** https://learn.microsoft.com/graph/api/security-alert-update */
export const alertKind: RecordKind = {
  name: "Alert",
  path: "alerts_v2",
  list: (state) => state.alerts,
  read: readSecurityAlerts,
  write: ["SecurityAlert.ReadWrite.All"],
  changes: z
    .strictObject({
      status: z.enum(["new", "inProgress", "resolved"]),
      classification: z.enum(classifications),
      determination: z.enum(determinations),
      assignedTo: z.string().nullable(),
    })
    .partial()
    .refine(notEmpty),
  unplayed: ["customDetails"],
  entails: ({ status }, now) => (status === undefined ? {} : { resolvedDateTime: status === "resolved" ? now : null }),
};

/** The page's own example writes `TruePositive`, its table `truePositive`: either is taken, and kept as it was sent. */
const ofEitherCase = (members: readonly string[]) =>
  z.string().refine((text) => members.includes(text.charAt(0).toLowerCase() + text.slice(1)));

/**
 * https://learn.microsoft.com/graph/api/security-incident-update. `redirected` is set by the service, `awaitingAction` by Defender Experts.
 * Two determinations have another name there than on the page of the resource. Whether an incident that was merged into another can be
 * changed is documented nowhere: here it can, and the other one does not show it.
 */
export const incidentKind: RecordKind = {
  name: "Incident",
  path: "incidents",
  list: (state) => state.incidents ?? [],
  read: ["SecurityIncident.Read.All", "SecurityIncident.ReadWrite.All"],
  write: ["SecurityIncident.ReadWrite.All"],
  changes: z
    .strictObject({
      status: ofEitherCase(["active", "resolved", "inProgress"]),
      classification: ofEitherCase(classifications),
      determination: ofEitherCase([...determinations, "notMalicious", "notEnoughDataToValidate"]),
      assignedTo: z.string().nullable(),
      customTags: z.array(z.string()),
    })
    .partial()
    .refine(notEmpty),
  unplayed: ["description", "displayName", "resolvingComment", "severity", "summary"],
  entails: () => ({}),
};

const NewComment = z.strictObject({
  "@odata.type": z.literal(["microsoft.graph.security.alertComment", "#microsoft.graph.security.alertComment"]),
  comment: z.string().min(1),
});

const Comments = z.array(z.unknown()).catch([]);

/** One record by id, changing it, and commenting on it. */
export function securityRecordRoutes(kind: RecordKind): readonly GraphRoute[] {
  const path = `/security/${kind.path}/{id}`;

  function write(call: GraphCall, properties: Readonly<Record<string, unknown>>): GraphResource {
    const { state, now, params } = call;
    const record = find(kind, kind.list(state), params.id);
    return change(kind.list(state), record, { ...properties, lastUpdateDateTime: ticks(now) }, now);
  }

  return [
    {
      operationId: `Graph_Get${kind.name}`,
      method: "GET",
      path,
      permissions: kind.read,
      answer(call) {
        refuseOtherQueries(call.url, []);
        return asRead(find(kind, call.seen(kind.list(call.state)), call.params.id), call);
      },
    },
    {
      operationId: `Graph_Update${kind.name}`,
      method: "PATCH",
      path,
      permissions: kind.write,
      answer(call) {
        const { changes: schema, unplayed, name } = kind;
        find(kind, kind.list(call.state), call.params.id);
        const changes = readBody(call, { schema, resource: name, code: "BadRequest", unplayed });
        return asRead(write(call, { ...changes, ...kind.entails(changes, ticks(call.now)) }), call);
      },
    },
    {
      operationId: `Graph_Comment${kind.name}`,
      method: "POST",
      path: `${path}/comments`,
      permissions: kind.write,
      answer(call) {
        const record = find(kind, kind.list(call.state), call.params.id);
        const { comment } = readBody(call, { schema: NewComment, resource: "alertComment", code: "BadRequest" });
        const added = { comment, createdByDisplayName: call.app, createdDateTime: ticks(call.now) };
        const comments = [...Comments.parse(record.comments), added];
        const { id } = write(call, { comments });
        const context = `https://graph.microsoft.com/v1.0/$metadata#security/${kind.path}('${id}')/comments`;
        return { "@odata.context": context, value: comments };
      },
    },
  ];
}

function find({ name }: RecordKind, records: readonly GraphResource[], id: string | undefined): GraphResource {
  const record = records.find((one) => one.id === id);
  if (!record) throw new GraphFailure(404, "NotFound", `The requested ${name.toLowerCase()} was not found.`);
  return record;
}

/** Seven digits of a second, as /security writes them. */
function ticks(now: Date): string {
  return now.toISOString().replace("Z", "0000Z");
}
